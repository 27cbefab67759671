//! One id a request, the same in the answer and in every log line.

use std::fmt;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

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

    /// The caller's id when there is exactly one and it is harmless in a log line, else a new UUIDv7.
    fn choose(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(REQUEST_ID_HEADER).iter();
        match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
            (Some(id), None) if is_sane(id) => Self(id.into()),
            (Some(_) | None, _) => Self(Uuid::now_v7().to_string().into()),
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

/// Puts the id into the request's extensions and into the answer's header, and beside it the header that every answer
/// needs.
pub(super) async fn assign(mut request: Request, next: Next) -> Response {
    let id = RequestId::choose(request.headers());
    let header = HeaderValue::from_str(id.as_str());
    request.extensions_mut().insert(id);
    let mut response = next.run(request).await;
    // On everything: a browser that takes JSON for a page would run what callers have written into it.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Always fits: both kinds of id are printable ASCII.
    if let Ok(header) = header {
        response.headers_mut().insert(REQUEST_ID_HEADER, header);
    }
    response
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
