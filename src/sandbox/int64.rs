//! Integers that travel as strings.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An int64 of the wire: read from a decimal string or a number, always written as a string (contract §1.4).
///
/// Times are milliseconds since 1970; 0 means *not yet*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Int64(pub(super) i64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written<'a> {
    Number(i64),
    Text(#[serde(borrow)] std::borrow::Cow<'a, str>),
}

impl<'de> Deserialize<'de> for Int64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => text.parse().map(Self).map_err(D::Error::custom),
        }
    }
}

impl Serialize for Int64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
