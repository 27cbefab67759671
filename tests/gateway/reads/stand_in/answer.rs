//! What the stand-in answers with (contract §1.2, §11).

use axum::body::Body;
use axum::response::Response;
use serde_json::{Value, json};

/// The `data` of a success (for a token, the whole body), or why there is none.
pub(crate) type Answer = Result<Value, Refusal>;

#[derive(Debug)]
pub(crate) enum Refusal {
    /// No document lists such a request: the test fails.
    Undocumented(String),
    /// A documented refusal: HTTP status, code, message.
    Code(u16, i64, &'static str),
    /// Something else than Feishu's envelope, with HTTP 200.
    Raw(&'static str),
}

impl Refusal {
    pub(crate) fn undocumented(why: impl Into<String>) -> Self {
        Self::Undocumented(why.into())
    }
}

/// The HTTP answer.
pub(crate) fn response(answer: Answer) -> Response {
    let (status, body) = match answer {
        Ok(token) if token.get("tenant_access_token").is_some() => (200, token.to_string()),
        Ok(data) => (200, json!({"code": 0, "msg": "success", "data": data}).to_string()),
        Err(Refusal::Undocumented(why)) => (400, json!({"code": 1_390_001, "msg": why}).to_string()),
        Err(Refusal::Code(status, code, msg)) => {
            let error = json!({"log_id": "20260314093015000000007A10C7D2AF"});
            (status, json!({"code": code, "msg": msg, "error": error}).to_string())
        }
        Err(Refusal::Raw(text)) => (200, text.to_owned()),
    };
    Response::builder()
        .status(status)
        .header(
            "Content-Type",
            if body.starts_with('<') { "text/html" } else { "application/json; charset=utf-8" },
        )
        .header("X-Tt-Logid", "20260314093015000000007A10C3F4CF")
        .body(Body::from(body))
        .unwrap()
}
