//! The ids of one call.

use time::macros::format_description;
use uuid::Uuid;

use super::times::utc;

/// The two ids that every answer carries in its headers (contract §11.3).
#[derive(Debug, Clone)]
pub(super) struct Trace {
    /// `X-Tt-Logid`, the id that support asks for; also `error.log_id`.
    pub(super) log_id: String,
    /// `X-Request-Id`.
    pub(super) request_id: String,
}

impl Trace {
    /// New ids that look like Feishu's: the second of the call, then hexadecimal digits.
    pub(super) fn new(now: i64) -> Self {
        let second = utc(now).format(format_description!("[year][month][day][hour][minute][second]"));
        let second = second.expect("a second can be written");
        let random = Uuid::new_v4().simple().to_string();
        let log_id = format!("{second}{}", random[..18].to_uppercase());
        Self { log_id, request_id: Uuid::new_v4().simple().to_string() }
    }
}
