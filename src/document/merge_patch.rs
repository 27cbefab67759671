//! JSON Merge Patch (RFC 7396).

use serde_json::{Map, Value};

use super::embedded::Embedded;
use super::json::Json;
use super::{Rejection, text};
use crate::domain::Violation;

/// Changes to a JSON object: members that are named take the place of what is there, `null` removes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergePatch(Map<String, Value>);

impl MergePatch {
    /// Reads a patch. What it makes of a document is for the reader of that document to say.
    ///
    /// # Errors
    /// For bytes that are no JSON, and for what is no object, names a member twice or is nested too deep.
    pub fn read(body: &[u8]) -> Result<Self, Rejection> {
        let text = text(body)?;
        let mut json = Json::new(text);
        let read = json.skip().and_then(|()| json.end());
        read.map_err(|wrong| Rejection::NotJson(wrong.in_words(text)))?;
        let refused = |code, detail| Rejection::Invalid(vec![Violation::body("", code, detail)]);
        let text = text.trim_ascii();
        if !text.starts_with('{') {
            return Err(refused("type", "must be an object".to_owned()));
        }
        Embedded::new(text).map_err(|wrong| refused(wrong.code(), wrong.to_string()))?;
        serde_json::from_str(text).map(Self).map_err(|wrong| Rejection::NotJson(wrong.to_string()))
    }

    /// The word that the patch writes into a member of the object itself.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Whether the patch speaks of a member.
    pub fn names(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether the patch would give a member another value than this one.
    pub fn changes(&self, name: &str, value: &Value) -> bool {
        self.0.get(name).is_some_and(|change| change != value)
    }

    /// Leaves a member as it is, whatever the patch says of it.
    pub fn ignore(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// What becomes of a document.
    #[must_use]
    pub fn apply(self, document: Value) -> Value {
        merged(document, Value::Object(self.0))
    }
}

/// RFC 7396 §2. The patch is bounded in depth, and so is this.
fn merged(target: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else { return patch };
    let mut members = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, change) in patch {
        if change.is_null() {
            members.remove(&name);
        } else {
            let before = members.remove(&name).unwrap_or_default();
            members.insert(name, merged(before, change));
        }
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    // The table of RFC 7396, appendix A, as far as patches are objects.
    #[test_case(json!({"a":"b"}), r#"{"a":"c"}"# => json!({"a":"c"}); "replaces")]
    #[test_case(json!({"a":"b"}), r#"{"b":"c"}"# => json!({"a":"b","b":"c"}); "adds")]
    #[test_case(json!({"a":"b"}), r#"{"a":null}"# => json!({}); "removes")]
    #[test_case(json!({"a":"b","b":"c"}), r#"{"a":null}"# => json!({"b":"c"}); "removes one")]
    #[test_case(json!({"a":["b"]}), r#"{"a":"c"}"# => json!({"a":"c"}); "replaces an array")]
    #[test_case(json!({"a":"c"}), r#"{"a":["b"]}"# => json!({"a":["b"]}); "replaces by an array")]
    #[test_case(json!({"a":{"b":"c"}}), r#"{"a":{"b":"d","c":null}}"# => json!({"a":{"b":"d"}}); "goes inside")]
    #[test_case(json!({"a":[{"b":"c"}]}), r#"{"a":[1]}"# => json!({"a":[1]}); "arrays are replaced whole")]
    #[test_case(json!({"e":null}), r#"{"a":1}"# => json!({"e":null,"a":1}); "a null that was there stays")]
    #[test_case(json!([1,2]), r#"{"a":"b","c":null}"# => json!({"a":"b"}); "on what is no object")]
    #[test_case(json!({}), r#"{"a":{"bb":{"ccc":null}}}"# => json!({"a":{"bb":{}}}); "nulls inside what is new")]
    fn applied(document: Value, patch: &str) -> Value {
        MergePatch::read(patch.as_bytes()).unwrap().apply(document)
    }

    #[test_case("[]" => "type"; "an array")]
    #[test_case("null" => "type"; "null")]
    #[test_case(r#"{"a":1,"a":2}"# => "duplicate_field"; "a member twice")]
    #[test_case("{" => "not json"; "half of an object")]
    fn refused(patch: &str) -> String {
        match MergePatch::read(patch.as_bytes()).unwrap_err() {
            Rejection::NotJson(_) => "not json".to_owned(),
            Rejection::Invalid(violations) => violations[0].code.to_owned(),
        }
    }
}
