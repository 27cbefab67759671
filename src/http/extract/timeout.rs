//! The caller's own time limit.

use std::time::Duration;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use super::RequestLimits;
use crate::domain::{Location, Violation};
use crate::http::problem::Problem;
use crate::support::deadline::Deadline;

/// The header with which a caller lowers the deadline of its request, in milliseconds (design §3).
const TIMEOUT_HEADER: &str = "X-Request-Timeout-Ms";

/// The header with which a caller lowers the deadline of its request, as headers are looked up by.
pub const TIMEOUT_HEADER_NAME: HeaderName = HeaderName::from_static("x-request-timeout-ms");

/// The deadline of the request: the configured one, or an earlier one that the caller asks for.
///
/// # Errors
/// 422 `validation_failed` in `header` when the header is anything but one positive whole number of 64 bits.
#[derive(Debug, Clone, Copy)]
pub struct TimeoutHeader(pub Deadline);

impl<S> FromRequestParts<S> for TimeoutHeader
where
    RequestLimits: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // Set when the head came, so that it is the same moment for every extractor.
        if let Some(deadline) = parts.extensions.get::<Deadline>() {
            return Ok(Self(*deadline));
        }
        let deadline = asked_deadline(&parts.headers, RequestLimits::from_ref(state));
        deadline.map(Self).map_err(|violation| Problem::validation(vec![violation]))
    }
}

/// The deadline of a request with these headers that begins now.
///
/// # Errors
/// When the header is anything but one positive whole number of 64 bits.
pub(in crate::http) fn asked_deadline(
    headers: &HeaderMap,
    limits: RequestLimits,
) -> Result<Deadline, Violation> {
    let asked = asked_for(headers)?;
    Ok(Deadline::after(asked.map_or(limits.deadline, |asked| asked.min(limits.deadline))))
}

fn asked_for(headers: &HeaderMap) -> Result<Option<Duration>, Violation> {
    let mut values = headers.get_all(TIMEOUT_HEADER_NAME).iter();
    let (value, None) = (values.next(), values.next()) else {
        return Err(violation("the time limit is given more than once"));
    };
    let Some(value) = value else { return Ok(None) };
    let digits = value.to_str().unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(violation("the time limit must be a whole number of milliseconds, in digits only"));
    }
    // Signed, as the OpenAPI file's `int64` says it: generated clients cannot send more.
    match digits.parse::<i64>() {
        Ok(0) => Err(violation("the time limit must be at least 1 millisecond")),
        Ok(millis) => Ok(Some(Duration::from_millis(millis.unsigned_abs()))),
        Err(_) => Err(violation("the time limit must fit 64 bits")),
    }
}

fn violation(detail: &'static str) -> Violation {
    Violation::at(Location::Header, format!("/{TIMEOUT_HEADER}"), "invalid_value", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use test_case::test_case;

    fn asked(values: &[&'static str]) -> Result<Option<u64>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TIMEOUT_HEADER, HeaderValue::from_static(value));
        }
        match asked_for(&headers) {
            Ok(span) => Ok(span.map(|span| span.as_millis().try_into().unwrap_or(u64::MAX))),
            Err(violation) => Err(violation.code),
        }
    }

    #[test_case(&[] => Ok(None); "absent")]
    #[test_case(&["1"] => Ok(Some(1)); "least")]
    #[test_case(&["9223372036854775807"] => Ok(Some(9_223_372_036_854_775_807)); "greatest")]
    #[test_case(&["9223372036854775808"] => Err("invalid_value"); "too large for the type")]
    #[test_case(&["0"] => Err("invalid_value"); "zero")]
    #[test_case(&["-5"] => Err("invalid_value"); "negative")]
    #[test_case(&["+5"] => Err("invalid_value"); "sign")]
    #[test_case(&["1.5"] => Err("invalid_value"); "fraction")]
    #[test_case(&["5s"] => Err("invalid_value"); "unit")]
    #[test_case(&[""] => Err("invalid_value"); "empty")]
    #[test_case(&["5", "5"] => Err("invalid_value"); "twice")]
    fn header(values: &[&'static str]) -> Result<Option<u64>, &'static str> {
        asked(values)
    }
}
