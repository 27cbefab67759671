//! Which replica delivers for an app, where several share a ledger: a lease, by the time of the store.
//!
//! Accepting needs none. Whoever has the lease of an app pushes for it, and writes results under the lease's epoch; what comes
//! under an earlier one changes nothing. So a replica that was stopped and goes on later can push what it had on the wire, and
//! no more.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::error::LedgerError;
use super::problem::StoredProblem;
use crate::domain::AppName;

/// How long a lease lasts that is not renewed, and how long a replica counts as alive that is not heard of (design §3.6).
pub const LEASE_TIME: Duration = Duration::from_secs(15);

/// Counts the holders of an app's lease: 0 before the first one, one more whenever another replica takes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub i64);

/// Names one run of a gateway among those that share a ledger; never used twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaId(Arc<str>);

impl ReplicaId {
    /// The replica with this name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the holder of a lease tells the other replicas, and its successor. Stores keep it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HolderNote {
    /// Why the app pushes nothing for a while.
    pub hold: Option<NotedHold>,
    /// How many attempts were sent in each second of the last minute, those of the last second first, whatever became of them.
    pub sends: Vec<u32>,
    /// Whether nothing was sent after this was written, because the lease was given back.
    pub is_last: bool,
}

/// Why an app pushes nothing for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedHold {
    /// The reason.
    pub problem: StoredProblem,
    /// Whether somebody has to do something about it.
    pub is_parked: bool,
    /// Since when, Unix milliseconds.
    pub since: i64,
    /// For how much longer, from when this was written, in milliseconds.
    pub lasts_ms: u64,
}

/// The lease of an app as the store has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lease {
    /// Who has it, or had it last; nobody where it was given back or never taken.
    pub holder: Option<ReplicaId>,
    /// Counts the holders.
    pub epoch: Epoch,
    /// For how long it is theirs; zero when it has expired.
    pub left: Duration,
    /// What a holder told last.
    pub note: HolderNote,
    /// How long ago that was.
    pub note_age: Duration,
}

impl Lease {
    /// Whether it is this replica's.
    pub fn is_held_by(&self, replica: &ReplicaId) -> bool {
        !self.left.is_zero() && self.holder.as_ref() == Some(replica)
    }

    /// Whether anybody may take it.
    pub fn is_free(&self) -> bool {
        self.left.is_zero() || self.holder.is_none()
    }
}

/// The leases of a store that several replicas share. Every span is measured by the store's own time, so that the clocks of
/// replicas do not matter; each method is one transaction, and of several at once one decides.
#[async_trait]
pub trait Leases: Send + Sync {
    /// The lease of an app. Changes nothing, and costs little: every replica asks it again and again.
    async fn lease(&self, app: &AppName) -> Result<Lease, LedgerError>;

    /// Takes the lease of an app, or renews it, for [`LEASE_TIME`]; gives it as it is then, whoever has it.
    ///
    /// One that is free is taken: the epoch rises by one, and the note stays that of the holder before. This replica's own is
    /// renewed, also when it has expired and nobody else has taken it: the epoch stays, and the note becomes `note`. Another's
    /// is left alone, but for one that would last longer than [`LEASE_TIME`], because the store's clock was set back: it is
    /// shortened.
    async fn acquire(
        &self,
        app: &AppName,
        replica: &ReplicaId,
        note: &HolderNote,
    ) -> Result<Lease, LedgerError>;

    /// Gives the lease of an app back with a last note, so that another replica may take it at once. Does nothing where this
    /// replica does not have it. The epoch stays.
    async fn release(&self, app: &AppName, replica: &ReplicaId, note: &HolderNote)
    -> Result<(), LedgerError>;

    /// Notes that this replica is alive, and counts those that were heard of within [`LEASE_TIME`], itself included.
    async fn heartbeat(&self, replica: &ReplicaId) -> Result<u32, LedgerError>;

    /// Notes that this replica is gone.
    async fn leave(&self, replica: &ReplicaId) -> Result<(), LedgerError>;
}
