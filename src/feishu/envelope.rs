//! The frame around every answer (contract §1.2, §11.2).

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// `{code, msg, data, error}`.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<'a> {
    /// 0 means success, whatever the HTTP status.
    pub(super) code: i64,
    /// May change at any time; shown, never parsed.
    #[serde(default)]
    pub(super) msg: Option<String>,
    #[serde(default, borrow)]
    pub(super) data: Option<&'a RawValue>,
    /// Any member of it may be missing or look otherwise, so it is read by hand.
    #[serde(default)]
    error: Option<Value>,
}

/// The frame around a success with a payload, of which the rest does not matter.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub(super) struct PlainSuccess<T> {
    pub(super) code: i64,
    pub(super) data: Option<Object<T>>,
}

/// Something that was written as a JSON object; serde by itself would take the same members from an array, too.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}

/// Details from the answer's `error` object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorDetails {
    /// What Feishu says about single fields.
    pub field_violations: Vec<FieldViolation>,
    /// The scopes that are missing.
    pub scopes: Vec<String>,
    /// Feishu's id of the exchange; spelled `logid` on one page and `log_id` in practice.
    pub log_id: Option<String>,
}

/// One of Feishu's complaints about a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Feishu's path: `task_list[0].status`.
    pub field: String,
    /// Feishu's words.
    pub description: String,
}

/// Longest list that is taken over from an answer.
const MAX_ENTRIES: usize = 100;

/// Longest text that is taken over from an answer, in characters.
pub(super) const MAX_TEXT: usize = 500;

impl Envelope<'_> {
    pub(super) fn details(&self) -> ErrorDetails {
        let Some(error) = &self.error else { return ErrorDetails::default() };
        let entries =
            |name: &str| error.get(name).and_then(Value::as_array).into_iter().flatten().take(MAX_ENTRIES);
        let text = |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).map(shorten);
        let field_violations = entries("field_violations")
            .filter_map(|entry| {
                let description = text(entry, "description").unwrap_or_default();
                Some(FieldViolation { field: text(entry, "field")?, description })
            })
            .collect();
        // `{type, subject}` in practice, `{scope, url}` on one page.
        let scopes = entries("permission_violations")
            .filter_map(|entry| text(entry, "subject").or_else(|| text(entry, "scope")))
            .collect();
        let log_id = text(error, "log_id").or_else(|| text(error, "logid"));
        ErrorDetails { field_violations, scopes, log_id }
    }
}

/// The beginning of a text that somebody else wrote.
pub(super) fn shorten(text: &str) -> String {
    let end = text.char_indices().nth(MAX_TEXT).map_or(text.len(), |(end, _)| end);
    text[..end].to_owned()
}
