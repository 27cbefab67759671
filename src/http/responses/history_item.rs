//! One entry of an instance's history.

use serde_json::value::RawValue;

use super::delivery_problem::DeliveryProblem;
use super::delivery_status::shown_revision;
use crate::domain::{Timestamp, Word as _};
use crate::ledger::{HistoryEntry, HistoryEvent};
use crate::schema::shapes::words;
use crate::schema::shown;

shown! {
    /// One entry of an instance's history.
    pub(in crate::http) struct HistoryItem {
        /// What happened.
        event: &'static str { required: true, example: "\"delivered\"", words: Some(words::<HistoryEvent>) },
        /// When it happened.
        at: Timestamp { required: true, example: "\"2026-11-20T01:30:00.120Z\"" },
        /// The revision that it happened to.
        revision: i64 { required: true, example: "3" },
        /// The version that was promised or sent.
        updated_at: Timestamp { required: true, example: "\"2026-11-20T01:30:00.000Z\"" },
        /// The name of the key that did it; absent when the gateway did it by itself.
        caller: Option<String> { example: "\"erp\"" },
        /// The id of the request that did it.
        request_id: Option<String> { example: "\"01a1fda4-8693-7083-98e9-234157d645bd\"" },
        /// What went wrong.
        problem: Option<DeliveryProblem>,
        /// Feishu's id of the exchange.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
        /// What else there is to say. For `action`: `task_id`, `user_id`, `action`, and the `result`. For `notified`: `task_id`, `user_id`
        /// or `open_id`, `message_id`, and of a card that was changed the `status`; with a `problem` it was given up.
        detail: Option<Box<RawValue>> { example: "{\"task_id\":\"leave-2026-1024-1\",\"user_id\":\"bob\",\"action\":\"approve\",\"result\":\"accepted\"}" },
    }
}

impl From<HistoryEntry> for HistoryItem {
    fn from(entry: HistoryEntry) -> Self {
        let HistoryEntry {
            number: _,
            at,
            event,
            revision,
            version,
            caller,
            request_id,
            problem,
            log_id,
            detail,
        } = entry;
        Self {
            event: event.as_str(),
            at,
            revision: shown_revision(revision),
            updated_at: version,
            caller,
            request_id,
            problem: problem.as_ref().map(DeliveryProblem::read),
            log_id,
            detail: detail.and_then(|detail| RawValue::from_string(detail).ok()),
        }
    }
}
