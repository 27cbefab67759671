//! Imports: documents that are delivered behind everything else.

use serde::{Deserialize, Serialize};

use super::error::LedgerError;
use super::words::ImportState;
use crate::domain::Timestamp;

/// Number of an import; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImportId(pub i64);

/// What is known of an import when it begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewImport {
    /// Who began it.
    pub caller: Option<String>,
    /// The request that began it.
    pub request_id: Option<String>,
    /// Most documents that are delivered in a minute.
    pub per_minute: Option<u32>,
}

/// One import, with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRecord {
    /// Its number.
    pub id: ImportId,
    /// When it began.
    pub created_at: Timestamp,
    /// When its last line was read; absent while lines come, or when they broke off.
    pub ended_at: Option<Timestamp>,
    /// Who began it.
    pub caller: Option<String>,
    /// The request that began it.
    pub request_id: Option<String>,
    /// Most documents that are delivered in a minute.
    pub per_minute: Option<u32>,
    /// What it does.
    pub state: ImportState,
    /// What became of its lines.
    pub counts: ImportCounts,
}

/// What became of an import's lines.
///
/// Every accepted line is in one of `superseded`, `delivered`, `refused`, `canceled`, or still waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Lines whose document was accepted.
    pub accepted: i64,
    /// Lines whose document was there already.
    pub unchanged: i64,
    /// Lines that were refused before they reached the ledger.
    pub invalid: i64,
    /// Documents that another one took the place of before they were delivered.
    pub superseded: i64,
    /// Documents that Feishu took.
    pub delivered: i64,
    /// Documents that Feishu refused, or of which it holds a newer version of somebody else's.
    pub refused: i64,
    /// Documents that were withdrawn.
    pub canceled: i64,
}

impl ImportCounts {
    /// Lines that have been read.
    pub fn lines(&self) -> i64 {
        self.accepted + self.unchanged + self.invalid
    }

    /// Documents that wait.
    pub fn pending(&self) -> i64 {
        self.accepted - self.superseded - self.delivered - self.refused - self.canceled
    }

    /// Adds counts.
    pub(super) fn add(&mut self, other: Self) {
        let Self { accepted, unchanged, invalid, superseded, delivered, refused, canceled } = other;
        self.accepted += accepted;
        self.unchanged += unchanged;
        self.invalid += invalid;
        self.superseded += superseded;
        self.delivered += delivered;
        self.refused += refused;
        self.canceled += canceled;
    }
}

/// A change of an import; absent members stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportUpdate {
    /// What it does from now on. `Canceled` withdraws what waits.
    pub state: Option<ImportState>,
    /// Most documents that are delivered in a minute; `Some(None)` takes the bound away.
    pub per_minute: Option<Option<u32>>,
    /// So many more lines were invalid.
    pub invalid: u32,
    /// Its last line has been read.
    pub has_ended: bool,
}

impl ImportRecord {
    /// An import that begins.
    pub(super) fn new(id: ImportId, import: NewImport, now: Timestamp) -> Self {
        let NewImport { caller, request_id, per_minute } = import;
        Self {
            id,
            created_at: now,
            ended_at: None,
            caller,
            request_id,
            per_minute,
            state: ImportState::Running,
            counts: ImportCounts::default(),
        }
    }

    /// Changes it; what waits is left to be withdrawn.
    pub(super) fn apply(&mut self, update: ImportUpdate, now: Timestamp) -> Result<(), ImportError> {
        let ImportUpdate { state, per_minute, invalid, has_ended } = update;
        if self.state == ImportState::Canceled && state.is_some_and(|state| state != ImportState::Canceled) {
            return Err(ImportError::Canceled);
        }
        self.state = state.unwrap_or(self.state);
        self.per_minute = per_minute.unwrap_or(self.per_minute);
        self.counts.invalid += i64::from(invalid);
        if has_ended {
            self.ended_at.get_or_insert(now);
        }
        Ok(())
    }
}

/// Why an import was not changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ImportError {
    /// There is none of this number in the app.
    #[error("there is no such import")]
    NotFound,
    /// It was canceled, which is final.
    #[error("the import was canceled")]
    Canceled,
    /// The store failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
