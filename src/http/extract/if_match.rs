//! The revisions that a caller expects to be kept (RFC 9110 §13.1.1).

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;

use crate::domain::{Location, Violation};
use crate::http::problem::Problem;
use crate::ledger::{IfMatch, Revision};

/// The header `If-Match`, if there is one.
///
/// # Errors
/// 422 `validation_failed` in `header` for what is no list of entity tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatchHeader(pub Option<IfMatch>);

impl<S: Sync> FromRequestParts<S> for IfMatchHeader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        expected(&parts.headers).map(Self).map_err(|violation| Problem::validation(vec![violation]))
    }
}

fn expected(headers: &HeaderMap) -> Result<Option<IfMatch>, Violation> {
    let mut given = false;
    let mut revisions = Vec::new();
    for value in headers.get_all(IF_MATCH) {
        let Ok(line) = value.to_str() else { return Err(malformed()) };
        if line.trim() == "*" && !given {
            return Ok(Some(IfMatch::Any));
        }
        given = true;
        for tag in line.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            let (weak, tag) = tag.strip_prefix("W/").map_or((false, tag), |tag| (true, tag));
            let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).ok_or_else(malformed)?;
            // A weak tag never matches, nor does one that was never given.
            let number = opaque.parse().ok().filter(|number: &u64| !weak && number.to_string() == opaque);
            revisions.extend(number.map(Revision));
        }
    }
    Ok(given.then_some(IfMatch::OneOf(revisions)))
}

fn malformed() -> Violation {
    let detail = "must be * or a list of entity tags in quotes, such as \"3\"";
    Violation::at(Location::Header, "/If-Match", "invalid_value", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use test_case::test_case;

    fn one_of(revisions: &[u64]) -> Option<IfMatch> {
        Some(IfMatch::OneOf(revisions.iter().copied().map(Revision).collect()))
    }

    #[test_case(&[] => Ok(None); "absent")]
    #[test_case(&["*"] => Ok(Some(IfMatch::Any)); "any")]
    #[test_case(&["\"3\""] => Ok(one_of(&[3])); "one")]
    #[test_case(&["\"3\", \"4\"", "\"5\""] => Ok(one_of(&[3, 4, 5])); "several")]
    #[test_case(&["W/\"3\""] => Ok(one_of(&[])); "a weak tag")]
    #[test_case(&["\"03\""] => Ok(one_of(&[])); "another tag")]
    #[test_case(&["\"abc\""] => Ok(one_of(&[])); "a foreign tag")]
    #[test_case(&["3"] => Err("invalid_value"); "without quotes")]
    #[test_case(&["\"3"] => Err("invalid_value"); "half a tag")]
    fn header(values: &[&'static str]) -> Result<Option<IfMatch>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, HeaderValue::from_static(value));
        }
        expected(&headers).map_err(|violation| violation.code)
    }
}
