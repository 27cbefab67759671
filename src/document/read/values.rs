//! Strings, flags, numbers, times, words, free-form objects.

use std::borrow::Cow;

use super::{Read, mismatch};
use crate::document::embedded::Embedded;
use crate::document::field::{
    AnyStr, Field, Flag, Identifier, Integer, LocaleName, Object, OneOf, Str, Time,
};
use crate::document::json::{Json, NotJson, Token};
use crate::document::report::Report;
use crate::domain::{Timestamp, Word, has_control_character};
use crate::support::suggestion::did_you_mean;

impl<'de: 'a, 'a> Read<'de> for AnyStr<'a> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        if let Some(text) = json.plain_text() {
            return Ok(Self(Field::Present(Cow::Borrowed(text))));
        }
        Ok(Self(match json.token()? {
            Token::Text(text) => Field::Present(text),
            Token::Null => Field::Absent,
            other => mismatch(&other, "a string", json, report)?,
        }))
    }
}

impl<'de: 'a, 'a> Read<'de> for Str<'a> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        Ok(Self(match AnyStr::read(json, report)?.0 {
            Field::Present(text) if text.is_empty() => Field::Absent,
            other => other,
        }))
    }
}

impl<'de: 'a, 'a> Read<'de> for Identifier<'a> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        Ok(Self(match Str::read(json, report)?.0 {
            Field::Present(id) if has_control_character(&id) => {
                refuse_control_characters(report);
                Field::Invalid
            }
            other => other,
        }))
    }
}

/// Reports an id that nobody could see or type; somewhere behind Feishu it would be cut off or changed.
pub(in crate::document) fn refuse_control_characters(report: &mut Report) {
    report.violate("control_character", "holds a control character, which no id may have");
}

impl<'de: 'a, 'a> Read<'de> for LocaleName<'a> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        Ok(Self(Str::read(json, report)?.0))
    }
}

impl<'de> Read<'de> for Flag {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        Ok(Self(match json.token()? {
            Token::Flag(flag) => Field::Present(flag),
            Token::Null => Field::Absent,
            other => mismatch(&other, "true or false", json, report)?,
        }))
    }
}

impl<'de> Read<'de> for Integer {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        const EXPECTED: &str = "a whole number of 64 bits, or its digits in a string";
        Ok(Self(match json.token()? {
            Token::Integer(number) => Field::Present(number),
            Token::Null => Field::Absent,
            Token::Text(text) if text.is_empty() => Field::Absent,
            Token::Text(text) => match text.parse() {
                Ok(number) => Field::Present(number),
                Err(_) => {
                    report.violate("type", format!("must be {EXPECTED}"));
                    Field::Invalid
                }
            },
            other => mismatch(&other, EXPECTED, json, report)?,
        }))
    }
}

impl<'de> Read<'de> for Time {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        if let Some(text) = json.plain_text() {
            return Ok(Self(time(text, report)));
        }
        Ok(Self(match json.token()? {
            Token::Null => Field::Absent,
            Token::Text(text) => time(&text, report),
            Token::Integer(number) => {
                report.violate_with_hint(
                    "type",
                    "must be an RFC 3339 string, not a number",
                    hint_for_unix(number),
                );
                Field::Invalid
            }
            other => mismatch(&other, "an RFC 3339 string", json, report)?,
        }))
    }
}

fn time(text: &str, report: &mut Report) -> Field<Timestamp> {
    if text.is_empty() {
        return Field::Absent;
    }
    Timestamp::parse(text).map_or_else(
        |wrong| {
            report.violate_with_hint("invalid_time", wrong.to_string(), Timestamp::hint_for(text));
            Field::Invalid
        },
        Field::Present,
    )
}

fn hint_for_unix(number: i64) -> Option<String> {
    Timestamp::hint_for_unix(number).map(|time| format!("did you mean {time:?}?"))
}

impl<'de, W: Word> Read<'de> for OneOf<W> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        if let Some(text) = json.plain_text() {
            return Ok(Self(word(text, report)));
        }
        Ok(Self(match json.token()? {
            Token::Null => Field::Absent,
            Token::Text(text) => word(&text, report),
            other => mismatch(&other, "a string", json, report)?,
        }))
    }
}

fn word<W: Word>(text: &str, report: &mut Report) -> Field<W> {
    if text.is_empty() {
        return Field::Absent;
    }
    W::parse(text).map_or_else(
        || {
            let known: Vec<_> = W::ALL.iter().map(|word| word.as_str()).collect();
            let hint = did_you_mean(text, known.iter().copied());
            report.violate_with_hint("unknown_value", format!("must be one of: {}", known.join(", ")), hint);
            Field::Invalid
        },
        Field::Present,
    )
}

impl<'de: 'a, 'a> Read<'de> for Object<'a> {
    fn read(json: &mut Json<'de>, report: &mut Report) -> Result<Self, NotJson> {
        let raw = match json.token()? {
            Token::Object => json.raw_object()?,
            Token::Null => return Ok(Self(Field::Absent)),
            other => return mismatch(&other, "an object", json, report).map(Self),
        };
        Ok(Self(match Embedded::new(raw) {
            Ok(object) => Field::Present(object),
            Err(wrong) => {
                report.violate(wrong.code(), wrong.to_string());
                Field::Invalid
            }
        }))
    }
}
