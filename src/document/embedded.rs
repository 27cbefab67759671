//! A free-form JSON object that is passed on as text: made compact, checked, otherwise untouched.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::domain::Extra;

/// Deepest nesting that is passed on; generous for data, harmless for every JSON reader behind Feishu.
const MAX_DEPTH: usize = 64;

/// A JSON object whose text is kept: numbers and member order stay as the caller wrote them.
#[derive(Debug)]
pub(super) struct Embedded<'a> {
    compact: Cow<'a, str>,
    /// Name and place of each outermost member's value.
    members: Vec<(Cow<'a, str>, Range<usize>)>,
}

/// Why an object cannot be passed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    /// Readers disagree on which one counts, so one would be lost.
    #[error("holds the member {0:?} twice in one object")]
    Duplicate(String),
    /// Half of a surrogate pair is no character; strict JSON readers refuse the whole text.
    #[error("holds a string with half of a surrogate pair, which is no text")]
    NoText,
    /// Nested deeper than the limit.
    #[error("is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl Unusable {
    /// The violation's code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Duplicate(_) => "duplicate_field",
            Self::NoText => "invalid_text",
            Self::TooDeep => "too_deep",
        }
    }
}

/// The object already says something else about this member.
#[derive(Debug)]
pub(super) struct Contradiction;

enum Level<'a> {
    Object { names: HashSet<Cow<'a, str>>, name_next: bool },
    Array,
}

impl<'a> Embedded<'a> {
    /// Reads the text of a JSON object whose syntax has been checked already.
    pub(super) fn new(raw: &'a str) -> Result<Self, Unusable> {
        let mut compact = String::with_capacity(raw.len());
        let mut levels: Vec<Level<'a>> = Vec::new();
        let mut members = Vec::new();
        let mut open_member: Option<(Cow<'a, str>, usize)> = None;
        let mut at = 0;
        while let Some(&byte) = raw.as_bytes().get(at) {
            let outermost = levels.len() == 1;
            let mut end = at + 1;
            match byte {
                b'"' => {
                    end = end_of_string(raw, at);
                    let text = unescape(&raw[at..end]).ok_or(Unusable::NoText)?;
                    if let Some(Level::Object { names, name_next: name_next @ true }) = levels.last_mut() {
                        *name_next = false;
                        if !names.insert(text.clone()) {
                            return Err(Unusable::Duplicate(text.chars().take(64).collect()));
                        }
                        if outermost {
                            // The colon comes first.
                            open_member = Some((text, compact.len() + (end - at) + 1));
                        }
                    }
                }
                b'{' | b'[' => {
                    if levels.len() == MAX_DEPTH {
                        return Err(Unusable::TooDeep);
                    }
                    levels.push(match byte {
                        b'{' => Level::Object { names: HashSet::new(), name_next: true },
                        _ => Level::Array,
                    });
                }
                b'}' | b']' | b',' => {
                    if outermost && let Some((name, start)) = open_member.take() {
                        members.push((name, start..compact.len()));
                    }
                    if byte != b',' {
                        levels.pop();
                    } else if let Some(Level::Object { name_next, .. }) = levels.last_mut() {
                        *name_next = true;
                    }
                }
                b' ' | b'\t' | b'\n' | b'\r' => {
                    at = end;
                    continue;
                }
                _ => {}
            }
            compact.push_str(&raw[at..end]);
            at = end;
        }
        let compact = if compact.len() == raw.len() { Cow::Borrowed(raw) } else { Cow::Owned(compact) };
        Ok(Self { compact, members })
    }

    /// An object without members.
    pub(super) fn empty() -> Self {
        Self { compact: Cow::Borrowed("{}"), members: Vec::new() }
    }

    /// Adds a member with a string value at the end, unless the object already says the same.
    pub(super) fn with_member(mut self, name: &'static str, value: &str) -> Result<Self, Contradiction> {
        if let Some((_, place)) = self.members.iter().find(|(known, _)| known == name) {
            let same = unescape(&self.compact[place.clone()]).is_some_and(|known| known == value);
            return if same { Ok(self) } else { Err(Contradiction) };
        }
        // A string always has a JSON form.
        let value = serde_json::to_string(value).map_err(|_| Contradiction)?;
        let text = self.compact.to_mut();
        text.reserve_exact(name.len() + value.len() + "\"\":,".len());
        text.pop();
        if !self.members.is_empty() {
            text.push(',');
        }
        text.extend(["\"", name, "\":", &value, "}"]);
        let end = text.len() - 1;
        self.members.push((Cow::Borrowed(name), end - value.len()..end));
        Ok(self)
    }

    /// The object as the domain keeps it.
    pub(super) fn into_extra(self) -> Extra<'a> {
        Extra::from_compact_object(self.compact)
    }
}

