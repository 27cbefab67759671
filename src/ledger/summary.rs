//! Figures about an app's deliveries and about the store.

use std::collections::BTreeMap;

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
