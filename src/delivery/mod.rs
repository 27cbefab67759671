//! The use cases between the API and Feishu: push an instance, preview it, check it.
//!
//! [`Delivery`] pushes: it waits for the instance's turn (`keyed_queue`), gives the push a version (`version_clock`, the
//! last ones in `version_cache`), sends it in a task that its caller cannot stop, and has it checked (`verification`).
//! What is asked of Feishu for each step is [`FeishuClient`]'s.

mod far_versions;
mod keyed_queue;
mod metrics;
mod push;
mod turn;
mod unsettled;
mod verification;
mod version_cache;
mod version_clock;

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use self::keyed_queue::KeyedQueue;
pub use self::metrics::DeliveryMetrics;
pub use self::push::{Applied, PreparedPush, PushError, Pushed};
pub use self::turn::InstanceTurn;
pub use self::verification::Verification;
use self::version_cache::VersionCache;
pub use self::version_clock::StaleUpdate;
use crate::feishu::FeishuClient;
use crate::support::clock::Clock;

/// Delivers the documents of one app.
#[derive(Debug)]
pub struct Delivery {
    feishu: Arc<FeishuClient>,
    queue: Arc<KeyedQueue>,
    versions: Arc<VersionCache>,
    /// Pushes that have begun: they are finished whatever their callers do.
    pushes: TaskTracker,
    clock: Clock,
}

impl Delivery {
    /// Delivers through this client; `metrics` show how much is under way.
    pub fn new(feishu: Arc<FeishuClient>, clock: Clock, metrics: &DeliveryMetrics) -> Self {
        let (queue, pushes) = (Arc::<KeyedQueue>::default(), TaskTracker::new());
        metrics.watch(feishu.name().clone(), Arc::clone(&queue), pushes.clone());
        Self { feishu, queue, versions: Arc::default(), pushes, clock }
    }

    /// Waits until every push that was begun is finished, and none may be applied late. For when no more can come.
    pub async fn drained(&self) {
        self.pushes.close();
        self.pushes.wait().await;
    }
}