/// Index just behind the string that starts at `start`.
fn end_of_string(raw: &str, start: usize) -> usize {
    let bytes = raw.as_bytes();
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    raw.len()
}

/// The text of a JSON string; none when it is no string, or has no text (half of a surrogate pair).
fn unescape(token: &str) -> Option<Cow<'_, str>> {
    let inner = token.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(token).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case(r#"{"b":1.50,"a":[1e5, 12345678901234567890123]}"# => Ok(r#"{"b":1.50,"a":[1e5,12345678901234567890123]}"#.to_owned()); "numbers and order")]
    #[test_case("{ \"a b\" : \" x\\\" y \" ,\n\"c\":{ } }" => Ok("{\"a b\":\" x\\\" y \",\"c\":{}}".to_owned()); "white space outside strings only")]
    #[test_case(r#"{"a":{"x":1},"b":{"x":1}}"# => Ok(r#"{"a":{"x":1},"b":{"x":1}}"#.to_owned()); "same name in different objects")]
    #[test_case(r#"{"a":1,"\u0061":2}"# => Err(Unusable::Duplicate("a".to_owned())); "escaped duplicate")]
    #[test_case(r#"{"a":[{"b":1,"b":2}]}"# => Err(Unusable::Duplicate("b".to_owned())); "nested duplicate")]
    #[test_case(r#"{"a":"\ud800"}"# => Err(Unusable::NoText); "half of a surrogate pair")]
    #[test_case(r#"{"a":["b","b"],"b":"a"}"# => Ok(r#"{"a":["b","b"],"b":"a"}"#.to_owned()); "values are no names")]
    fn compact(raw: &str) -> Result<String, Unusable> {
        Embedded::new(raw).map(|object| object.into_extra().as_str().to_owned())
    }

    #[test_case("{}", "k-1" => Some(r#"{"business_key":"k-1"}"#.to_owned()); "into an empty object")]
    #[test_case(r#"{"a":1}"#, "k\"1" => Some(r#"{"a":1,"business_key":"k\"1"}"#.to_owned()); "at the end")]
    #[test_case(r#"{"business_key": "k-1", "a":1}"#, "k-1" => Some(r#"{"business_key":"k-1","a":1}"#.to_owned()); "already there")]
    #[test_case(r#"{"business_key":"k-2"}"#, "k-1" => None; "another value")]
    #[test_case(r#"{"business_key":1}"#, "1" => None; "another type")]
    #[test_case(r#"{"x":{"business_key":"k-2"}}"#, "k-1" => Some(r#"{"x":{"business_key":"k-2"},"business_key":"k-1"}"#.to_owned()); "deeper ones do not count")]
    fn with_member(raw: &str, value: &str) -> Option<String> {
        let object = Embedded::new(raw).unwrap();
        object.with_member("business_key", value).ok().map(|object| object.into_extra().as_str().to_owned())
    }

    #[test]
    fn nesting_beyond_the_limit_is_refused() {
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(Embedded::new(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(Embedded::new(&deep(MAX_DEPTH + 1)).unwrap_err(), Unusable::TooDeep);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<i64>().prop_map(Into::into),
            "[ \\\\\"{}\\[\\]:,a\\n]{0,6}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[ \\\\\"a-c]{0,3}", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn white_space_is_all_that_is_lost(members in prop::collection::btree_map(".{0,3}", json(), 0..4)) {
            let object = serde_json::Value::Object(members.into_iter().collect());
            let pretty = serde_json::to_string_pretty(&object).unwrap();
            let compact = Embedded::new(&pretty).unwrap();
            let extra = compact.into_extra();
            prop_assert_eq!(extra.as_str(), serde_json::to_string(&object).unwrap());
        }
    }
}
