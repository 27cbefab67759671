//! Why the ledger could not do what it was asked for.

use std::sync::Arc;

/// Failure of the store itself, whatever was asked of it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// The disk is full or the database may not grow: nothing was written, later attempts may succeed.
    #[error("the ledger is full")]
    Full(#[source] Cause),
    /// Another process holds the database, or too much waits for it: nothing was written, later attempts may succeed.
    #[error("the ledger is busy")]
    Busy(#[source] Cause),
    /// The database cannot be reached, or does not answer: nothing was written, later attempts may succeed.
    #[error("the ledger cannot be reached")]
    Unavailable(#[source] Cause),
    /// The database refused this one command: nothing was written.
    #[error("the ledger cannot do this")]
    Failed(#[source] Cause),
    /// The disk, or the connection, failed in the commit itself: what was to be written may be there or not.
    #[error("whether the ledger was written is unknown")]
    Unknown(#[source] Cause),
    /// The disk fails or the database is damaged: nothing more is written by this process.
    #[error("the ledger is broken")]
    Fatal(#[source] Cause),
    /// A stored value has no meaning to this program.
    #[error("the ledger holds a {what} that this program cannot read")]
    Unreadable {
        /// What it would be.
        what: &'static str,
    },
    /// The ledger was closed.
    #[error("the ledger is closed")]
    Closed,
}

impl LedgerError {
    /// Whether the same may succeed later without anybody's doing.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Busy(_) | Self::Unavailable(_))
    }
}

/// The error below, shared: one failed commit is the failure of everybody in its group.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct Cause(Arc<dyn std::error::Error + Send + Sync>);

impl Cause {
    /// Shares an error.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }
}
