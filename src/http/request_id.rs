//! One id a request, the same in the answer and in every log entry.

use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use tower_http::request_id::{MakeRequestId, RequestId};
use uuid::{NoContext, Timestamp, Uuid};

use crate::support::clock::since_1970;

/// The header that carries the id, in and out. It is never sent on to Feishu (design §2).
pub(super) const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken from a caller; our choice, several times the length of the usual ones.
const MAX_LENGTH: usize = 128;

/// Gives requests without an id a UUIDv7.
#[derive(Debug, Clone, Copy)]
pub(super) struct MakeUuidV7;

impl MakeRequestId for MakeUuidV7 {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        HeaderValue::try_from(new_request_id()).ok().map(RequestId::new)
    }
}

/// A new UUIDv7. A clock that is set before 1970 makes ids that sort first; it is no reason to fail.
pub(super) fn new_request_id() -> String {
    let now = since_1970();
    Uuid::new_v7(Timestamp::from_unix(NoContext, now.as_secs(), now.subsec_nanos())).to_string()
}

/// The id of a request, from its extensions; empty outside of the middleware that gives every request one.
pub(super) fn request_id(extensions: &Extensions) -> &str {
    let id = extensions.get::<RequestId>().map(RequestId::header_value);
    id.and_then(|id| id.to_str().ok()).unwrap_or_default()
}

/// Removes the caller's id unless there is exactly one and it is harmless in a log entry.
pub(super) fn drop_unusable_id<B>(mut request: Request<B>) -> Request<B> {
    if !has_usable_id(request.headers()) {
        request.headers_mut().remove(REQUEST_ID_HEADER);
    }
    request
}

fn has_usable_id(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(REQUEST_ID_HEADER).iter();
    let first = given.next().and_then(|value| value.to_str().ok());
    first.is_some_and(is_sane) && given.next().is_none()
}

/// Letters, digits and the marks of the id formats in use (UUID, ULID, base64, `trace:span`); no spaces, no quotes.
fn is_sane(id: &str) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-+/=@".contains(&byte))
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
