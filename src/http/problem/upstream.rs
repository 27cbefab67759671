//! What Feishu itself answered.

use serde::Serialize;

/// What Feishu itself answered, shown beside our own words so that its support can be asked (design §2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Upstream {
    /// HTTP status of the last answer; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Feishu's business code; absent when the answer had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// Feishu's `msg`, for people only: its wording changes without notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// `X-Tt-Logid` or the body's `log_id`; always quote it to Feishu's support (contract §11.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_id: Option<String>,
    /// How often the request was sent.
    pub attempts: u32,
}
