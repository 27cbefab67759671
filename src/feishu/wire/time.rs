//! Times as Feishu writes them: decimal milliseconds in a string (contract §1.4).

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::json::{Wire, Writer};
use crate::domain::Timestamp;

/// Unix milliseconds; sent as a string, read from a string or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl From<Timestamp> for Millis {
    fn from(time: Timestamp) -> Self {
        Self(time.unix_millis())
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Wire<'_> for Millis {
    fn write(&self, out: &mut Writer<'_>) {
        Int64(self.0).write(out);
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lenient;
        impl Visitor<'_> for Lenient {
            type Value = Millis;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("Unix milliseconds as a number or a decimal string")
            }
            fn visit_i64<E>(self, value: i64) -> Result<Millis, E> {
                Ok(Millis(value))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Millis, E> {
                i64::try_from(value).map(Millis).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Millis, E> {
                value
                    .parse()
                    .map(Millis)
                    .map_err(|_| E::invalid_value(de::Unexpected::Other("another string"), &self))
            }
        }
        deserializer.deserialize_any(Lenient)
    }
}

/// An end time; `"0"` while there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndTime(pub Option<Timestamp>);

impl Wire<'_> for EndTime {
    fn write(&self, out: &mut Writer<'_>) {
        Int64(self.0.map_or(0, Timestamp::unix_millis)).write(out);
    }
}

/// A 64-bit integer that Feishu wants in a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Int64(pub i64);

impl Wire<'_> for Int64 {
    fn write(&self, out: &mut Writer<'_>) {
        out.json.push(b'"');
        out.json.extend_from_slice(itoa::Buffer::new().format(self.0).as_bytes());
        out.json.push(b'"');
    }
}
