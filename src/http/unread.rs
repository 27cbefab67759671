//! Answers to requests that could not be read: hyper refuses them before any layer sees them, and without a body.

use axum::http::StatusCode;

use super::problem::{Code, PROBLEM_JSON, Problem};
use super::request_id::new_request_id;

/// A whole HTTP/1.1 answer with a problem document, for a status with which a request is refused unread; `None` for any
/// other status.
///
/// It is the last of its connection, because nobody knows where the next request begins. It has an id of its own, and one
/// line in the log.
pub fn answer(status: u16) -> Option<Vec<u8>> {
    let status = StatusCode::from_u16(status).ok()?;
    let (code, detail) = match status {
        StatusCode::BAD_REQUEST => (Code::MalformedRequest, "The request line or a header is not HTTP."),
        StatusCode::REQUEST_TIMEOUT => {
            (Code::RequestTimeout, "The head of the request was not complete in time.")
        }
        StatusCode::URI_TOO_LONG => (Code::UriTooLong, "Path and query are longer than 64 KiB."),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
            Code::HeadersTooLarge,
            "The head of the request is larger than 192 KiB, or has more than 100 headers.",
        ),
        _ => return None,
    };
    let request_id = new_request_id();
    let request_id = request_id.as_str();
    let problem = Problem::new(code).detail(detail);
    let document = problem.to_line(request_id);
    let reason = status.canonical_reason().unwrap_or_default();
    let retry = problem.retry_after_seconds().map(|seconds| format!("retry-after: {seconds}\r\n"));
    let mut answer = format!(
        "HTTP/1.1 {} {reason}\r\ncontent-type: {}\r\ncontent-length: {}\r\n{}x-content-type-options: nosniff\r\n\
         x-request-id: {request_id}\r\nconnection: close\r\n\r\n",
        status.as_u16(),
        PROBLEM_JSON.to_str().unwrap_or_default(),
        document.len(),
        retry.unwrap_or_default(),
    )
    .into_bytes();
    answer.extend_from_slice(&document);
    tracing::info!(request_id, status = status.as_u16(), code = code.as_str(), "request refused unread");
    Some(answer)
}
