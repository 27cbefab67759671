//! How one JSON value is read into a member: leniently, borrowing, never stopping at a violation.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::embedded::Embedded;
use super::members::{Members, Name, read_members};
use super::report::{Report, Step};
use super::slot::{
    AnyStr, Catalogues, Flag, Integer, Items, List, Nested, Object, OneOf, RawCatalogue, Slot, Str, Time,
};
use crate::domain::{InvalidTime, Timestamp, Word};
use crate::nearest::nearest;

/// Elements of one array that are kept; far above every limit of the schema, so that rules still see the excess.
const MAX_KEPT_ITEMS: usize = 1000;

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
enum Scalar<'de> {
    Null,
    Flag(bool),
    Integer(i64),
    Number,
    Text(Cow<'de, str>),
    Array,
    Object,
}

impl Scalar<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "a boolean",
            Self::Integer(_) | Self::Number => "a number",
            Self::Text(_) => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }

    fn mismatch<T>(&self, expected: &str, report: &mut Report) -> Slot<T> {
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

/// Skips an array that is not wanted here.
fn skip_array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<(), A::Error> {
    while array.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Skips an object that is not wanted here.
fn skip_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
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

fn scalar<'de, D: Deserializer<'de>>(json: D) -> Result<Scalar<'de>, D::Error> {
    json.deserialize_any(ScalarVisitor)
}

impl<'de: 'a, 'a> Read<'de> for Name<'a> {
    fn read<D: Deserializer<'de>>(json: D, _: &mut Report) -> Result<Self, D::Error> {
        match scalar(json)? {
            Scalar::Text(name) => Ok(Self(name)),
            // JSON has no other names.
            other => Err(de::Error::custom(format!("{} is no member name", other.name()))),
        }
    }
}

impl<'de: 'a, 'a> Read<'de> for AnyStr<'a> {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        Ok(Self(match scalar(json)? {
            Scalar::Text(text) => Slot::Present(text),
            Scalar::Null => Slot::Absent,
            other => other.mismatch("a string", report),
        }))
    }
}

impl<'de: 'a, 'a> Read<'de> for Str<'a> {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        Ok(Self(match AnyStr::read(json, report)?.0 {
            Slot::Present(text) if text.is_empty() => Slot::Absent,
            other => other,
        }))
    }
}

impl<'de> Read<'de> for Flag {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        Ok(Self(match scalar(json)? {
            Scalar::Flag(flag) => Slot::Present(flag),
            Scalar::Null => Slot::Absent,
            other => other.mismatch("true or false", report),
        }))
    }
}

impl<'de> Read<'de> for Integer {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a whole number of 64 bits, or its digits in a string";
        Ok(Self(match scalar(json)? {
            Scalar::Integer(number) => Slot::Present(number),
            Scalar::Null => Slot::Absent,
            Scalar::Text(text) if text.is_empty() => Slot::Absent,
            Scalar::Text(text) => match text.parse() {
                Ok(number) => Slot::Present(number),
                Err(_) => {
                    report.violate("type", format!("must be {EXPECTED}"));
                    Slot::Invalid
                }
            },
            other => other.mismatch(EXPECTED, report),
        }))
    }
}

impl<'de> Read<'de> for Time {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        let hint_for =
            |number: i64| Timestamp::hint_for_unix(number).map(|time| format!("did you mean {time:?}?"));
        Ok(Self(match scalar(json)? {
            Scalar::Null => Slot::Absent,
            Scalar::Text(text) if text.is_empty() => Slot::Absent,
            Scalar::Text(text) => match Timestamp::parse(&text) {
                Ok(time) => Slot::Present(time),
                Err(wrong) => {
                    let hint = match wrong {
                        InvalidTime::UnixTime => text.parse().ok().and_then(hint_for),
                        InvalidTime::Malformed | InvalidTime::NoOffset | InvalidTime::BeforeEpoch => None,
                    };
                    report.violate_with_hint("invalid_time", wrong.to_string(), hint);
                    Slot::Invalid
                }
            },
            Scalar::Integer(number) => {
                report.violate_with_hint(
                    "type",
                    "must be an RFC 3339 string, not a number",
                    hint_for(number),
                );
                Slot::Invalid
            }
            other => other.mismatch("an RFC 3339 string", report),
        }))
    }
}

impl<'de, W: Word> Read<'de> for OneOf<W> {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        Ok(Self(match scalar(json)? {
            Scalar::Null => Slot::Absent,
            Scalar::Text(text) if text.is_empty() => Slot::Absent,
            Scalar::Text(text) => match W::parse(&text) {
                Some(word) => Slot::Present(word),
                None => {
                    let known: Vec<_> = W::ALL.iter().map(|word| word.as_str()).collect();
                    let hint =
                        nearest(&text, known.iter().copied()).map(|near| format!("did you mean {near:?}?"));
                    report.violate_with_hint(
                        "unknown_value",
                        format!("must be one of: {}", known.join(", ")),
                        hint,
                    );
                    Slot::Invalid
                }
            },
            other => other.mismatch("a string", report),
        }))
    }
}

impl<'de: 'a, 'a> Read<'de> for Object<'a> {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(json)?.get();
        Ok(Self(match raw.as_bytes().first() {
            Some(b'{') => match Embedded::new(raw) {
                Ok(object) => Slot::Present(object),
                Err(wrong) => {
                    report.violate(wrong.code(), wrong.to_string());
                    Slot::Invalid
                }
            },
            Some(b'n') => Slot::Absent,
            Some(b'"') => Scalar::Text(Cow::Borrowed("")).mismatch("an object", report),
            Some(b'[') => Scalar::Array.mismatch("an object", report),
            Some(b't' | b'f') => Scalar::Flag(true).mismatch("an object", report),
            _ => Scalar::Number.mismatch("an object", report),
        }))
    }
}

