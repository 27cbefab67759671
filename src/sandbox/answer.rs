//! Answers of the sandbox: the envelope of contract §1.2 and the headers of contract §11.3.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use serde::Serialize;

use super::refusal::{ErrorObject, Refusal};
use super::trace::Trace;

/// Contract §11.3: the Go SDK reads error codes only under this media type.
const JSON: &str = "application/json; charset=utf-8";

/// One answer, before it becomes bytes on a connection.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// HTTP status.
    pub(super) status: StatusCode,
    /// Media type of the body.
    pub(super) content_type: String,
    /// Headers besides the media type and the ids.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// `code` of the envelope, when the body is one.
    pub(super) code: Option<i64>,
    /// The body.
    pub(super) body: Vec<u8>,
}

#[derive(Serialize)]
struct Success<'a, T> {
    code: i64,
    msg: &'a str,
    data: &'a T,
}

#[derive(Serialize)]
struct Failure<'a> {
    code: i64,
    msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Nothing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorObject<'a>>,
}

#[derive(Serialize)]
struct Nothing {}

impl Answer {
    /// HTTP 200 with any JSON body.
    pub(super) fn json(code: i64, body: &impl Serialize) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: JSON.to_owned(),
            headers: Vec::new(),
            code: Some(code),
            body: encode(body),
        }
    }

    /// Success: `code` 0, `msg` "success", the payload under `data` (contract §1.2).
    pub(super) fn success<T: Serialize>(data: &T) -> Self {
        Self::json(0, &Success { code: 0, msg: "success", data })
    }

    /// Failure with its HTTP status, code and `error` object.
    pub(super) fn failure(refusal: Refusal, trace: &Trace) -> Self {
        let body = encode(&Failure {
            code: refusal.code,
            msg: &refusal.msg,
            data: refusal.empty_data.then_some(Nothing {}),
            error: ErrorObject::of(&refusal, trace),
        });
        Self {
            status: refusal.status,
            content_type: JSON.to_owned(),
            headers: refusal.headers,
            code: Some(refusal.code),
            body,
        }
    }

    /// An unknown path: plain text, not JSON (contract §13.14).
    pub(super) fn unknown_path() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            content_type: "text/plain; charset=utf-8".to_owned(),
            headers: Vec::new(),
            code: None,
            body: b"404 page not found".to_vec(),
        }
    }

    /// The HTTP response, with a body of one's choice: faults send less than they announce.
    pub(super) fn into_response(self, trace: &Trace, body: impl FnOnce(Vec<u8>) -> Body) -> Response<Body> {
        let Self { status, content_type, headers, code: _, body: bytes } = self;
        let mut response = Response::new(body(bytes));
        *response.status_mut() = status;
        let out = response.headers_mut();
        for (name, value) in [
            (CONTENT_TYPE, &content_type),
            (HeaderName::from_static("x-tt-logid"), &trace.log_id),
            (HeaderName::from_static("x-request-id"), &trace.request_id),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                out.insert(name, value);
            }
        }
        out.extend(headers);
        response
    }
}

fn encode(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("the answers are structs with string keys, which always serialise")
}
