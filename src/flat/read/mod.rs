//! How one JSON value is read into a member: leniently, borrowing, never stopping at a violation.
//!
//! `values` reads what has no inner structure, `containers` what has.

mod containers;
mod values;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::report::Report;
use super::slot::Slot;

/// Something that is read from one JSON value while a report is kept.
pub(super) trait Read<'de>: Sized {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error>;
}

/// Carries the report to where serde reads the value.
pub(super) struct Seed<'r, T> {
    report: &'r mut Report,
    kind: PhantomData<T>,
}

impl<'r, T> Seed<'r, T> {
    pub(super) fn new(report: &'r mut Report) -> Self {
        Self { report, kind: PhantomData }
    }
}

impl<'de, T: Read<'de>> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<T, D::Error> {
        T::read(json, self.report)
    }
}

/// Any JSON value, as far as a member without inner structure cares.
pub(super) enum Scalar<'de> {
    Null,
    Flag(bool),
    Integer(i64),
    Number,
    Text(Cow<'de, str>),
    Array,
    Object,
}

impl Scalar<'_> {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "a boolean",
            Self::Integer(_) | Self::Number => "a number",
            Self::Text(_) => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }

    pub(super) fn mismatch<T>(&self, expected: &str, report: &mut Report) -> Slot<T> {
        report.violate("type", format!("must be {expected}, not {}", self.name()));
        Slot::Invalid
    }
}

/// The visitor methods for values that have no inner structure, each in terms of `self.scalar(…)`.
macro_rules! visit_scalars {
    ($de:lifetime) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(self.scalar(Scalar::Null))
        }
        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok(self.scalar(Scalar::Flag(value)))
        }
        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            Ok(self.scalar(Scalar::Integer(value)))
        }
        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            Ok(self.scalar(i64::try_from(value).map_or(Scalar::Number, Scalar::Integer)))
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(self.scalar(Scalar::Number))
        }
        fn visit_borrowed_str<E>(self, value: &$de str) -> Result<Self::Value, E> {
            Ok(self.scalar(Scalar::Text(Cow::Borrowed(value))))
        }
        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            Ok(self.scalar(Scalar::Text(Cow::Owned(value.to_owned()))))
        }
    };
}
use visit_scalars;

/// Skips an array that is not wanted here.
pub(super) fn skip_array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<(), A::Error> {
    while array.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Skips an object that is not wanted here.
pub(super) fn skip_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

struct ScalarVisitor;

impl ScalarVisitor {
    fn scalar<'de>(&self, value: Scalar<'de>) -> Scalar<'de> {
        value
    }
}

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;
    visit_scalars!('de);
    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Scalar<'de>, A::Error> {
        skip_array(array).map(|()| Scalar::Array)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Scalar<'de>, A::Error> {
        skip_object(object).map(|()| Scalar::Object)
    }
}

pub(super) fn scalar<'de, D: Deserializer<'de>>(json: D) -> Result<Scalar<'de>, D::Error> {
    json.deserialize_any(ScalarVisitor)
}
