//! A JSON value as a tree of its objects: for whatever is merged member by member. All else stays the text it is, so that
//! numbers and the order of members do not change.

use std::borrow::Cow;
use std::collections::HashSet;

use super::json::{Json, NotJson, Token};
use super::report::Report;

/// Deepest nesting of objects that is merged; twice what a document may hold anywhere.
const MAX_DEPTH: usize = 128;

/// A JSON value.
#[derive(Debug, Clone)]
pub(super) enum Node<'a> {
    /// An object, its members in their order.
    Object(Vec<Member<'a>>),
    /// The text of anything else.
    Text(Cow<'a, str>),
}

/// A member of an object: its name and its value.
pub(super) type Member<'a> = (Cow<'a, str>, Node<'a>);

impl<'a> Node<'a> {
    /// Reads the next value; what is wrong with its objects is reported, and left out.
    pub(super) fn read(json: &mut Json<'a>, report: &mut Report) -> Result<Self, NotJson> {
        Self::read_at(json, report, 0)
    }

    fn read_at(json: &mut Json<'a>, report: &mut Report, depth: usize) -> Result<Self, NotJson> {
        if let Some(text) = json.raw_or_object()? {
            return Ok(Self::Text(Cow::Borrowed(text)));
        }
        if depth == MAX_DEPTH {
            report.violate("too_deep", format!("is nested deeper than {MAX_DEPTH} levels"));
            json.skip_rest(&Token::Object)?;
            return Ok(Self::Object(Vec::new()));
        }
        let mut names = HashSet::new();
        let mut members = Vec::new();
        json.each_member(|json, name| {
            report.within_key(&name, |report| {
                if !names.insert(name.clone()) {
                    report.violate("duplicate_field", "occurs twice in its object");
                    return json.skip();
                }
                members.push((name.clone(), Self::read_at(json, report, depth + 1)?));
                Ok(())
            })
        })?;
        Ok(Self::Object(members))
    }

    /// The elements of an array; none for any other value.
    pub(super) fn elements(text: &'a str, report: &mut Report) -> Result<Vec<Self>, NotJson> {
        let mut json = Json::new(text);
        let mut elements = Vec::new();
        if json.token()? == Token::Array {
            json.each_element(|json, _| {
                elements.push(Self::read(json, report)?);
                Ok(())
            })?;
        }
        Ok(elements)
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Text(text) if text == "null")
    }

    /// The characters of a string; `None` for any other value.
    pub(super) fn string(&self) -> Option<String> {
        let Self::Text(text) = self else { return None };
        serde_json::from_str(text).ok()
    }

    /// The value of a member.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(of, _)| of == name).map(|(_, value)| value)
    }

    /// The value as JSON.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = String::new();
        self.write(&mut out);
        out.into_bytes()
    }

    /// Appends the value as JSON.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&quoted(name));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// A string as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
