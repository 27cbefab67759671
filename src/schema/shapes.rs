//! The shapes of plain values.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Constraints, LONGEST_TEXT, Schemas, Shape};
use crate::domain::{LONGEST_TIME, Timestamp, Word};

/// The shape of a string.
pub fn text(constraints: &Constraints) -> Value {
    let mut shape = json!({ "type": "string", "maxLength": constraints.max_length });
    if constraints.required && !constraints.may_be_empty {
        shape["minLength"] = 1.into();
    }
    if let Some(words) = constraints.words {
        // Not an `enum`: a client must not break when Feishu invents a word (design §2).
        shape["x-extensible-enum"] = words().into_iter().map(|(word, _)| word).collect();
    }
    shape
}

/// The shape of an RFC 3339 time.
pub fn time() -> Value {
    json!({ "type": "string", "format": "date-time", "maxLength": LONGEST_TIME })
}

/// The shape of an array.
pub fn list(constraints: &Constraints, items: &Value) -> Value {
    json!({ "type": "array", "items": items, "maxItems": constraints.max_items })
}

/// The shape of a free-form object.
pub fn object() -> Value {
    json!({ "type": "object", "additionalProperties": true })
}

/// The named schema of a closed vocabulary.
pub fn vocabulary<W: Word>(schemas: &mut Schemas) -> Value {
    if !schemas.contains_key(W::NAME) {
        let words: Vec<_> = W::ALL.iter().map(|word| word.as_str()).collect();
        let meanings: String =
            W::ALL.iter().map(|word| format!("\n- `{}`: {}", word.as_str(), word.meaning())).collect();
        let mut schema =
            json!({ "type": "string", "enum": words, "description": format!("One of:{meanings}") });
        schema["examples"] = words.first().copied().into_iter().collect();
        schemas.insert(W::NAME.to_owned(), schema);
    }
    json!({ "$ref": format!("#/components/schemas/{}", W::NAME) })
}

/// The words of a vocabulary and what they mean.
pub fn words<W: Word>() -> Vec<(&'static str, &'static str)> {
    W::ALL.iter().map(|word| (word.as_str(), word.meaning())).collect()
}

/// The same, and that there may be others.
pub fn open_words<W: Word>() -> Vec<(&'static str, &'static str)> {
    let mut words = words::<W>();
    words.push(("other", "A word that Feishu has invented since; the member with the suffix `_raw` has it."));
    words
}

impl Shape for String {
    fn shape(constraints: &Constraints, _: &mut Schemas) -> Value {
        text(constraints)
    }
}

impl Shape for &'static str {
    fn shape(constraints: &Constraints, _: &mut Schemas) -> Value {
        text(constraints)
    }
}

impl Shape for bool {
    fn shape(_: &Constraints, _: &mut Schemas) -> Value {
        json!({ "type": "boolean" })
    }
}

impl Shape for u32 {
    fn shape(_: &Constraints, _: &mut Schemas) -> Value {
        json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": u32::MAX })
    }
}

impl Shape for u16 {
    fn shape(_: &Constraints, _: &mut Schemas) -> Value {
        json!({ "type": "integer", "format": "int32", "minimum": 0, "maximum": u16::MAX })
    }
}

impl Shape for i64 {
    fn shape(_: &Constraints, _: &mut Schemas) -> Value {
        json!({ "type": "integer", "format": "int64" })
    }
}

impl Shape for Timestamp {
    fn shape(_: &Constraints, _: &mut Schemas) -> Value {
        time()
    }
}

impl Shape for Box<RawValue> {
    fn shape(_: &Constraints, _: &mut Schemas) -> Value {
        object()
    }
}

impl<T: Shape> Shape for Option<T> {
    fn shape(constraints: &Constraints, schemas: &mut Schemas) -> Value {
        // Absent, never null.
        T::shape(constraints, schemas)
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn shape(constraints: &Constraints, schemas: &mut Schemas) -> Value {
        let items =
            T::shape(&Constraints { max_length: LONGEST_TEXT, required: false, ..*constraints }, schemas);
        list(constraints, &items)
    }
}

impl<T: Shape> Shape for std::collections::BTreeMap<String, T> {
    fn shape(constraints: &Constraints, schemas: &mut Schemas) -> Value {
        json!({ "type": "object", "additionalProperties": T::shape(constraints, schemas) })
    }
}
