//! What can be asked for in paths, queries and headers.

use serde_json::{Value, json};

use crate::document::MOST_PER_MINUTE;
use crate::domain::Word;
use crate::http::cursor::LONGEST_CURSOR;
use crate::http::extract::MOST_VALUES;
use crate::schema::{Schemas, shapes};

/// No text of a URI is longer than the URI, of which 64 KiB are read; a character may take twelve bytes of them.
const LONGEST_TEXT: usize = 64 << 10;

/// One parameter.
pub(in crate::http) struct Parameter {
    place: &'static str,
    name: &'static str,
    description: &'static str,
    required: bool,
    example: Value,
    schema: fn(&mut Schemas) -> Value,
}

impl Parameter {
    pub(in crate::http) fn described(&self, schemas: &mut Schemas) -> Value {
        let schema = (self.schema)(schemas);
        let mut described = json!({
            "name": self.name,
            "in": self.place,
            "required": self.required,
            "description": self.description,
            "schema": schema,
        });
        if !self.example.is_null() {
            described["example"] = self.example.clone();
        }
        if schema.get("type").is_some_and(|kind| kind == "array") {
            described["style"] = "form".into();
            described["explode"] = true.into();
        }
        described
    }

    /// Makes the parameter a required one.
    pub(in crate::http) fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

fn parameter(
    place: &'static str,
    name: &'static str,
    description: &'static str,
    example: impl Into<Value>,
    schema: fn(&mut Schemas) -> Value,
) -> Parameter {
    Parameter { place, name, description, required: place == "path", example: example.into(), schema }
}

fn word(_: &mut Schemas) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_TEXT })
}

fn words(_: &mut Schemas) -> Value {
    json!({ "type": "array", "items": { "type": "string", "minLength": 1, "maxLength": LONGEST_TEXT }, "maxItems": MOST_VALUES })
}

fn vocabularies<W: Word>(schemas: &mut Schemas) -> Value {
    json!({ "type": "array", "items": shapes::vocabulary::<W>(schemas), "maxItems": MOST_VALUES })
}

/// A segment of the path.
pub(in crate::http) fn path(
    name: &'static str,
    description: &'static str,
    example: &'static str,
) -> Parameter {
    parameter("path", name, description, example, word)
}

/// The id of an instance in the path.
pub(in crate::http) fn instance_id() -> Parameter {
    let description = "Your id of the instance as it is; whatever makes the URL encodes it, once.";
    path("instance_id", description, "leave-1001")
}

/// The id of an import in the path.
pub(in crate::http) fn import_id() -> Parameter {
    path("import_id", "The import's id, as its `Location` has it.", "1")
}

/// A bound on deliveries in the query.
pub(in crate::http) fn per_minute(description: &'static str) -> Parameter {
    parameter(
        "query",
        "per_minute",
        description,
        600,
        |_| json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": MOST_PER_MINUTE }),
    )
}

/// A text in the query.
pub(in crate::http) fn text(
    name: &'static str,
    description: &'static str,
    example: &'static str,
) -> Parameter {
    parameter("query", name, description, example, word)
}

/// A text in the query that is given in place of another one: whoever fills in examples would give both.
pub(in crate::http) fn alternative(name: &'static str, description: &'static str) -> Parameter {
    parameter("query", name, description, Value::Null, word)
}

/// A text that may be repeated.
pub(in crate::http) fn texts(
    name: &'static str,
    description: &'static str,
    example: &'static str,
) -> Parameter {
    parameter("query", name, description, json!([example]), words)
}

/// `true` or `false`.
pub(in crate::http) fn flag(name: &'static str, description: &'static str) -> Parameter {
    parameter("query", name, description, true, |_| json!({ "type": "boolean" }))
}

/// A time in the query.
pub(in crate::http) fn time(
    name: &'static str,
    description: &'static str,
    example: &'static str,
) -> Parameter {
    parameter("query", name, description, example, |_| shapes::time())
}

/// A word of a vocabulary.
pub(in crate::http) fn one_of<W: Word>(name: &'static str, description: &'static str) -> Parameter {
    parameter("query", name, description, first::<W>(), shapes::vocabulary::<W>)
}

/// Words of a vocabulary, in a parameter that may be repeated.
pub(in crate::http) fn some_of<W: Word>(name: &'static str, description: &'static str) -> Parameter {
    parameter("query", name, description, json!([first::<W>()]), vocabularies::<W>)
}

/// The first word of a vocabulary, which is its most usual one.
fn first<W: Word>() -> Value {
    W::ALL.first().map(|word| word.as_str()).into()
}

/// The parameters of a list operation: its own filters, how many items a page holds, and where to go on.
pub(in crate::http) fn with_paging(mut filters: Vec<Parameter>) -> Vec<Parameter> {
    filters.extend([
        parameter(
            "query",
            "limit",
            "Most items of the page.",
            50,
            |_| json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 200, "default": 50 }),
        ),
        parameter(
            "query",
            "cursor",
            "The `next_cursor` of the page before. Good for the same operation with the same filters only.",
            // A made-up one is refused, and pages and tools that fill in examples would always be.
            Value::Null,
            |_| json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_CURSOR }),
        ),
        timeout(),
    ]);
    filters
}

/// A condition on the revision of the kept document.
pub(in crate::http) fn if_none_match() -> Parameter {
    let description = "The `ETag` of what you have; answered 304 when that is still the kept document.";
    parameter(
        "header",
        "If-None-Match",
        description,
        // As for cursors: pages that fill in examples would ask about a revision that nobody has.
        Value::Null,
        |_| json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_TEXT }),
    )
}

/// The caller's own time limit.
pub(in crate::http) fn timeout() -> Parameter {
    let description =
        "Milliseconds by which the answer must be there; larger values than the configured deadline are cut.";
    parameter(
        "header",
        "X-Request-Timeout-Ms",
        description,
        5000,
        |_| json!({ "type": "integer", "format": "int64", "minimum": 1 }),
    )
}

/// How long to wait for a delivery.
pub(in crate::http) fn prefer() -> Parameter {
    let description = "`respond-async`: answer 202 as soon as the document is kept. `wait=SECONDS`: wait no longer than that for its \
        delivery; the deadline counts, too (RFC 7240).";
    parameter(
        "header",
        "Prefer",
        description,
        "wait=5",
        |_| json!({ "type": "string", "maxLength": LONGEST_TEXT }),
    )
}

/// The revision that must be kept.
pub(in crate::http) fn if_match() -> Parameter {
    let description = "The `ETag` of the document that must be kept, `\"3\"` for revision 3, or `*` for any; else 412 \
        `revision_mismatch`. Without a ledger it cannot be checked: 501 `ledger_off`.";
    parameter(
        "header",
        "If-Match",
        description,
        Value::Null,
        |_| json!({ "type": "string", "maxLength": LONGEST_TEXT }),
    )
}

/// The revision that must not be kept.
pub(in crate::http) fn unless_match() -> Parameter {
    let description = "`*`: only if no document is kept yet, so that nothing is overwritten; or the `ETag` of a document that must \
        not be the kept one; else 412 `revision_mismatch`. Not together with `If-Match`.";
    parameter(
        "header",
        "If-None-Match",
        description,
        Value::Null,
        |_| json!({ "type": "string", "maxLength": LONGEST_TEXT }),
    )
}
