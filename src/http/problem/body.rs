//! The problem document as bytes: the one place that knows its members.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::response::Parts;
use axum::http::{HeaderValue, Response};
use bytes::Bytes;

use super::catalogue::{Language, explain};
use super::{Code, Problem, Upstream};
use crate::domain::Violation;
use crate::schema::shown;

/// Media type of a problem document (RFC 9457 §3).
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

shown! {
    /// What went wrong (RFC 9457). Branch on `code`.
    pub(in crate::http) struct ProblemDocument as Problem {
        /// Path of the page that explains the code.
        r#type: String { required: true, example: "\"/v1/problems/validation_failed\"" },
        /// The problem in a few words.
        title: &'static str { required: true, example: "\"The request breaks a rule\"" },
        /// The HTTP status.
        status: u16 { required: true, example: "422" },
        /// What happened this time, for people.
        detail: Option<String> { example: "\"1 thing is wrong with the request; errors says what and where\"" },
        /// Stable word for programs; `getProblemType` explains each.
        code: &'static str { required: true, example: "\"validation_failed\"", words: Some(codes) },
        /// The id of the request, as in the header `X-Request-Id`.
        request_id: String { required: true, example: "\"01a1fda4-8693-7083-98e9-234157d645bd\"" },
        /// Whether sending the same again may help; then `Retry-After` says when.
        retryable: bool { required: true, example: "false" },
        /// What may be assumed about Feishu's state.
        outcome: &'static str { required: true, example: "\"not_sent\"", words: Some(outcomes) },
        /// What is wrong with which part of the request.
        errors: Option<Vec<ViolationDocument>> { max_items: 1100 },
        /// What Feishu itself answered, when it was asked.
        upstream: Option<UpstreamDocument>,
    }

    /// One thing that is wrong with a request.
    struct ViolationDocument as ProblemViolation {
        /// The part of the request: `body`, `query`, `path` or `header`.
        r#in: &'static str { required: true, example: "\"body\"" },
        /// JSON Pointer into that part: `/tasks/0/status`, `/started_from`. Empty for the whole.
        pointer: String { required: true, may_be_empty: true, example: "\"/tasks/0/status\"" },
        /// Stable word for programs.
        code: &'static str { required: true, example: "\"unknown_value\"" },
        /// One sentence for people.
        detail: String { required: true, example: "\"must be one of: pending, approved\"" },
        /// What to write instead.
        hint: Option<String> { example: "\"did you mean \\\"pending\\\"?\"" },
    }

    /// What Feishu itself answered.
    struct UpstreamDocument as ProblemUpstream {
        /// HTTP status of the last answer.
        http_status: Option<u16> { example: "400" },
        /// Feishu's business code.
        code: Option<i64> { example: "1390001" },
        /// Feishu's words; they change without notice.
        message: Option<String> { example: "\"param is invalid\"" },
        /// Feishu's id of the exchange; quote it to Feishu's support.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
        /// How often the request was sent.
        attempts: u32 { required: true, example: "1" },
    }
}

/// Every code, and what it means in a few words.
pub(crate) fn codes() -> Vec<(&'static str, &'static str)> {
    Code::all().map(|code| (code.as_str(), title(code))).collect()
}

/// The same for every problem with this code.
fn title(code: Code) -> &'static str {
    explain(code, Language::English).title
}

/// Every outcome, and what it means.
pub(crate) fn outcomes() -> Vec<(&'static str, &'static str)> {
    vec![
        ("not_sent", "Nothing reached Feishu."),
        ("rejected", "Feishu refused it."),
        ("unknown", "It may or may not have been applied."),
    ]
}

impl ViolationDocument {
    fn new(violation: &Violation) -> Self {
        let Violation { location, pointer, code, detail, hint } = violation;
        Self {
            r#in: location.as_str(),
            pointer: pointer.clone(),
            code,
            detail: detail.clone().into_owned(),
            hint: hint.clone(),
        }
    }
}

impl UpstreamDocument {
    fn new(upstream: &Upstream) -> Self {
        let Upstream { http_status, code, message, log_id, attempts } = upstream.clone();
        Self { http_status, code, message, log_id, attempts }
    }
}

/// The document as one line.
fn line(problem: &Problem, request_id: &str) -> Vec<u8> {
    // Only strings, numbers and string keys: there is nothing in it that JSON cannot hold.
    let mut bytes = serde_json::to_vec(&problem.to_document(request_id)).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

impl Problem {
    /// The document, for an answer that says more than that.
    pub(in crate::http) fn to_document(&self, request_id: &str) -> ProblemDocument {
        let code = self.code();
        let errors: Vec<_> = self.violations().iter().map(ViolationDocument::new).collect();
        ProblemDocument {
            r#type: code.type_path(),
            title: title(code),
            status: code.status().as_u16(),
            detail: self.shown_detail().map(str::to_owned),
            code: code.as_str(),
            request_id: request_id.to_owned(),
            retryable: code.retryable(),
            outcome: self.known_outcome().as_str(),
            errors: (!errors.is_empty()).then_some(errors),
            upstream: self.upstream_answer().map(UpstreamDocument::new),
        }
    }

    /// The document as the last line of a stream that it ends.
    pub fn to_line(&self, request_id: &str) -> Bytes {
        line(self, request_id).into()
    }
}

/// Writes the document into the response that carried the problem, keeping headers that middleware has set.
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
