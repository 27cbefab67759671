//! What Feishu itself answered.

/// What Feishu itself answered, shown beside our own words so that its support can be asked (design §2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upstream {
    /// HTTP status of the last answer; absent when there was none.
    pub http_status: Option<u16>,
    /// Feishu's business code; absent when the answer had none.
    pub code: Option<i64>,
    /// Feishu's `msg`, for people only: its wording changes without notice.
    pub message: Option<String>,
    /// `X-Tt-Logid` or the body's `log_id`; always quote it to Feishu's support (contract §11.3).
    pub log_id: Option<String>,
    /// How often the request was sent.
    pub attempts: u32,
}
