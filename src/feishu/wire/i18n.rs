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

wire! {
    /// `i18n_resources[]` of a message.
    pub struct MapResource<'a> {
        /// The locale's word.
        pub locale: &'static str,
        /// Whether the others fall back to this one.
        pub is_default: bool,
        /// A map here, never an array (contract §1.5).
        pub texts: TextMap<'a>,
    }
}

/// Wordings by their keys.
pub struct TextMap<'a>(pub Vec<(I18nKey, &'a str)>);

impl Wire<'_> for TextMap<'_> {
    fn write(&self, out: &mut Writer<'_>) {
        let start = out.json.len();
        for (key, wording) in &self.0 {
            out.json.push(b',');
            key.write(out);
            out.json.push(b':');
            wording.write(out);
        }
        out.enclose(start, b"{}");
    }
}

impl<'a> From<Wordings<'a>> for MapResource<'a> {
    fn from(Wordings { locale, is_default, texts }: Wordings<'a>) -> Self {
        Self { locale: locale.as_str(), is_default, texts: TextMap(texts) }
    }
}

impl<'a> From<Wordings<'a>> for Resource<'a> {
    fn from(wordings: Wordings<'a>) -> Self {
        let Wordings { locale, is_default, texts } = wordings;
        let texts = texts.into_iter().map(|(key, value)| ResourceText { key, value }).collect();
        Self { locale: locale.as_str(), is_default, texts }
    }
}
