//! How far the delivery of an instance has come.

use super::delivery_problem::DeliveryProblem;
use super::warning::{DocumentWarning, MOST_WARNINGS, shown_warnings};
use crate::delivery::durable::{Hold, Warned};
use crate::domain::{Timestamp, Warnings, Word as _};
use crate::ledger::{DeliveryRecord, DeliveryState, Revision};
use crate::schema::shapes::words;
use crate::schema::shown;

shown! {
    /// How far the delivery of an instance has come.
    pub(in crate::http) struct DeliveryStatus {
        /// Your id of the instance.
        instance_id: String { required: true, example: "\"leave-1001\"" },
        /// The definition that it belongs to.
        approval_code: String { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// `pending`, `delivered`, `confirmed`, `refused` or `conflict`.
        state: &'static str { required: true, example: "\"pending\"", words: Some(words::<DeliveryState>) },
        /// Counts the accepted changes of the instance.
        revision: i64 { required: true, example: "3" },
        /// The newest revision that Feishu took.
        delivered_revision: Option<i64> { example: "2" },
        /// The version that this revision is, or was, sent with.
        updated_at: Timestamp { required: true, example: "\"2026-11-20T01:30:00.000Z\"" },
        /// When this revision was accepted.
        accepted_at: Timestamp { required: true, example: "\"2026-11-20T01:30:00.000Z\"" },
        /// When Feishu took a revision last.
        delivered_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.120Z\"" },
        /// When Feishu's check last agreed.
        confirmed_at: Option<Timestamp> { example: "\"2026-11-20T01:30:30.000Z\"" },
        /// Pushes of this revision that have ended; each may have sent its request up to three times.
        attempts: u32 { required: true, example: "1" },
        /// When the next push is due, while it is pending.
        next_attempt_at: Option<Timestamp> { example: "\"2026-11-20T01:30:02.400Z\"" },
        /// Why the last push failed, or why nothing is tried.
        last_problem: Option<DeliveryProblem>,
        /// What you should look at although the document was accepted; absent where the document is not kept any more or cannot be
        /// read, and where `warnings` stands beside this.
        warnings: Option<Vec<DocumentWarning>> { max_items: MOST_WARNINGS },
        /// The name of the key that sent it.
        caller: Option<String> { example: "\"erp\"" },
        /// Feishu's id of the last exchange.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
    }
}

/// A revision as answers show it.
pub(in crate::http) fn shown_revision(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}

impl DeliveryStatus {
    /// How this record stands, when its app pushes or is on hold.
    pub(in crate::http) fn new(record: DeliveryRecord, hold: Option<&Hold>) -> Self {
        let state = record.state.unwrap_or(DeliveryState::Pending);
        // What holds up the app is the reason where nothing else went wrong before.
        let held = hold.filter(|_| state == DeliveryState::Pending).map(|hold| &hold.problem);
        let last_problem = record.problem.as_ref().or(held).map(DeliveryProblem::read);
        Self {
            state: state.as_str(),
            revision: shown_revision(record.revision),
            delivered_revision: record.sent_revision().map(shown_revision),
            updated_at: record.version,
            accepted_at: record.accepted_at,
            delivered_at: record.sent.map(|sent| sent.at),
            confirmed_at: record.confirmed_at,
            attempts: record.attempts,
            next_attempt_at: record.due_at,
            last_problem,
            warnings: None,
            caller: record.caller,
            log_id: record.log_id,
            instance_id: record.key.instance_id,
            approval_code: record.approval_code,
        }
    }

    /// The same with what is known of its document.
    pub(in crate::http) fn warned((record, warnings): Warned, hold: Option<&Hold>) -> Self {
        warnings.into_iter().fold(Self::new(record, hold), Self::warning)
    }

    /// The same, with what the writer of its document should look at.
    pub(in crate::http) fn warning(self, warnings: Warnings) -> Self {
        Self { warnings: Some(shown_warnings(warnings)), ..self }
    }
}
