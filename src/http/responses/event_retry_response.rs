//! How many events are sent again.

use crate::schema::shown;

shown! {
    /// How many events are sent again.
    pub(in crate::http) struct EventRetryResponse {
        /// Events that were put back to pending, or are due at once.
        retried: i64 { required: true, example: "12" },
    }
}

impl EventRetryResponse {
    pub(in crate::http) fn new(retried: u64) -> Self {
        Self { retried: i64::try_from(retried).unwrap_or(i64::MAX) }
    }
}
