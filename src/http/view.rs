//! How values of Feishu's are shown: one vocabulary, JSON as JSON, nothing that is unknown.

use serde_json::value::RawValue;

use crate::domain::{FeishuWord, Known};
use crate::feishu::wire::Loose;
use crate::schema::shown;

/// A word of our vocabulary, or `other` with Feishu's own word beside it (design §2).
#[derive(Debug, Default)]
pub(super) struct WordView {
    /// Ours.
    pub(super) word: Option<&'static str>,
    /// Feishu's, when ours is `other`.
    pub(super) raw: Option<String>,
}

impl WordView {
    /// The view of a field that holds a word.
    pub(super) fn of<W: FeishuWord>(field: &Loose) -> Self {
        field.word::<W>().map(Self::from).unwrap_or_default()
    }
}

impl<W: FeishuWord> From<Known<W>> for WordView {
    fn from(known: Known<W>) -> Self {
        match known {
            Known::Word(word) => Self { word: Some(word.as_str()), raw: None },
            Known::Other(raw) => Self { word: Some("other"), raw: Some(raw) },
        }
    }
}

shown! {
    /// `extra`, parsed back from its string.
    pub(super) struct ExtraView {
        /// What was pushed as `extra`; members and numbers as they were.
        extra: Option<Box<RawValue>> { example: "{\"business_key\":\"LEAVE-1001\"}" },
        /// The string that Feishu has, when it holds no JSON object.
        extra_raw: Option<String> { example: "\"not json\"" },
        /// The document's number inside `extra`.
        business_key: Option<String> { example: "\"LEAVE-1001\"" },
    }
}

impl ExtraView {
    /// The view of a stringified object.
    pub(super) fn of(field: Loose) -> Self {
        #[derive(serde::Deserialize)]
        struct Keyed {
            business_key: Option<String>,
        }
        let Some(text) = field.0 else { return Self { extra: None, extra_raw: None, business_key: None } };
        // A whole value first, because only that proves the text to be JSON to its end.
        match serde_json::from_str::<Box<RawValue>>(&text) {
            Ok(extra) if text.trim_start().starts_with('{') => {
                let business_key =
                    serde_json::from_str::<Keyed>(&text).ok().and_then(|keyed| keyed.business_key);
                Self { extra: Some(extra), extra_raw: None, business_key }
            }
            _ => Self { extra: None, extra_raw: Some(text), business_key: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(r#"{"b":1.50,"business_key":"k"}"# => r#"{"extra":{"b":1.50,"business_key":"k"},"business_key":"k"}"#; "an object")]
    #[test_case(r#"{"business_key":7}"# => r#"{"extra":{"business_key":7}}"#; "a key that is no string")]
    #[test_case("{}" => r#"{"extra":{}}"#; "empty object")]
    #[test_case("[1]" => r#"{"extra_raw":"[1]"}"#; "no object")]
    #[test_case("{oops" => r#"{"extra_raw":"{oops"}"#; "no JSON")]
    #[test_case("" => "{}"; "nothing")]
    fn extra(text: &str) -> String {
        let field = Loose((!text.is_empty()).then(|| text.to_owned()));
        serde_json::to_string(&ExtraView::of(field)).unwrap()
    }
}
