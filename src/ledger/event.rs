//! Outgoing events: what other systems are to be told, kept until they were.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::problem::StoredProblem;
use super::record::Revision;
use crate::domain::{EventState, EventType, Timestamp};

/// For how long an event is tried, from when it happened or was put back.
pub const EVENT_TRIED_FOR: Duration = Duration::from_secs(3 * 24 * 3_600);

/// Counts the events of a store; later ones have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventNumber(pub i64);

/// Something that happened, and that another system is to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Names it for its receiver, whoever sends it and however often; never used twice.
    pub id: String,
    /// What happened.
    pub kind: EventType,
    /// When.
    pub at: Timestamp,
    /// The instance that it is about; absent when it is about the app.
    pub instance_id: Option<String>,
    /// The revision that it is about.
    pub revision: Option<Revision>,
    /// The definition that the instance belongs to.
    pub approval_code: Option<String>,
    /// Why it happened: code and detail only.
    pub problem: Option<StoredProblem>,
}

impl NewEvent {
    /// An event about the app.
    pub fn of_app(kind: EventType, at: Timestamp, problem: Option<&StoredProblem>) -> Self {
        Self {
            id: format!("evt_{}", Uuid::new_v4().simple()),
            kind,
            at,
            instance_id: None,
            revision: None,
            approval_code: None,
            problem: problem.map(StoredProblem::without_details),
        }
    }
}

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Its number in the store.
    pub number: EventNumber,
    /// What happened.
    pub event: NewEvent,
    /// How far its sending has come.
    pub state: EventState,
    /// How often it was sent, since it happened or was put back.
    pub attempts: u32,
    /// When it is sent next; absent while it waits behind an earlier one of its instance, and when it is not pending.
    pub due_at: Option<Timestamp>,
    /// How long it is tried.
    pub tried_until: Timestamp,
    /// When it was delivered or given up.
    pub ended_at: Option<Timestamp>,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

/// What became of an attempt to send an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventResult {
    /// The receiver took it.
    Delivered,
    /// It did not; it is tried again then, or given up when its time is over.
    Failed {
        /// When to try again.
        at: Timestamp,
        /// What went wrong.
        error: String,
    },
    /// The receiver does not want it.
    Unwanted {
        /// What it said.
        error: String,
    },
}

/// Events that have all of these; an absent member is anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// In one of these states; empty for all.
    pub states: Vec<EventState>,
    /// One of these types; empty for all.
    pub kinds: Vec<EventType>,
    /// About this instance.
    pub instance_id: Option<Arc<str>>,
}

impl EventFilter {
    /// Whether this event is meant.
    pub fn matches(&self, record: &EventRecord) -> bool {
        let Self { states, kinds, instance_id } = self;
        (states.is_empty() || states.contains(&record.state))
            && (kinds.is_empty() || kinds.contains(&record.event.kind))
            && instance_id.as_ref().is_none_or(|id| Some(&**id) == record.event.instance_id.as_deref())
    }
}

/// How the events of an app stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventSummary {
    /// Those that wait.
    pub pending: u64,
    /// When the first of them was written; a clock that was set back since does not matter.
    pub oldest: Option<Timestamp>,
}

/// Which events of an app are dropped or given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRetention {
    /// Those that were delivered before are dropped.
    pub delivered_before: Timestamp,
    /// Those that were given up before are dropped.
    pub dead_before: Timestamp,
    /// Most that may wait: of more, the oldest are given up.
    pub most_pending: u64,
}

/// What one step of the retention of events did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventsSwept {
    /// Events that were given up because too many waited.
    pub given_up: u64,
    /// Whether there may be more to do.
    pub has_more: bool,
}

/// What stores call the instance of an event that is about the app: instances have ids that are not empty.
pub(super) const NO_INSTANCE: &str = "";
