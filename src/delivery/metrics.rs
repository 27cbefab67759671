//! Metrics of deliveries: pushes under way and in queues, read when metrics are scraped, at no cost to pushes.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus::IntGaugeVec;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use tokio_util::task::TaskTracker;

use super::keyed_queue::{KeyedQueue, QueueCounts};
use crate::domain::AppName;
use crate::metrics::{Metrics, gauge_vec, table};

/// The metrics of the deliveries of all apps. Cheap to clone.
#[derive(Clone)]
pub struct DeliveryMetrics {
    apps: Arc<Mutex<Vec<WatchedApp>>>,
    instances: IntGaugeVec,
    waiting: IntGaugeVec,
    pushes: IntGaugeVec,
}

struct WatchedApp {
    name: AppName,
    queue: Arc<KeyedQueue>,
    pushes: TaskTracker,
}

impl fmt::Debug for DeliveryMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliveryMetrics").finish_non_exhaustive()
    }
}

impl DeliveryMetrics {
    /// Registers the metrics.
    pub fn new(metrics: &Metrics) -> Self {
        metrics.register(Self {
            apps: Arc::default(),
            instances: gauge_vec(&table::KEYED_QUEUE_INSTANCES),
            waiting: gauge_vec(&table::KEYED_QUEUE_WAITING),
            pushes: gauge_vec(&table::PUSHES),
        })
    }

    /// Reads the state of this app from now on.
    pub(super) fn watch(&self, name: AppName, queue: Arc<KeyedQueue>, pushes: TaskTracker) {
        let app = WatchedApp { name, queue, pushes };
        self.apps.lock().unwrap_or_else(PoisonError::into_inner).push(app);
    }

    fn read(&self, app: &WatchedApp) {
        let name = [app.name.as_str()];
        let QueueCounts { keys, waiting } = app.queue.counts();
        for (gauge, count) in
            [(&self.instances, keys), (&self.waiting, waiting), (&self.pushes, app.pushes.len())]
        {
            gauge.with_label_values(&name).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    fn gauges(&self) -> [&IntGaugeVec; 3] {
        [&self.instances, &self.waiting, &self.pushes]
    }
}

impl Collector for DeliveryMetrics {
    fn desc(&self) -> Vec<&Desc> {
        self.gauges().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        apps.iter().for_each(|app| self.read(app));
        self.gauges().into_iter().flat_map(Collector::collect).collect()
    }
}
