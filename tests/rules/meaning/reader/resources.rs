//! `i18n_resources` (contract §1.5): which key reads how in which locale.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Brand;
use super::fields::Fields;
use crate::meaning::model::Text;

/// Contract §3.1: the newest page's minimum length of a key, in characters.
const MIN_KEY: usize = 9;

/// Every wording behind a key, by locale, and which of the locales is the default.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wordings {
    pub default_locale: String,
    pub by_locale: BTreeMap<String, String>,
}

/// The texts of one payload.
pub(crate) struct Resources {
    pub default_locale: String,
    /// Locale, and text by key.
    locales: Vec<(String, BTreeMap<String, String>)>,
    used: RefCell<BTreeSet<String>>,
}

impl Resources {
    pub(crate) fn read(payload: &mut Fields<'_>, brand: &Brand) -> Self {
        const NAME: &str = "i18n_resources";
        let mut locales = Vec::new();
        let mut defaults = Vec::new();
        let resources = payload.objects(NAME, usize::MAX);
        for mut resource in payload.required(NAME, resources) {
            let locale = resource.string("locale");
            let locale = resource.required("locale", locale);
            if !brand.locales.contains(&locale.as_str()) {
                resource.fault("locale", "is no locale of the documents");
            }
            if locales.iter().any(|(known, _)| *known == locale) {
                resource.fault("locale", "has another resource already");
            }
            let is_default = resource.flag("is_default");
            if resource.required("is_default", is_default) {
                defaults.push(locale.clone());
            }
            let texts = read_texts(&mut resource);
            locales.push((locale, texts));
            resource.finish();
        }
        if defaults.len() != 1 {
            payload.fault(NAME, "must have exactly one default");
        }
        let default_locale = defaults.pop().unwrap_or_default();
        Self { default_locale, locales, used: RefCell::default() }
    }

    /// The text behind the key in an (i18n) field.
    pub(crate) fn text(&self, fields: &mut Fields<'_>, name: &'static str) -> Option<Text> {
        let key = fields.string(name)?;
        let wordings = self.wordings(&key);
        self.used.borrow_mut().insert(key);
        let Some(wording) = wordings.by_locale.get(&self.default_locale).cloned() else {
            fields.fault(name, "is no key of the default resource");
            return None;
        };
        Some(Text::new(&wording, wordings.by_locale))
    }

    /// Every key and its wordings; a key that no field used is a fault.
    pub(crate) fn finish(self, payload: &Fields<'_>) -> BTreeMap<String, Wordings> {
        let keys: BTreeSet<_> = self.locales.iter().flat_map(|(_, texts)| texts.keys()).cloned().collect();
        for unused in keys.difference(&self.used.borrow()) {
            payload.fault("i18n_resources", &format!("no field uses {unused}"));
        }
        keys.into_iter().map(|key| (key.clone(), self.wordings(&key))).collect()
    }

    fn wordings(&self, key: &str) -> Wordings {
        let known = self.locales.iter().filter_map(|(locale, texts)| Some((locale, texts.get(key)?)));
        Wordings {
            default_locale: self.default_locale.clone(),
            by_locale: known.map(|(locale, text)| (locale.clone(), text.clone())).collect(),
        }
    }
}

fn read_texts(resource: &mut Fields<'_>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let entries = resource.objects("texts", usize::MAX);
    for mut entry in resource.required("texts", entries) {
        let key = entry.string("key");
        let key = entry.required("key", key);
        if !key.starts_with("@i18n@") || key.chars().count() < MIN_KEY {
            entry.fault("key", "must start with @i18n@ and have nine characters");
        }
        let value = entry.string("value");
        let value = entry.required("value", value);
        if texts.insert(key, value).is_some() {
            entry.fault("key", "occurs twice in its resource");
        }
        entry.finish();
    }
    texts
}
