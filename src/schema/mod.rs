//! Describes JSON: the types that read and write documents say themselves what the documents look like.
//!
//! `members!` (what is read) and `shown!` (what is written) implement [`Shape`] from their own declarations, so that the
//! OpenAPI file cannot differ from the code in a name, a type, a limit or a word.

pub mod shapes;
mod shown;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub use shown::MaybeAbsent;
pub(crate) use shown::{shown, shown_name};

/// Longest string where nobody documents a limit, in characters: what fits into the largest body of the defaults.
pub const LONGEST_TEXT: usize = 4 << 20;

/// Named schemas, as `components.schemas` lists them.
pub type Schemas = BTreeMap<String, Value>;

/// Lists the words of a vocabulary, each with what it means.
pub type Words = fn() -> Vec<(&'static str, &'static str)>;

/// What a declaration says about one member beyond its type.
#[derive(Debug, Clone, Copy)]
pub struct Constraints {
    /// Whether every document has it.
    pub required: bool,
    /// Whether a required string may be empty.
    pub may_be_empty: bool,
    /// A realistic value, as JSON text.
    pub example: &'static str,
    /// The value that an absent member stands for, as JSON text; empty when there is none.
    pub default: &'static str,
    /// Most characters of a string.
    pub max_length: usize,
    /// Most elements of an array.
    pub max_items: usize,
    /// Vocabulary of a word that is written; [`Shape`] knows that of one that is read.
    pub words: Option<Words>,
}

impl Constraints {
    /// Nothing is said.
    pub const NONE: Self = Self {
        required: false,
        may_be_empty: false,
        example: "",
        default: "",
        max_length: LONGEST_TEXT,
        max_items: LONGEST_LIST,
        words: None,
    };
}

/// Most elements of a list where nobody documents a limit.
pub const LONGEST_LIST: usize = 100_000;

/// A type that knows what its JSON looks like.
pub trait Shape {
    /// The schema of a member with these constraints; named schemas that it refers to are added.
    fn shape(constraints: &Constraints, schemas: &mut Schemas) -> Value;
}

/// A type whose schema has a name.
pub trait Named {
    /// The name in `components.schemas`.
    const NAME: &'static str;

    /// Adds the schema, and those that it refers to.
    fn add_to(schemas: &mut Schemas);
}

/// A reference to a named schema, which is added if it is not there yet.
pub fn reference<T: Named>(schemas: &mut Schemas) -> Value {
    if !schemas.contains_key(T::NAME) {
        T::add_to(schemas);
    }
    json!({ "$ref": format!("#/components/schemas/{}", T::NAME) })
}

/// Collects the members of an object's schema.
#[derive(Debug, Default)]
pub struct ObjectShape {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl ObjectShape {
    /// Adds one member.
    pub fn member<T: Shape>(
        &mut self,
        name: &'static str,
        doc: &str,
        constraints: &Constraints,
        schemas: &mut Schemas,
    ) {
        // Members such as `type` need Rust's raw spelling.
        let name = name.trim_start_matches("r#");
        let mut shape = T::shape(constraints, schemas);
        shape["description"] = doc.trim().into();
        if let Some(words) = constraints.words {
            let meanings: String =
                words().into_iter().map(|(word, meaning)| format!("\n- `{word}`: {meaning}")).collect();
            shape["description"] = format!("{}{meanings}", doc.trim()).into();
        }
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| text.into());
        if !constraints.example.is_empty() {
            shape["examples"] = json!([json(constraints.example)]);
        } else if shape["type"] == "boolean" {
            shape["examples"] = json!([true]);
        }
        if !constraints.default.is_empty() {
            // In words: generators take a member with the keyword `default` for one that is always there, and would make
            // every caller send it.
            let described = shape["description"].as_str().unwrap_or_default();
            shape["description"] = format!("{described} `{}` when absent.", constraints.default).into();
        }
        if constraints.required {
            self.required.push(name);
        }
        self.properties.insert(name.to_owned(), shape);
    }

    /// Takes over all members of another object, which is written into this one.
    pub fn flatten(&mut self, schema: &Value) {
        let properties = schema.get("properties").and_then(Value::as_object);
        self.properties
            .extend(properties.into_iter().flatten().map(|(name, shape)| (name.clone(), shape.clone())));
    }

    /// The schema. Documents that are read are `closed`: unknown members are refused.
    pub fn finish(self, doc: &str, closed: bool) -> Value {
        let mut schema =
            json!({ "type": "object", "description": doc.trim(), "properties": self.properties });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        if closed {
            schema["additionalProperties"] = false.into();
        }
        schema
    }
}
