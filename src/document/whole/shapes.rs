//! What the members' types look like in JSON.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::document::built::{BuiltList, Element};
use crate::document::slot::{
    AnyStr, Catalogues, Flag, Integer, List, LocaleName, Nested, Object, OneOf, Str, Time,
};
use crate::domain::{Locale, Word};
use crate::schema::{Facts, Named, Schemas, Shape, reference, shapes};

impl Shape for Str<'_> {
    fn shape(facts: &Facts, _: &mut Schemas) -> Value {
        shapes::text(facts)
    }
}

impl Shape for AnyStr<'_> {
    fn shape(facts: &Facts, _: &mut Schemas) -> Value {
        shapes::text(facts)
    }
}

impl Shape for Cow<'_, str> {
    fn shape(facts: &Facts, _: &mut Schemas) -> Value {
        shapes::text(&Facts { required: true, ..*facts })
    }
}

impl Shape for LocaleName<'_> {
    fn shape(_: &Facts, schemas: &mut Schemas) -> Value {
        shapes::vocabulary::<Locale>(schemas)
    }
}

impl Shape for Flag {
    fn shape(facts: &Facts, schemas: &mut Schemas) -> Value {
        bool::shape(facts, schemas)
    }
}

impl Shape for Integer {
    fn shape(facts: &Facts, schemas: &mut Schemas) -> Value {
        i64::shape(facts, schemas)
    }
}

impl Shape for Time {
    fn shape(_: &Facts, _: &mut Schemas) -> Value {
        shapes::time()
    }
}

impl<W: Word> Shape for OneOf<W> {
    fn shape(_: &Facts, schemas: &mut Schemas) -> Value {
        shapes::vocabulary::<W>(schemas)
    }
}

impl Shape for Object<'_> {
    fn shape(_: &Facts, _: &mut Schemas) -> Value {
        shapes::object()
    }
}

impl<T: Named> Shape for Nested<T> {
    fn shape(_: &Facts, schemas: &mut Schemas) -> Value {
        reference::<T>(schemas)
    }
}

impl<T: Shape> Shape for List<T> {
    fn shape(facts: &Facts, schemas: &mut Schemas) -> Value {
        let items = T::shape(&Facts::NONE, schemas);
        shapes::list(facts, &items)
    }
}

impl<'a, T: Shape + Element<'a>> Shape for BuiltList<'a, T> {
    fn shape(facts: &Facts, schemas: &mut Schemas) -> Value {
        List::<T>::shape(facts, schemas)
    }
}

/// Name of the schema of one locale's entries.
const WORDINGS: &str = "WordingsToSend";

impl Shape for Catalogues<'_> {
    fn shape(facts: &Facts, schemas: &mut Schemas) -> Value {
        // With a name of its own, or generators make one up.
        schemas.insert(
            WORDINGS.to_owned(),
            json!({
                "type": "object",
                "description": "What texts of a document read like in one other locale: source text and translated text, which is \
                    empty when there is none yet.",
                "additionalProperties": { "type": "string", "maxLength": facts.max_length },
            }),
        );
        let wordings = json!({ "$ref": format!("#/components/schemas/{WORDINGS}") });
        json!({ "type": "object", "additionalProperties": wordings })
    }
}
