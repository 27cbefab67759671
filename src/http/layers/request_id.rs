//! One id a request, the same in the answer and in every log line.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::Request;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use uuid::Builder;
use uuid::fmt::Hyphenated;

/// The header that carries the id, in and out. It is never sent on to Feishu (design §2).
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken from a caller; our choice, several times the length of the usual ones.
const MAX_LENGTH: usize = 128;

/// The id of the request, found in its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A new UUIDv7.
    ///
    /// It has to be unlike all others, and may be guessed: so its random part needs no call into the system.
    pub fn fresh() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut random = [0; 10];
        fastrand::fill(&mut random);
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Self(id.hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH])[..].into())
    }

    /// The caller's id when there is exactly one and it is harmless in a log line, else a new one.
    fn choose(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(REQUEST_ID_HEADER).iter();
        match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
            (Some(id), None) if is_sane(id) => Self(id.into()),
            (Some(_) | None, _) => Self::fresh(),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Letters, digits and the marks of the id formats in use (UUID, ULID, base64, `trace:span`); no spaces, no quotes.
fn is_sane(id: &str) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-+/=@".contains(&byte))
}

/// Gives the request its id, in its extensions.
pub(super) fn assign(request: &mut Request) -> RequestId {
    let id = RequestId::choose(request.headers());
    request.extensions_mut().insert(id.clone());
    id
}

impl RequestId {
    /// Puts the id into the answer's header, and beside it the header that every answer needs.
    pub(super) fn mark(&self, answer: &mut Response) {
        let headers = answer.headers_mut();
        // On everything: a browser that takes JSON for a page would run what callers have written into it.
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // Always fits: both kinds of id are printable ASCII.
        if let Ok(header) = HeaderValue::from_str(self.as_str()) {
            headers.insert(REQUEST_ID_HEADER, header);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("req-1" => true; "short")]
    #[test_case("0198c5a4-7e1b-7c3e-9d0a-3f1e2d4c5b6a" => true; "uuid")]
    #[test_case("Zm9vYmFy+/==" => true; "base64")]
    #[test_case("" => false; "empty")]
    #[test_case("two words" => false; "space")]
    #[test_case("quote\"d" => false; "quote")]
    #[test_case("id\u{1b}[31m" => false; "terminal escape")]
    fn sane(id: &str) -> bool {
        is_sane(id)
    }

    #[test]
    fn length_has_a_limit() {
        assert_eq!((is_sane(&"x".repeat(128)), is_sane(&"x".repeat(129))), (true, false));
    }
}
