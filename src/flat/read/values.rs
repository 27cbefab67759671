//! Strings, flags, numbers, times, words, free-form objects.

use std::borrow::Cow;

use serde::de::{self, Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Read, Scalar, scalar};
use crate::domain::{InvalidTime, Timestamp, Word};
use crate::flat::embedded::Embedded;
use crate::flat::members::Name;
use crate::flat::report::Report;
use crate::flat::slot::{AnyStr, Flag, Integer, Object, OneOf, Slot, Str, Time};
use crate::nearest::did_you_mean;

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
                        InvalidTime::Malformed
                        | InvalidTime::NoOffset
                        | InvalidTime::BeforeEpoch
                        | InvalidTime::TooLate => None,
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
                    let hint = did_you_mean(&text, known.iter().copied());
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
