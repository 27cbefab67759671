//! Keys and wordings of visible texts, as they are written (contract §1.5).

use super::I18nKey;
use super::json::{Wire, Writer, wire};
use super::texts::Wordings;

impl Wire<'_> for I18nKey {
    fn write(&self, out: &mut Writer<'_>) {
        out.json.push(b'"');
        out.json.extend_from_slice(self.as_bytes());
        out.json.push(b'"');
    }
}

wire! {
    /// `i18n_resources[]`.
    pub struct Resource<'a> {
        /// The locale's word.
        pub locale: &'static str,
        /// Whether the others fall back to this one.
        pub is_default: bool,
        /// Array in v4, never a map (contract §1.5).
        pub texts: Vec<ResourceText<'a>>,
    }
}

wire! {
    /// `i18n_resources[].texts[]`.
    pub struct ResourceText<'a> {
        /// The key that fields carry.
        pub key: I18nKey,
        /// What people read.
        pub value: &'a str,
    }
}

impl<'a> From<Wordings<'a>> for Resource<'a> {
    fn from(wordings: Wordings<'a>) -> Self {
        let Wordings { locale, is_default, texts } = wordings;
        let texts = texts.into_iter().map(|(key, value)| ResourceText { key, value }).collect();
        Self { locale: locale.as_str(), is_default, texts }
    }
}
