//! The problem document as bytes: the one place that knows its members.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::response::Parts;
use axum::http::{HeaderValue, Response};
use bytes::Bytes;
use serde::Serialize;

use super::{Outcome, Problem, Upstream};
use crate::domain::Violation;

/// Media type of a problem document (RFC 9457 §3).
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

#[derive(Serialize)]
struct ProblemBody<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    code: &'static str,
    request_id: &'a str,
    retryable: bool,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ViolationBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<&'a Upstream>,
}

#[derive(Serialize)]
struct ViolationBody<'a> {
    r#in: &'static str,
    pointer: &'a str,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

impl<'a> From<&'a Violation> for ViolationBody<'a> {
    fn from(violation: &'a Violation) -> Self {
        let Violation { location, pointer, code, detail, hint } = violation;
        Self { r#in: location.as_str(), pointer, code, detail, hint: hint.as_deref() }
    }
}

/// The document as one line.
fn line(problem: &Problem, request_id: &str) -> Vec<u8> {
    let code = problem.code();
    let document = ProblemBody {
        r#type: code.type_path(),
        title: code.title(),
        status: code.status().as_u16(),
        detail: problem.shown_detail(),
        code: code.as_str(),
        request_id,
        retryable: code.retryable(),
        outcome: problem.known_outcome(),
        errors: problem.violations().iter().map(Into::into).collect(),
        upstream: problem.upstream_answer(),
    };
    // Only strings, numbers and string keys: there is nothing in it that JSON cannot hold.
    let mut bytes = serde_json::to_vec(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

impl Problem {
    /// The document as the last line of a stream that it ends.
    pub fn to_line(&self, request_id: &str) -> Bytes {
        line(self, request_id).into()
    }
}

/// Writes the document into the response that carried the problem, keeping headers that layers have set.
pub(crate) fn render(problem: &Problem, request_id: &str, mut head: Parts) -> Response<Body> {
    head.status = problem.code().status();
    head.headers.remove(CONTENT_LENGTH);
    head.headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    if let Some(seconds) = problem.retry_after_seconds() {
        head.headers.insert(RETRY_AFTER, seconds.into());
    }
    for (name, value) in problem.extra_headers() {
        head.headers.insert(name, value.clone());
    }
    Response::from_parts(head, Body::from(line(problem, request_id)))
}
