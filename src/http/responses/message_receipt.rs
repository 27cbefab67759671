//! What a caller is told about a message that Feishu took.

use super::warning::{DocumentWarning, MOST_WARNINGS, shown_warnings};
use crate::domain::Warnings;
use crate::schema::shown;

shown! {
    /// A message that was sent.
    pub(in crate::http) struct MessageReceipt {
        /// Feishu's id of it, which `updateMessage` needs.
        message_id: String { required: true, example: "\"7301550094428200000\"" },
        /// Whether the recipient had it already, so that nothing was sent; known for messages with a `dedupe_key`.
        deduplicated: bool { required: true, example: "false" },
        /// What you should look at although the message was taken.
        warnings: Vec<DocumentWarning> { required: true, max_items: MOST_WARNINGS },
        /// Feishu's id of the exchange; quote it to Feishu's support. Absent when nothing was sent.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
    }
}

impl MessageReceipt {
    /// One that was sent now.
    pub(in crate::http) fn sent(message_id: String, warnings: Warnings, log_id: Option<String>) -> Self {
        Self { message_id, deduplicated: false, warnings: shown_warnings(warnings), log_id }
    }

    /// One that was sent before.
    pub(in crate::http) fn repeated(message_id: String, warnings: Warnings) -> Self {
        Self { message_id, deduplicated: true, warnings: shown_warnings(warnings), log_id: None }
    }
}

shown! {
    /// A message whose card was changed.
    pub(in crate::http) struct MessageUpdateReceipt {
        /// Feishu's id of it.
        message_id: String { required: true, example: "\"7301550094428200000\"" },
        /// Feishu's id of the exchange; quote it to Feishu's support.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
    }
}

impl MessageUpdateReceipt {
    pub(in crate::http) fn new(message_id: String, log_id: Option<String>) -> Self {
        Self { message_id, log_id }
    }
}
