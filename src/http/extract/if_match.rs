//! What a caller expects to be kept (RFC 9110 §13.1.1 and §13.1.2).

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;

use crate::domain::{Location, Violation};
use crate::http::problem::Problem;
use crate::ledger::{IfMatch, Revision};

/// The header `If-Match` or `If-None-Match` of a request that changes something, if there is one.
///
/// # Errors
/// 422 `validation_failed` in `header` for what is no list of entity tags, and for both headers at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatchHeader(pub Option<IfMatch>);

impl<S: Sync> FromRequestParts<S> for IfMatchHeader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        expected(&parts.headers).map(Self).map_err(|violation| Problem::validation(vec![violation]))
    }
}

fn expected(headers: &HeaderMap) -> Result<Option<IfMatch>, Violation> {
    let wanted = condition(headers, &IF_MATCH, "/If-Match")?;
    let unwanted = condition(headers, &IF_NONE_MATCH, "/If-None-Match")?;
    Ok(match (wanted, unwanted) {
        (None, None) => None,
        (Some(Tags::Any), None) => Some(IfMatch::Any),
        // A weak tag never matches strongly, nor does one that was never given.
        (Some(Tags::Listed(tags)), None) => Some(IfMatch::OneOf(revisions(&tags, false))),
        (None, Some(Tags::Any)) => Some(IfMatch::Nothing),
        (None, Some(Tags::Listed(tags))) => Some(IfMatch::NoneOf(revisions(&tags, true))),
        (Some(_), Some(_)) => {
            let detail = "cannot be combined with If-Match; send one of them";
            return Err(Violation::at(Location::Header, "/If-None-Match", "contradiction", detail));
        }
    })
}

/// What a condition names.
enum Tags<'a> {
    /// Whatever there is.
    Any,
    /// Entity tags: whether each is weak, and what stands between its quotes.
    Listed(Vec<(bool, &'a str)>),
}

fn condition<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    pointer: &'static str,
) -> Result<Option<Tags<'a>>, Violation> {
    let malformed = || {
        let detail = "must be * or a list of entity tags in quotes, such as \"3\"";
        Violation::at(Location::Header, pointer, "invalid_value", detail)
    };
    let lines: Result<Vec<_>, _> = headers.get_all(name).iter().map(|line| line.to_str()).collect();
    match &*lines.map_err(|_| malformed())? {
        [] => Ok(None),
        [only] if only.trim() == "*" => Ok(Some(Tags::Any)),
        lines => {
            let tags: Option<Vec<_>> = lines.iter().map(|line| entity_tags(line)).collect();
            let tags: Vec<_> = tags.ok_or_else(malformed)?.into_iter().flatten().collect();
            if tags.is_empty() { Err(malformed()) } else { Ok(Some(Tags::Listed(tags))) }
        }
    }
}

/// A list of entity tags (RFC 9110 §8.8.3, §5.6.1); elements may be empty, and opaque tags hold commas.
fn entity_tags(line: &str) -> Option<Vec<(bool, &str)>> {
    let mut tags = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix(',') {
            rest = behind.trim_start();
            continue;
        }
        let (is_weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (opaque, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        tags.push((is_weak, opaque));
        rest = behind.trim_start();
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
    Some(tags)
}

/// The revisions that the tags name; a foreign tag names none.
fn revisions(tags: &[(bool, &str)], weakly: bool) -> Vec<Revision> {
    let named = tags.iter().filter(|(is_weak, _)| weakly || !is_weak);
    let number = |opaque: &str| opaque.parse().ok().filter(|number: &u64| number.to_string() == opaque);
    named.filter_map(|(_, opaque)| number(opaque)).map(Revision).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use test_case::test_case;

    fn of(revisions: &[u64]) -> Vec<Revision> {
        revisions.iter().copied().map(Revision).collect()
    }

    fn one_of(revisions: &[u64]) -> Option<IfMatch> {
        Some(IfMatch::OneOf(of(revisions)))
    }

    fn none_of(revisions: &[u64]) -> Option<IfMatch> {
        Some(IfMatch::NoneOf(of(revisions)))
    }

    fn read(name: &HeaderName, values: &[&'static str]) -> Result<Option<IfMatch>, &'static str> {
        let values = values.iter().map(|value| (name.clone(), HeaderValue::from_static(value)));
        expected(&HeaderMap::from_iter(values)).map_err(|violation| violation.code)
    }

    #[test_case(&[] => Ok(None); "absent")]
    #[test_case(&["*"] => Ok(Some(IfMatch::Any)); "any")]
    #[test_case(&["\"3\""] => Ok(one_of(&[3])); "one")]
    #[test_case(&["\"3\", \"4\"", "\"5\""] => Ok(one_of(&[3, 4, 5])); "several")]
    #[test_case(&["\"3\",, \"4\","] => Ok(one_of(&[3, 4])); "empty elements")]
    #[test_case(&["W/\"3\""] => Ok(one_of(&[])); "a weak tag")]
    #[test_case(&["\"03\""] => Ok(one_of(&[])); "another tag")]
    #[test_case(&["\"a,b\", \"3\""] => Ok(one_of(&[3])); "a foreign tag with a comma")]
    #[test_case(&["\"\""] => Ok(one_of(&[])); "an empty tag")]
    #[test_case(&["3"] => Err("invalid_value"); "without quotes")]
    #[test_case(&["\"3"] => Err("invalid_value"); "half a tag")]
    #[test_case(&["\"3\" \"4\""] => Err("invalid_value"); "without a comma")]
    #[test_case(&[""] => Err("invalid_value"); "empty")]
    #[test_case(&[","] => Err("invalid_value"); "no element")]
    #[test_case(&["*", "\"3\""] => Err("invalid_value"); "any and one")]
    #[test_case(&["\"3\", *"] => Err("invalid_value"); "one and any")]
    fn if_match(values: &[&'static str]) -> Result<Option<IfMatch>, &'static str> {
        read(&IF_MATCH, values)
    }

    #[test_case(&["*"] => Ok(Some(IfMatch::Nothing)); "nothing may be kept")]
    #[test_case(&["\"3\", W/\"4\""] => Ok(none_of(&[3, 4])); "none of several, compared weakly")]
    #[test_case(&["3"] => Err("invalid_value"); "without quotes")]
    fn if_none_match(values: &[&'static str]) -> Result<Option<IfMatch>, &'static str> {
        read(&IF_NONE_MATCH, values)
    }

    #[test]
    fn both_conditions_at_once_are_refused() {
        let headers = [IF_MATCH, IF_NONE_MATCH].map(|name| (name, HeaderValue::from_static("*")));
        assert_eq!(expected(&HeaderMap::from_iter(headers)).unwrap_err().code, "contradiction");
    }
}
