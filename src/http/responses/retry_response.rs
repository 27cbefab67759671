//! How many deliveries a retry puts back.

use crate::schema::shown;

shown! {
    /// How many deliveries are tried again.
    pub(in crate::http) struct RetryResponse {
        /// Deliveries that were put back to pending, or are due at once.
        retried: i64 { required: true, example: "12" },
    }
}

impl RetryResponse {
    pub(in crate::http) fn new(retried: u64) -> Self {
        Self { retried: i64::try_from(retried).unwrap_or(i64::MAX) }
    }
}
