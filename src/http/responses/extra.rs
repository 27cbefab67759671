//! `extra` of instances, tasks and copies: JSON as JSON.

use serde_json::value::RawValue;

use crate::feishu::wire::Loose;
use crate::schema::shown;

shown! {
    /// `extra`, parsed back from its string.
    pub(super) struct Extra {
        /// What was pushed as `extra`; members and numbers as they were.
        extra: Option<Box<RawValue>> { example: "{\"business_key\":\"LEAVE-1001\"}" },
        /// The string that Feishu has, when it holds no JSON object.
        extra_raw: Option<String> { example: "\"not json\"" },
        /// The document's number inside `extra`.
        business_key: Option<String> { example: "\"LEAVE-1001\"" },
    }
}

impl Extra {
    /// Parses a stringified object.
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
        serde_json::to_string(&Extra::of(field)).unwrap()
    }
}
