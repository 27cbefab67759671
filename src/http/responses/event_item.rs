//! An outgoing event, and how far its sending has come.

use crate::delivery::durable::EventProblem;
use crate::domain::{EventState, EventType, Timestamp, Word as _};
use crate::ledger::{EventRecord, NewEvent};
use crate::schema::shapes::words;
use crate::schema::shown;

shown! {
    /// An outgoing event, and how far its sending has come.
    pub(in crate::http) struct EventItem {
        /// What its receiver knows it by, as `webhook-id`; equal whenever it is sent.
        event_id: String { required: true, example: "\"evt_7f3f6a1c9f0b4d0c8f2a6f1f6f0c3b5e\"" },
        /// What happened.
        r#type: &'static str { required: true, example: "\"delivery.refused\"", words: Some(words::<EventType>) },
        /// When it happened.
        timestamp: Timestamp { required: true, example: "\"2026-11-29T01:30:00.120Z\"" },
        /// How far its sending has come.
        state: &'static str { required: true, example: "\"dead\"", words: Some(words::<EventState>) },
        /// Your id of the instance; absent when it is about the app.
        instance_id: Option<String> { example: "\"leave-1001\"" },
        /// The definition that the instance belongs to.
        approval_code: Option<String> { example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// The revision of the document that it is about.
        revision: Option<i64> { example: "3" },
        /// Why it happened.
        problem: Option<EventProblem>,
        /// How often it was sent, since it happened or was put back.
        attempts: u32 { required: true, example: "4" },
        /// When it is sent next; absent while it waits behind an earlier one about the same instance, and when it is not pending.
        next_attempt_at: Option<Timestamp> { example: "\"2026-11-29T01:30:08.000Z\"" },
        /// When it was delivered or given up.
        ended_at: Option<Timestamp> { example: "\"2026-12-02T01:30:00.120Z\"" },
        /// What went wrong the last time.
        last_error: Option<String> { example: "\"HTTP 503\"" },
    }
}

impl From<EventRecord> for EventItem {
    fn from(record: EventRecord) -> Self {
        let EventRecord { number: _, event, state, attempts, due_at, tried_until: _, ended_at, last_error } =
            record;
        let NewEvent { id, kind, at, instance_id, revision, approval_code, problem } = event;
        Self {
            event_id: id,
            r#type: kind.as_str(),
            timestamp: at,
            state: state.as_str(),
            instance_id,
            approval_code: approval_code.filter(|code| !code.is_empty()),
            revision: revision.map(super::delivery_status::shown_revision),
            problem: problem.as_ref().map(EventProblem::read),
            attempts,
            next_attempt_at: due_at,
            ended_at,
            last_error,
        }
    }
}
