//! Whether documents can be accepted now, as the last attempts to accept one show.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::ledger::AcceptError;

/// So long after a failure nothing is said to work: balancers then look elsewhere, and come back to see.
const FAILING: Duration = Duration::from_secs(10);

/// Whether documents can be accepted now.
#[derive(Debug, Default)]
pub(super) struct Acceptance(Mutex<Option<Instant>>);

impl Acceptance {
    /// Learns from an attempt to accept a document.
    pub(super) fn note<T>(&self, result: &Result<T, AcceptError>) {
        let failed = matches!(result, Err(AcceptError::Ledger(_)));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = failed.then(Instant::now);
    }

    /// Whether the ledger has not failed just now.
    pub(super) fn works(&self) -> bool {
        let failed = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_none_or(|at| at.elapsed() > FAILING)
    }
}
