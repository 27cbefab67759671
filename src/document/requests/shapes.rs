//! What the members' types look like in JSON.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::document::field::{
    AnyStr, Catalogues, Flag, Identifier, Integer, Line, List, LocaleName, Nested, Object, OneOf, Str, Time,
};
use crate::domain::{DeliveryState, EventState, EventType, Locale, Word};
use crate::schema::{Constraints, Named, Schemas, Shape, reference, shapes};

impl Shape for Str<'_> {
    fn shape(constraints: &Constraints, _: &mut Schemas) -> Value {
        shapes::text(constraints)
    }
}

impl Shape for Identifier<'_> {
    fn shape(constraints: &Constraints, _: &mut Schemas) -> Value {
        shapes::text(constraints)
    }
}

impl Shape for AnyStr<'_> {
    fn shape(constraints: &Constraints, _: &mut Schemas) -> Value {
        shapes::text(constraints)
    }
}

impl Shape for Cow<'_, str> {
    fn shape(constraints: &Constraints, _: &mut Schemas) -> Value {
        shapes::text(&Constraints { required: true, ..*constraints })
    }
}

impl Shape for Line<'_> {
    fn shape(constraints: &Constraints, _: &mut Schemas) -> Value {
        shapes::text(&Constraints { required: true, ..*constraints })
    }
}

/// Words of the gateway's own.
macro_rules! words {
    ($($word:ty),+) => {$(
        impl Shape for $word {
            fn shape(_: &Constraints, schemas: &mut Schemas) -> Value {
                shapes::vocabulary::<Self>(schemas)
            }
        }
    )+};
}

words!(DeliveryState, EventState, EventType);

impl Shape for LocaleName<'_> {
    fn shape(_: &Constraints, schemas: &mut Schemas) -> Value {
        shapes::vocabulary::<Locale>(schemas)
    }
}

impl Shape for Flag {
    fn shape(constraints: &Constraints, schemas: &mut Schemas) -> Value {
        bool::shape(constraints, schemas)
    }
}

impl Shape for Integer {
    fn shape(constraints: &Constraints, schemas: &mut Schemas) -> Value {
        i64::shape(constraints, schemas)
    }
}

impl Shape for Time {
    fn shape(_: &Constraints, _: &mut Schemas) -> Value {
        shapes::time()
    }
}

impl<W: Word> Shape for OneOf<W> {
    fn shape(_: &Constraints, schemas: &mut Schemas) -> Value {
        shapes::vocabulary::<W>(schemas)
    }
}

impl Shape for Object<'_> {
    fn shape(_: &Constraints, _: &mut Schemas) -> Value {
        shapes::object()
    }
}

impl<T: Named> Shape for Nested<T> {
    fn shape(_: &Constraints, schemas: &mut Schemas) -> Value {
        reference::<T>(schemas)
    }
}

impl<T: Shape> Shape for List<T> {
    fn shape(constraints: &Constraints, schemas: &mut Schemas) -> Value {
        let items = T::shape(&Constraints::NONE, schemas);
        shapes::list(constraints, &items)
    }
}

/// Name of the schema of one locale's entries.
const WORDINGS: &str = "WordingsToSend";

impl Shape for Catalogues<'_> {
    fn shape(constraints: &Constraints, schemas: &mut Schemas) -> Value {
        // With a name of its own, or generators make one up.
        schemas.insert(
            WORDINGS.to_owned(),
            json!({
                "type": "object",
                "description": "What texts of a document read like in one other locale: source text and translated text, which is \
                    empty when there is none yet.",
                "additionalProperties": { "type": "string", "maxLength": constraints.max_length },
            }),
        );
        let wordings = json!({ "$ref": format!("#/components/schemas/{WORDINGS}") });
        json!({ "type": "object", "additionalProperties": wordings })
    }
}
