//! An answer of the gateway, and what holds for every one.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::feishu::FOR_EVER;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The text as JSON; null where it is none.
    pub(crate) body: Value,
}

/// Sends a request and reads the whole answer.
pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    Answer::of(tokio::time::timeout(FOR_EVER, request.send()).await.unwrap().unwrap()).await
}

impl Answer {
    /// Reads what is left of an answer.
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = tokio::time::timeout(FOR_EVER, response.text()).await.unwrap().unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, body }
    }

    /// Reads an answer as a connection brings it.
    pub(crate) fn read(bytes: &str) -> Self {
        let (head, text) = bytes.split_once("\r\n\r\n").unwrap();
        let (status, lines) = head.split_once("\r\n").unwrap();
        let fields = lines.lines().map(|line| line.split_once(": ").unwrap());
        let headers = fields.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, headers, text: text.to_owned(), body: serde_json::from_str(text).unwrap_or_default() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.header("retry-after").map(|seconds| seconds.parse().unwrap())
    }

    /// The document of a success, such as the receipt of a push.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(
            (self.status, self.header("content-type")),
            (200, Some("application/json")),
            "{}",
            self.text
        );
        self.body.clone()
    }

    /// Code of a problem; empty where there is none.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Status and code of a problem.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text);
        assert_eq!(self.body["status"], self.status);
        (self.status, self.code())
    }

    /// Status, code and outcome of a problem on one line; checks what holds for every problem.
    pub(crate) fn problem(&self) -> String {
        let Self { status, headers, body, .. } = self;
        assert_eq!(headers["content-type"], "application/problem+json", "{body}");
        assert_eq!(body["status"], *status);
        assert_eq!(body["type"], format!("/v1/problems/{}", self.code()));
        assert_eq!(headers["x-request-id"].to_str().unwrap(), body["request_id"].as_str().unwrap());
        assert_eq!(body["retryable"], self.retry_after().is_some(), "{headers:?} {body}");
        let outcome = body["outcome"].as_str().unwrap();
        let again = if self.retry_after().is_some() { ", retryable" } else { "" };
        format!("{status} {}, {outcome}{again}", self.code())
    }

    /// Location, pointer and code of each violation on one line.
    pub(crate) fn violations(&self) -> Vec<String> {
        let line = |violation: &Value| {
            let text = |name: &str| violation[name].as_str().unwrap().to_owned();
            format!("{} {}: {}", text("in"), text("pointer"), text("code"))
        };
        self.body["errors"].as_array().into_iter().flatten().map(line).collect()
    }
}
