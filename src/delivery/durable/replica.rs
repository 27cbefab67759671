//! This process among the others that share a ledger: its name, and how many of them are alive.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::metrics::DurableMetrics;
use crate::ledger::{Ledger, ReplicaId};

/// Time between two signs of life; three fit into the time after which a replica counts as dead.
const BEAT: Duration = Duration::from_secs(5);

/// Time for one of them.
const BEAT_LIMIT: Duration = Duration::from_secs(4);

/// This process among the others that share a ledger.
#[derive(Debug)]
pub struct Replica {
    id: ReplicaId,
    live: watch::Sender<u32>,
    gone: CancellationToken,
    ledger: Arc<dyn Ledger>,
}

impl Replica {
    /// Gives signs of life from now on, where others may use the ledger.
    pub fn start(ledger: Arc<dyn Ledger>, metrics: &DurableMetrics) -> Arc<Self> {
        let (live, gone) = (watch::Sender::new(1), CancellationToken::new());
        let replica = Arc::new(Self { id: new_id(), live, gone, ledger });
        metrics.show_replicas(1);
        if replica.ledger.leases().is_some() {
            tokio::spawn(Arc::clone(&replica).beat(metrics.clone()));
        }
        replica
    }

    /// The name of this process.
    pub fn id(&self) -> &ReplicaId {
        &self.id
    }

    /// How many are alive, this one included.
    pub fn live(&self) -> u32 {
        *self.live.borrow()
    }

    /// Tells of every change of their number.
    pub(super) fn watch_live(&self) -> watch::Receiver<u32> {
        self.live.subscribe()
    }

    /// Says that this process is gone.
    pub async fn leave(&self) {
        self.gone.cancel();
        if let Some(leases) = self.ledger.leases() {
            // Otherwise the others notice by themselves.
            let _ = tokio::time::timeout(BEAT_LIMIT, leases.leave(&self.id)).await;
        }
    }

    async fn beat(self: Arc<Self>, metrics: DurableMetrics) {
        while let Some(leases) = self.ledger.leases() {
            let beat = tokio::time::timeout(BEAT_LIMIT, leases.heartbeat(&self.id));
            let beat = tokio::select! {
                () = self.gone.cancelled() => return,
                beat = beat => beat,
            };
            // While nobody can be asked, the others are as many as before.
            if let Ok(Ok(live)) = beat {
                metrics.show_replicas(live);
                self.live.send_if_modified(|before| std::mem::replace(before, live) != live);
            }
            tokio::select! {
                () = self.gone.cancelled() => return,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }
}

/// The host's name, for people, and something that is never used twice.
fn new_id() -> ReplicaId {
    let host = std::env::var("HOSTNAME").ok().filter(|host| !host.is_empty() && host.len() <= 100);
    let mut unique = uuid::Uuid::new_v4().simple().to_string();
    unique.truncate(12);
    ReplicaId::new(format!("{}-{unique}", host.as_deref().unwrap_or("gateway")))
}
