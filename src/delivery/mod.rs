//! The use cases between the API and Feishu: push an instance, preview it, check it.
//!
//! There are two ways. [`durable`] keeps documents in a ledger and delivers them however long it takes. Without a ledger,
//! [`DirectDelivery`] pushes at once: it waits for the instance's turn (`keyed_queue`), gives the push a version (`version_clock`, the
//! last ones in `version_cache`), sends it in a task that its caller cannot stop, and has it checked (`verification`).
//! Before all that [`people`] finds out who is meant where a document names nobody's id.
//! What is asked of Feishu for each step is [`FeishuClient`]'s. [`visibility`] explains who sees what became of it.

pub mod durable;
mod far_versions;
mod keyed_queue;
mod metrics;
pub mod people;
mod push;
mod tickets;
mod turn;
mod unsettled;
mod verification;
mod version_cache;
mod version_clock;
pub mod visibility;

use std::sync::Arc;

use bytes::Bytes;
use tokio_util::task::TaskTracker;

use self::durable::DurableDelivery;
pub use self::far_versions::warn_of_far_versions;
use self::keyed_queue::KeyedQueue;
pub use self::metrics::DeliveryMetrics;
pub use self::push::{Applied, PreparedPush, PushError, Pushed, ignored_in_known, warn_of_ignored};
pub use self::tickets::LedgerTickets;
pub use self::turn::InstanceTurn;
pub use self::verification::Verification;
use self::version_cache::VersionCache;
pub use self::version_clock::StaleUpdate;
use crate::domain::{ApprovalInstance, KnownPeople, Mode};
use crate::feishu::FeishuClient;
use crate::feishu::translate::OversizedPayload;
use crate::support::clock::Clock;

/// Delivers the documents of one app, in one of two ways.
#[derive(Debug)]
pub enum Delivery {
    /// Without a ledger: a document is pushed while its caller waits, and forgotten.
    Direct(DirectDelivery),
    /// With a ledger: a document is kept, and delivered however long it takes.
    Durable(DurableDelivery),
}

impl Delivery {
    /// The delivery with a ledger, if it is one.
    pub fn durable(&self) -> Option<&DurableDelivery> {
        match self {
            Self::Direct(_) => None,
            Self::Durable(durable) => Some(durable),
        }
    }

    /// The payload that a push would send now.
    ///
    /// # Errors
    /// When it would be too large.
    pub async fn preview(
        &self,
        instance: &ApprovalInstance<'_>,
        mode: Mode,
    ) -> Result<Bytes, OversizedPayload> {
        match self {
            Self::Direct(direct) => direct.preview(instance, mode),
            Self::Durable(durable) => durable.preview(instance, mode).await,
        }
    }

    /// Who was found for the aliases of an instance's document when it was sent last. What cannot be read is not remembered.
    pub async fn remembered_people(&self, instance_id: &str) -> KnownPeople {
        let Some(durable) = self.durable() else { return KnownPeople::new() };
        let record = durable.ledger().delivery(&durable.key(instance_id)).await.ok().flatten();
        record.and_then(|record| record.people).map(|people| people.known()).unwrap_or_default()
    }

    /// Whether documents can be accepted now.
    pub fn is_accepting(&self) -> bool {
        self.durable().is_none_or(DurableDelivery::is_accepting)
    }

    /// Lets another replica push for the app, if there is one. For when the gateway begins to stop.
    pub fn hand_over(&self) {
        if let Self::Durable(durable) = self {
            durable.hand_over();
        }
    }

    /// Begins nothing that is not for a request under way. For when the gateway stops.
    pub fn stop(&self) {
        if let Self::Durable(durable) = self {
            durable.stop();
        }
    }

    /// Waits until every push that was begun is finished. For when no more can come.
    pub async fn drained(&self) {
        match self {
            Self::Direct(direct) => direct.drained().await,
            Self::Durable(durable) => durable.drained().await,
        }
    }
}

/// Pushes the documents of one app while their callers wait.
#[derive(Debug)]
pub struct DirectDelivery {
    feishu: Arc<FeishuClient>,
    queue: Arc<KeyedQueue>,
    versions: Arc<VersionCache>,
    /// Pushes that have begun: they are finished whatever their callers do.
    pushes: TaskTracker,
    clock: Clock,
}

impl DirectDelivery {
    /// Delivers through this client; `metrics` show how much is under way.
    pub fn new(feishu: Arc<FeishuClient>, clock: Clock, metrics: &DeliveryMetrics) -> Self {
        let (queue, pushes) = (Arc::<KeyedQueue>::default(), TaskTracker::new());
        metrics.watch(feishu.name().clone(), Arc::clone(&queue), pushes.clone());
        Self { feishu, queue, versions: Arc::default(), pushes, clock }
    }

    /// Waits until every push that was begun is finished, and none may be applied late.
    async fn drained(&self) {
        self.pushes.close();
        self.pushes.wait().await;
    }
}
