//! Gives every visible text its key and collects the wordings.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::I18nKey;
use crate::domain::{Locale, Text, Translations};

/// What the texts of a document read like in one locale.
pub(super) struct Wordings<'a> {
    pub(super) locale: Locale,
    /// Whether the others fall back to this one.
    pub(super) is_default: bool,
    pub(super) texts: Vec<(I18nKey, &'a str)>,
}

/// The texts of one document.
///
/// Keys are content-addressed: a key is a hash of the default locale and of every (locale, wording) behind it. A later
/// push can therefore never re-label what an earlier one left in Feishu, whether Feishu merges or replaces resources
/// under `update` (contract §1.5, §4.4: unknown).
pub(super) struct Texts<'a> {
    translations: &'a Translations<'a>,
    keys: HashMap<&'a str, I18nKey>,
    default: Wordings<'a>,
    /// One for each catalogue, in its order.
    others: Vec<Wordings<'a>>,
    /// What one text reads like in each of them; kept for its space only.
    wordings: Vec<Option<&'a str>>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(default: Locale, translations: &'a Translations<'a>) -> Self {
        let empty = |locale: Locale, is_default| Wordings { locale, is_default, texts: Vec::new() };
        Self {
            translations,
            keys: HashMap::new(),
            default: empty(default, true),
            others: translations.catalogues.iter().map(|(locale, _)| empty(*locale, false)).collect(),
            wordings: Vec::new(),
        }
    }

    /// The key of a text; its wordings are collected at first sight.
    pub(super) fn key(&mut self, text: &'a Text<'a>) -> I18nKey {
        let source = text.as_str();
        if let Some(key) = self.keys.get(source) {
            return *key;
        }
        let mut hash = KeyHash::new(self.default.locale.as_str(), source);
        self.wordings.clear();
        for (locale, catalogue) in &self.translations.catalogues {
            let wording = catalogue.get(source).map(AsRef::as_ref);
            if let Some(wording) = wording {
                hash.add(locale.as_str(), wording);
            }
            self.wordings.push(wording);
        }
        let key = hash.finish();
        for (other, wording) in self.others.iter_mut().zip(&self.wordings) {
            if let Some(value) = *wording {
                other.texts.push((key, value));
            }
        }
        self.default.texts.push((key, source));
        self.keys.insert(source, key);
        key
    }

    /// Hands over what was collected: that of the default locale, even when empty, and of those others that have any.
    pub(super) fn take_wordings(&mut self) -> Vec<Wordings<'a>> {
        let Wordings { locale, is_default, ref mut texts } = self.default;
        let default = Wordings { locale, is_default, texts: std::mem::take(texts) };
        let others = self.others.drain(..).filter(|other| !other.texts.is_empty());
        std::iter::once(default).chain(others).collect()
    }
}

/// A hash over (locale, wording) pairs.
///
/// SHA-256, although a document needs one for every text: what people write decides what is hashed, and nobody must be
/// able to write a text that takes over the key of another. A hash that is faster needs a secret for that, which
/// gateways would have to share.
struct KeyHash(Sha256);

/// Ends each part and keeps pairs apart: no UTF-8 text has this byte.
const END: [u8; 1] = [0xFF];

impl KeyHash {
    fn new(default_locale: &str, wording: &str) -> Self {
        let mut hash = Self(Sha256::new());
        hash.add(default_locale, wording);
        hash
    }

    fn add(&mut self, locale: &str, wording: &str) {
        for part in [locale, wording] {
            self.0.update(part.as_bytes());
            self.0.update(END);
        }
    }

    fn finish(self) -> I18nKey {
        let digest = self.0.finalize();
        let mut short = [0; 15];
        short.copy_from_slice(&digest[..15]);
        I18nKey::from_hash(short)
    }
}
