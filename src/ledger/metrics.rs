//! What is measured of a store.

use std::fmt;

use prometheus::{Histogram, IntGauge};

use crate::metrics::{Metrics, SECONDS, gauge, histogram, table};

/// The metrics of a store. Cheap to clone.
#[derive(Clone)]
pub struct LedgerMetrics {
    /// Time of one transaction, from its first command to the disk.
    pub(super) commit: Histogram,
    /// Commands of one transaction.
    pub(super) group: Histogram,
    /// Commands that wait or are being written.
    pub(super) queue: IntGauge,
}

impl fmt::Debug for LedgerMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerMetrics").finish_non_exhaustive()
    }
}

impl LedgerMetrics {
    /// Registers the metrics.
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            commit: metrics.register(histogram(&table::LEDGER_COMMIT, &SECONDS)),
            group: metrics
                .register(histogram(&table::LEDGER_GROUP, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0])),
            queue: metrics.register(gauge(&table::LEDGER_QUEUE)),
        }
    }
}
