//! Results of pushes and checks, as the layer above reports them.

use super::delivered_tasks::DeliveredTasks;
use super::error::LedgerError;
use super::kept_people::KeptPeople;
use super::lease::Epoch;
use super::problem::StoredProblem;
use super::record::{Attempt, DeliveryRecord, InstanceKey};
use crate::domain::Timestamp;

/// What became of a push or a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of which instance.
    pub key: InstanceKey,
    /// The epoch of the app's lease in which the push or check began; absent for a check that needs no lease.
    pub epoch: Option<Epoch>,
    /// What was pushed, or asked about.
    pub attempt: Attempt,
    /// What became of it.
    pub result: DeliveryResult,
    /// Feishu's id of the exchange.
    pub log_id: Option<String>,
    /// Whether other systems are told of what it means.
    pub announces: bool,
    /// The tasks of the document that Feishu took; without them cards stay as they are.
    pub tasks: Option<DeliveredTasks>,
    /// The people whom the document names by aliases, as they were found; without them what is remembered stays.
    pub people: Option<KeptPeople>,
}

impl Report {
    /// A result of which nothing else is known, under no lease.
    pub fn new(key: InstanceKey, attempt: Attempt, result: DeliveryResult) -> Self {
        Self { key, epoch: None, attempt, result, log_id: None, announces: false, tasks: None, people: None }
    }
}

/// The result of a push or a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryResult {
    /// Push: Feishu took it.
    Delivered {
        /// When to ask for the first time what Feishu has.
        check_at: Option<Timestamp>,
    },
    /// Push: passing trouble, and Feishu has not taken it.
    RetryLater {
        /// When to try again.
        at: Timestamp,
        /// The trouble.
        problem: StoredProblem,
    },
    /// Push: whether Feishu took it is unknown.
    Unknown {
        /// When to try again.
        at: Timestamp,
        /// When to ask at the latest what Feishu has, once it was delivered.
        check_at: Timestamp,
        /// The trouble.
        problem: StoredProblem,
    },
    /// Push: refused for its content. Check: it does not stick. Nothing more is tried.
    Refused {
        /// The reason.
        problem: StoredProblem,
    },
    /// Push or check: Feishu has a newer version of somebody else.
    Conflict {
        /// That version, where it is known.
        version: Option<Timestamp>,
        /// The reason.
        problem: StoredProblem,
    },
    /// Check: Feishu has what was sent.
    Confirmed {
        /// When to ask again.
        check_at: Option<Timestamp>,
    },
    /// Check: it told nothing.
    NotChecked {
        /// When to ask again.
        check_at: Option<Timestamp>,
    },
    /// Check: Feishu has something else, so it is pushed again, with a new version.
    Drift {
        /// What differs.
        problem: Option<StoredProblem>,
    },
}

/// A report as it was written.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The instance as it is now.
    pub record: DeliveryRecord,
    /// Whether the result was about what is desired now; one about an earlier attempt changes little.
    pub is_current: bool,
    /// Whether there are cards to send or to change for it.
    pub has_cards: bool,
}

/// Why a result was not written; nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReportError {
    /// The epoch of the result is over: another replica delivers for the app.
    #[error("another replica delivers for this app by now")]
    LeaseLost,
    /// The store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
