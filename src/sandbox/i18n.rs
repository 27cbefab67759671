//! Texts behind keys: how they are stored, how they grow, and what a reader in some locale sees (contract §1.5).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::switches::ResourcesUnderUpdate;

/// The texts of one locale, as they are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Resource {
    pub(super) locale: String,
    pub(super) is_default: bool,
    pub(super) texts: Vec<Text>,
}

/// One key with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    pub(super) key: String,
    pub(super) value: String,
}

/// One text in every locale that has one.
pub(super) type Translations = BTreeMap<String, String>;

/// The resources of one document, indexed for reading.
pub(super) struct Lexicon<'a> {
    by_locale: Vec<(&'a str, bool, HashMap<&'a str, &'a str>)>,
}

impl<'a> Lexicon<'a> {
    /// Indexes resources; of a key that a locale has twice the last text counts (our choice).
    pub(super) fn new(resources: &'a [Resource]) -> Self {
        let by_locale = resources
            .iter()
            .map(|Resource { locale, is_default, texts }| {
                let texts = texts.iter().map(|text| (text.key.as_str(), text.value.as_str())).collect();
                (locale.as_str(), *is_default, texts)
            })
            .collect();
        Self { by_locale }
    }

    /// What a reader in `locale` sees: the locale's text, else the default's, else the bare key.
    pub(super) fn read(&self, key: &str, locale: Option<&str>) -> String {
        let in_locale = self
            .by_locale
            .iter()
            .filter(|(known, ..)| locale == Some(*known))
            .find_map(|(_, _, texts)| texts.get(key));
        let in_default = self
            .by_locale
            .iter()
            .filter(|(_, is_default, _)| *is_default)
            .find_map(|(_, _, texts)| texts.get(key));
        in_locale.or(in_default).map_or_else(|| key.to_owned(), |text| (*text).to_owned())
    }

    /// What readers see, for every locale of the document; empty when no locale knows the key.
    pub(super) fn everywhere(&self, key: &str) -> Translations {
        let is_known = self.by_locale.iter().any(|(_, _, texts)| texts.contains_key(key));
        self.by_locale
            .iter()
            .filter(|_| is_known)
            .map(|(locale, ..)| ((*locale).to_owned(), self.read(key, Some(locale))))
            .collect()
    }
}

/// What an `UPDATE` does to the resources of an earlier push, one way or the other (not documented).
pub(super) fn update(stored: &mut Vec<Resource>, sent: Vec<Resource>, how: ResourcesUnderUpdate) {
    if how == ResourcesUnderUpdate::Replace {
        *stored = sent;
        return;
    }
    if sent.iter().any(|resource| resource.is_default) {
        for resource in stored.iter_mut() {
            resource.is_default = false;
        }
    }
    for resource in sent {
        match stored.iter_mut().find(|known| known.locale == resource.locale) {
            None => stored.push(resource),
            Some(known) => {
                known.is_default |= resource.is_default;
                merge_texts(&mut known.texts, resource.texts);
            }
        }
    }
}

fn merge_texts(stored: &mut Vec<Text>, sent: Vec<Text>) {
    let places: HashMap<String, usize> =
        stored.iter().enumerate().map(|(place, text)| (text.key.clone(), place)).collect();
    for text in sent {
        match places.get(&text.key) {
            Some(place) => stored[*place].value = text.value,
            None => stored.push(text),
        }
    }
}
