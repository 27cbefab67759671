//! How far the gateway has come on its way out, as connections see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Shared by the server and all its connections.
#[derive(Debug, Clone, Default)]
pub(super) struct Stage {
    leaving: Arc<AtomicBool>,
    closing: CancellationToken,
}

impl Stage {
    /// From now on answers ask callers to come back on another connection, which another replica may take.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// From now on connections end with the answer they owe.
    pub(super) fn close(&self) {
        self.closing.cancel();
    }

    /// Whether an answer should be the last of its connection.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Waits until connections are to end.
    pub(super) fn closing(&self) -> WaitForCancellationFutureOwned {
        self.closing.clone().cancelled_owned()
    }
}
