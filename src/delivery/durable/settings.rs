//! Settings of deliveries with a ledger.

use std::time::Duration;

use crate::feishu::Rate;

/// Settings of deliveries with a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurableSettings {
    /// When Feishu is asked what it has.
    pub reconcile: Reconcile,
    /// The app's rate: what nobody waits for leaves a twentieth of it to others, and checks take a fifth at most.
    pub rate: Rate,
    /// Most bytes of payloads that are held at once; one alone may have more.
    pub payload_bytes: usize,
    /// How long documents of finished approvals are kept.
    pub retention: Duration,
    /// Whether tasks are kept in a way that callbacks find.
    pub knows_tasks: bool,
}

/// When Feishu is asked what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reconcile {
    /// After a delivery: a tenth of it, it, and twelve times it. Not at all when absent.
    pub interval: Option<Duration>,
    /// Again and again while an approval is not finished. Not at all when absent.
    pub sweep: Option<Duration>,
}
