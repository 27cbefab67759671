//! Objects with a schema, arrays, and objects whose member names are the caller's own.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Read, Scalar, Seed, skip_array, skip_object, visit_scalars};
use crate::flat::members::{Members, Name, read_members};
use crate::flat::report::{Report, Step};
use crate::flat::slot::{Catalogues, Items, List, Nested, RawCatalogue, Slot, Str};

/// Elements of one array that are kept; far above every limit of the schema, so that rules still see the excess.
const MAX_KEPT_ITEMS: usize = 1000;

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
        let mut seen = HashSet::new();
        while let Some(Name(name)) = object.next_key_seed(Seed::<Name<'de>>::new(self.0))? {
            let repeated = !seen.insert(name.clone());
            let step = Step::Key(name.clone().into_owned());
            let value = self.0.within(step, |report| {
                if repeated {
                    report.violate("duplicate_field", "occurs twice in its object");
                    return object.next_value::<IgnoredAny>().map(|_| Slot::Invalid);
                }
                object.next_value_seed(ItemSeed::<V>(report, PhantomData))
            })?;
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
