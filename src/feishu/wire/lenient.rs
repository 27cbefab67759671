//! Reading what Feishu types differently from page to page: numbers or strings, empty or absent (contract §1.4, §7.4).

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::{FeishuWord, Known, Timestamp};

/// Reads `null` as if the member were missing, as servers written in Go mean it.
pub(super) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A text that may come as a number; `None` when it is empty, `null`, or of another type altogether.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Loose(pub Option<String>);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose((!text.is_empty()).then(|| text.to_owned())))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose(Some(number.to_string())))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose(Some(number.to_string())))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Loose, E> {
        Ok(Loose(None))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Loose, E> {
        Ok(Loose(Some(flag.to_string())))
    }
    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }
}

impl Loose {
    /// The text as milliseconds since 1970; `"0"` means that there is none.
    pub fn time(&self) -> Option<Timestamp> {
        self.0.as_ref()?.parse().ok().and_then(Timestamp::from_unix_millis)
    }

    /// The text as a word of a vocabulary.
    pub fn word<W: FeishuWord>(&self) -> Option<Known<W>> {
        self.0.as_deref().map(Known::from_feishu)
    }

    /// The text as a flag.
    pub fn flag(&self) -> Option<bool> {
        self.0.as_ref()?.parse().ok()
    }
}