struct NestedVisitor<'r, T>(&'r mut Report, PhantomData<T>);

impl<T> NestedVisitor<'_, T> {
    fn scalar(self, value: Scalar<'_>) -> Slot<Box<T>> {
        match value {
            Scalar::Null => Slot::Absent,
            other => other.mismatch("an object", self.0),
        }
    }
}

impl<'de, T: Members<'de>> Visitor<'de> for NestedVisitor<'_, T> {
    type Value = Slot<Box<T>>;
    visit_scalars!('de);
    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
        skip_array(array).map(|()| self.scalar(Scalar::Array))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        Ok(Slot::Present(Box::new(read_members(&mut object, self.0)?)))
    }
}

impl<'de, T: Members<'de>> Read<'de> for Nested<T> {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        json.deserialize_any(NestedVisitor(report, PhantomData)).map(Self)
    }
}

/// One element of an array.
pub(super) trait Item<'de>: Sized {
    fn item<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Slot<Self>, D::Error>;
}

impl<'de, T: Members<'de>> Item<'de> for Box<T> {
    fn item<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Slot<Self>, D::Error> {
        Ok(Nested::read(json, report)?.0)
    }
}

impl<'de: 'a, 'a> Item<'de> for Cow<'a, str> {
    fn item<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Slot<Self>, D::Error> {
        Ok(Str::read(json, report)?.0)
    }
}

impl<'de, T: Item<'de>> Read<'de> for Slot<T> {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        let item = T::item(json, report)?;
        if let Self::Absent = item {
            report.violate("required", "must not be null or empty");
            return Ok(Self::Invalid);
        }
        Ok(item)
    }
}

struct ListVisitor<'r, T>(&'r mut Report, PhantomData<T>);

impl<T> ListVisitor<'_, T> {
    fn scalar(self, value: Scalar<'_>) -> Slot<Items<T>> {
        match value {
            // Under `replace` no tasks means: delete them all. Nobody should say so by accident (design §2).
            Scalar::Null => {
                self.0.violate("type", "must be an array, not null; leave it out or write []");
                Slot::Invalid
            }
            other => other.mismatch("an array", self.0),
        }
    }
}

impl<'de, T: Item<'de>> Visitor<'de> for ListVisitor<'_, T> {
    type Value = Slot<Items<T>>;
    visit_scalars!('de);
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        skip_object(object).map(|()| self.scalar(Scalar::Object))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MAX_KEPT_ITEMS {
            let index = kept.len();
            let element = self
                .0
                .within(Step::Index(index), |report| array.next_element_seed(Seed::<Slot<T>>::new(report)))?;
            match element {
                Some(item) => kept.push(item),
                None => return Ok(Slot::Present(Items { total: index, kept })),
            }
        }
        let mut total = kept.len();
        while array.next_element::<IgnoredAny>()?.is_some() {
            total += 1;
        }
        Ok(Slot::Present(Items { kept, total }))
    }
}

impl<'de, T: Item<'de>> Read<'de> for List<T> {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        json.deserialize_any(ListVisitor(report, PhantomData)).map(Self)
    }
}

/// Reads an object whose member names are the caller's own.
struct EntriesVisitor<'r, V>(&'r mut Report, PhantomData<V>);

type Entries<'de, V> = Vec<(Cow<'de, str>, V)>;

impl<V> EntriesVisitor<'_, V> {
    fn scalar<'de>(self, value: Scalar<'de>) -> Slot<Entries<'de, V>> {
        match value {
            Scalar::Null => Slot::Absent,
            other => other.mismatch("an object", self.0),
        }
    }
}

impl<'de, V: Item<'de>> Visitor<'de> for EntriesVisitor<'_, V> {
    type Value = Slot<Entries<'de, V>>;
    visit_scalars!('de);
    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
        skip_array(array).map(|()| self.scalar(Scalar::Array))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(Name(name)) = object.next_key_seed(Seed::<Name<'de>>::new(self.0))? {
            let step = Step::Key(name.clone().into_owned());
            let value =
                self.0.within(step, |report| object.next_value_seed(ItemSeed::<V>(report, PhantomData)))?;
            if let Slot::Present(value) = value {
                entries.push((name, value));
            }
        }
        Ok(Slot::Present(entries))
    }
}

/// Like [`Seed`], for an element that may be absent.
struct ItemSeed<'r, V>(&'r mut Report, PhantomData<V>);

impl<'de, V: Item<'de>> DeserializeSeed<'de> for ItemSeed<'_, V> {
    type Value = Slot<V>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Slot<V>, D::Error> {
        V::item(json, self.0)
    }
}

impl<'de: 'a, 'a> Item<'de> for RawCatalogue<'a> {
    fn item<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Slot<Self>, D::Error> {
        json.deserialize_any(EntriesVisitor::<Cow<'de, str>>(report, PhantomData)).map(shorten)
    }
}

impl<'de: 'a, 'a> Read<'de> for Catalogues<'a> {
    fn read<D: Deserializer<'de>>(json: D, report: &mut Report) -> Result<Self, D::Error> {
        json.deserialize_any(EntriesVisitor::<RawCatalogue<'de>>(report, PhantomData))
            .map(|slot| Self(shorten(slot)))
    }
}

/// Names the shorter of two lifetimes, which inference does not find by itself here.
fn shorten<T, U: From<T>>(slot: Slot<T>) -> Slot<U> {
    match slot {
        Slot::Absent => Slot::Absent,
        Slot::Invalid => Slot::Invalid,
        Slot::Present(value) => Slot::Present(value.into()),
    }
}
