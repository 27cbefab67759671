//! One line of an import: a flat instance that may say its mode beside its own members.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::raw_object::Object;
use crate::domain::{Mode, Violation, Word as _};
use crate::support::suggestion::did_you_mean;

/// The member that is none of the document's.
const MODE: &str = "mode";

/// A line of an import, before its document is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportLine<'a> {
    /// The instance that it names.
    pub instance_id: Option<String>,
    /// How it wants to be pushed.
    pub mode: Option<Mode>,
    /// The document without the mode.
    pub document: Cow<'a, [u8]>,
    /// What is wrong with the mode.
    pub violation: Option<Violation>,
}

/// What has to be known of a line before its document can be read.
#[derive(Debug, Default, Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    instance_id: Option<&'a RawValue>,
    /// There, even if it is `null`.
    #[serde(borrow, default, deserialize_with = "given")]
    mode: Option<&'a RawValue>,
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// Takes the mode out of a line. A line that is no object is left to the reader of documents, which says what is wrong.
pub fn read_import_line(line: &[u8]) -> ImportLine<'_> {
    let head: Head<'_> = serde_json::from_slice(line).unwrap_or_default();
    let instance_id = head.instance_id.and_then(|id| serde_json::from_str(id.get()).ok());
    let document = match head.mode {
        Some(_) => without_mode(line).map_or(Cow::Borrowed(line), Cow::Owned),
        None => Cow::Borrowed(line),
    };
    let mode = head.mode.map(RawValue::get).filter(|mode| !matches!(*mode, "null" | "\"\""));
    let (mode, violation) = match mode.map(word) {
        None => (None, None),
        Some(Ok(mode)) => (Some(mode), None),
        Some(Err(violation)) => (None, Some(violation)),
    };
    ImportLine { instance_id, mode, document, violation }
}

fn word(json: &str) -> Result<Mode, Violation> {
    let Ok(word) = serde_json::from_str::<String>(json) else {
        return Err(Violation::body("/mode", "type", "must be a string"));
    };
    Mode::parse(&word).ok_or_else(|| {
        let words: Vec<_> = Mode::ALL.iter().map(|mode| mode.as_str()).collect();
        let hint = did_you_mean(&word, words.iter().copied());
        let violation =
            Violation::body("/mode", "unknown_value", format!("must be one of: {}", words.join(", ")));
        Violation { hint, ..violation }
    })
}

fn without_mode(line: &[u8]) -> Option<Vec<u8>> {
    let mut members: Object<'_> = serde_json::from_slice(line).ok()?;
    members.remove(MODE);
    serde_json::to_vec(&members).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn read(line: &str) -> (Option<String>, Option<Mode>, String, Option<&'static str>) {
        let ImportLine { instance_id, mode, document, violation } = read_import_line(line.as_bytes());
        let document = String::from_utf8(document.into_owned()).unwrap();
        (instance_id, mode, document, violation.map(|violation| violation.code))
    }

    fn some(id: &str) -> Option<String> {
        Some(id.to_owned())
    }

    #[test_case(r#"{"instance_id":"a","n":1.50}"# => (some("a"), None, r#"{"instance_id":"a","n":1.50}"#.to_owned(), None); "without a mode it is the document as it is")]
    #[test_case(r#"{"mode":"update","instance_id":"a", "n":1.50}"# => (some("a"), Some(Mode::Update), r#"{"instance_id":"a","n":1.50}"#.to_owned(), None); "the mode is taken out")]
    #[test_case(r#"{"instance_id":"a","mode":null}"# => (some("a"), None, r#"{"instance_id":"a"}"#.to_owned(), None); "null is no mode")]
    #[test_case(r#"{"instance_id":"a","mode":""}"# => (some("a"), None, r#"{"instance_id":"a"}"#.to_owned(), None); "nor is an empty text")]
    #[test_case(r#"{"instance_id":"a","mode":"replce"}"# => (some("a"), None, r#"{"instance_id":"a"}"#.to_owned(), Some("unknown_value")); "another word")]
    #[test_case(r#"{"mode":1}"# => (None, None, "{}".to_owned(), Some("type")); "no text")]
    #[test_case(r#"{"instance_id":7}"# => (None, None, r#"{"instance_id":7}"#.to_owned(), None); "an id that is no text is left to the reader")]
    #[test_case("{\"mode\":\"update\"" => (None, None, "{\"mode\":\"update\"".to_owned(), None); "broken JSON is left to the reader")]
    #[test_case("[]" => (None, None, "[]".to_owned(), None); "no object")]
    fn lines(line: &str) -> (Option<String>, Option<Mode>, String, Option<&'static str>) {
        read(line)
    }
}
