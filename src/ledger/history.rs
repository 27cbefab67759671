//! The history of an instance.

use super::problem::StoredProblem;
use super::record::Revision;
use super::words::HistoryEvent;
use crate::domain::Timestamp;

/// Most entries that are kept of one instance; the oldest go first.
pub const LONGEST_HISTORY: u64 = 1_000;

/// Who wants something, and in which request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestedBy {
    /// The name of the caller's key.
    pub caller: Option<String>,
    /// The request.
    pub request_id: Option<String>,
}

/// One entry of an instance's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Counts the entries of the instance from 1; also the cursor behind this entry.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: HistoryEvent,
    /// The revision that it happened to.
    pub revision: Revision,
    /// The version that was promised or sent.
    pub version: Timestamp,
    /// Who did it, where it was a caller.
    pub caller: Option<String>,
    /// The request that did it.
    pub request_id: Option<String>,
    /// What went wrong.
    pub problem: Option<StoredProblem>,
    /// Feishu's id of the exchange.
    pub log_id: Option<String>,
    /// What else there is to say about it, as opaque JSON.
    pub detail: Option<String>,
}

/// An entry that another part of the gateway adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryNote {
    /// What happened.
    pub event: HistoryEvent,
    /// Who did it, where it was a caller.
    pub caller: Option<String>,
    /// The request that did it.
    pub request_id: Option<String>,
    /// What went wrong.
    pub problem: Option<StoredProblem>,
    /// Feishu's id of the exchange.
    pub log_id: Option<String>,
    /// What else there is to say about it, as opaque JSON.
    pub detail: Option<String>,
}

impl HistoryNote {
    /// Only what happened.
    pub fn new(event: HistoryEvent) -> Self {
        Self { event, caller: None, request_id: None, problem: None, log_id: None, detail: None }
    }
}
