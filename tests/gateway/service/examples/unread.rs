//! Requests that are refused before they are read: no HTTP client sends them, and only the gateway's own server answers them.

use serde_json::{Value, json};

use super::masks::REQUEST_ID;
use crate::harness::Gateway;

/// What is wrong with the head of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    BlankInPath,
    LongPath,
    ManyHeaders,
}

impl Flaw {
    fn head(self, method: &str, path: &str) -> String {
        match self {
            Self::BlankInPath => format!("{method} {path} x HTTP/1.1\r\n\r\n"),
            Self::LongPath => format!("{method} {path}{} HTTP/1.1\r\n\r\n", "1".repeat(70_000)),
            Self::ManyHeaders => format!("{method} {path} HTTP/1.1\r\n{}\r\n", "X-Many: 1\r\n".repeat(101)),
        }
    }

    /// Sends a request with this flaw and answers status and body, the gateway's own id of the request replaced.
    pub(super) async fn answer(self, gateway: &Gateway, method: &str, path: &str) -> Value {
        let mut caller = gateway.connect().await;
        caller.send(self.head(method, path)).await;
        let text = caller.rest().await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut body: Value = serde_json::from_str(body).unwrap();
        body["request_id"] = REQUEST_ID.into();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        json!({ "status": status, "body": body })
    }
}
