//! JSON as it was written: member order, repeated names and the spelling of numbers are kept.
//!
//! `serde_json::Value` keeps none of them, and all three can carry meaning (`extra`) or be a fault (a payload that
//! says something twice).

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The digits as they were written.
    Number(String),
    Text(String),
    Array(Vec<Json>),
    /// Members in their order, repeated ones included.
    Object(Vec<Member>),
}

/// One member of an object.
pub(crate) type Member = (String, Json);

impl Json {
    /// Reads one JSON value; `None` when the text is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        Some(match text.as_bytes().first()? {
            b'{' => {
                let RawMembers(members) = serde_json::from_str(text).ok()?;
                let read = members.into_iter().map(|(name, raw)| Some((name, Self::parse(raw.get())?)));
                Self::Object(read.collect::<Option<_>>()?)
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                Self::Array(items.into_iter().map(|raw| Self::parse(raw.get())).collect::<Option<_>>()?)
            }
            b'"' => Self::Text(serde_json::from_str(text).ok()?),
            b'n' => serde_json::from_str(text).ok().map(|()| Self::Null)?,
            b't' | b'f' => Self::Bool(serde_json::from_str(text).ok()?),
            _ => Self::Number(serde_json::from_str::<&RawValue>(text).ok()?.get().to_owned()),
        })
    }

    /// The value of the first member with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The members of an object; none for anything else.
    pub(crate) fn members(&self) -> &[Member] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// Replaces a member, or adds it at the end.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Self>) {
        if let Self::Object(members) = self {
            members.retain(|(known, _)| known != name);
            members.push((name.to_owned(), value.into()));
        }
    }

    /// The same value with white space and escapes where JSON allows them.
    pub(crate) fn to_wide_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, true);
        text
    }

    fn write(&self, out: &mut String, wide: bool) {
        let gap = if wide { " \n\t" } else { "" };
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(flag) => out.push_str(&flag.to_string()),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_string(text, out, wide),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { gap } else { "," });
                    item.write(out, wide);
                    out.push_str(gap);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { gap } else { "," });
                    write_string(name, out, wide);
                    out.push_str(gap);
                    out.push(':');
                    out.push_str(gap);
                    value.write(out, wide);
                }
                out.push_str(gap);
                out.push('}');
            }
        }
    }
}

fn write_string(text: &str, out: &mut String, wide: bool) {
    let plain = serde_json::to_string(text).expect("every string has a JSON form");
    for c in plain.chars() {
        if wide && !c.is_ascii() {
            let mut units = [0_u16; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else if wide && c == '/' {
            out.push_str("\\/");
        } else {
            out.push(c);
        }
    }
}

impl fmt::Display for Json {
    /// Compact text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text, false);
        f.write_str(&text)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::Array(items)
    }
}

/// The members of one object, values unread.
struct RawMembers<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawMembers<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        json.deserialize_map(Members).map(RawMembers)
    }
}
