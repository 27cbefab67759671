//! Figures about an app's deliveries and about the store.

use std::collections::BTreeMap;

use super::record::InstanceKey;
use super::words::DeliveryState;
use crate::domain::Timestamp;

/// How the deliveries of an app stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Instances by state and class of lane; what is zero is absent.
    pub counts: BTreeMap<(DeliveryState, &'static str), u64>,
    /// When the oldest of those that are pending was accepted.
    pub oldest_pending: Option<Timestamp>,
}

impl Summary {
    /// Instances in a state.
    pub fn count(&self, state: DeliveryState) -> u64 {
        self.counts.iter().filter(|((of, _), _)| *of == state).map(|(_, count)| count).sum()
    }
}

/// Instances whose time has come, and when the next one's comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Those that are due, longest first; at most as many as asked for.
    pub keys: Vec<InstanceKey>,
    /// When the next one is due; known only when there are fewer keys than asked for.
    pub next_at: Option<Timestamp>,
}

/// What is due of one caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerDue {
    /// Who sent it; absent where nobody is known.
    pub caller: Option<String>,
    /// What is due, and when the next one is.
    pub due: Due,
}

impl Due {
    /// Of all that wait, in the order of their times, those whose time has come.
    pub(super) fn of(
        waiting: impl IntoIterator<Item = (Timestamp, InstanceKey)>,
        limit: usize,
        now: Timestamp,
    ) -> Self {
        let mut due = Self::default();
        for (at, key) in waiting.into_iter().take(limit) {
            if at > now {
                due.next_at = Some(at);
                break;
            }
            due.keys.push(key);
        }
        due
    }
}

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Documents of approvals that have been finished and confirmed before are dropped.
    pub documents_before: Timestamp,
    /// Instances without a change since are forgotten altogether.
    pub records_before: Timestamp,
}

/// What one step of the retention did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Documents dropped.
    pub documents: u64,
    /// Instances forgotten.
    pub records: u64,
    /// Whether there may be more to do.
    pub has_more: bool,
}

/// Size of the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerSize {
    /// Bytes of the database.
    pub database: u64,
    /// Bytes of its write-ahead log.
    pub wal: u64,
    /// Free bytes of the disk, where that is known.
    pub disk_free: Option<u64>,
    /// All bytes of the disk, where that is known.
    pub disk_total: Option<u64>,
}
