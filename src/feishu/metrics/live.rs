//! Metrics that are read from the state of the apps when they are scraped, at no cost to calls.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{GaugeVec, IntCounterVec, IntGaugeVec};

use crate::domain::AppName;
use crate::feishu::api::Api;
use crate::feishu::limits::Limits;
use crate::metrics::{counter_vec, float_gauge_vec, gauge_vec, table};
use crate::support::clock::Clock;

/// State of one app that metrics are read from.
pub(in crate::feishu) struct LiveApp {
    /// Its name in the configuration.
    pub(in crate::feishu) name: AppName,
    pub(in crate::feishu) limits: Arc<Limits>,
    /// When the token was fetched and when it ends, Unix milliseconds.
    pub(in crate::feishu) token_times: Box<dyn Fn() -> Option<(i64, i64)> + Send + Sync>,
    pub(in crate::feishu) clock: Clock,
}

/// Collector of the metrics that show the state of all apps.
#[derive(Clone)]
pub(super) struct LiveState {
    apps: Arc<Mutex<Vec<LiveApp>>>,
    queue_depth: IntGaugeVec,
    rate: GaugeVec,
    breaker_state: IntGaugeVec,
    breaker_openings: IntCounterVec,
    token_fetched: GaugeVec,
    token_expiry: GaugeVec,
}

impl LiveState {
    pub(super) fn new() -> Self {
        Self {
            apps: Arc::default(),
            queue_depth: gauge_vec(&table::LIMITER_QUEUE),
            rate: float_gauge_vec(&table::LIMITER_RATE),
            breaker_state: gauge_vec(&table::BREAKER_STATE),
            breaker_openings: counter_vec(&table::BREAKER_OPENINGS),
            token_fetched: float_gauge_vec(&table::TOKEN_FETCHED),
            token_expiry: float_gauge_vec(&table::TOKEN_EXPIRY),
        }
    }

    pub(super) fn watch(&self, app: LiveApp) {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner).push(app);
    }

    fn collectors(&self) -> [&dyn Collector; 6] {
        [
            &self.queue_depth,
            &self.rate,
            &self.breaker_state,
            &self.breaker_openings,
            &self.token_fetched,
            &self.token_expiry,
        ]
    }

    fn look_at(&self, app: &LiveApp) {
        let name = [app.name.as_str()];
        for api in Api::ALL {
            let labels = [app.name.as_str(), api.as_str()];
            let limits = app.limits.of(api);
            let (queue, rate) = limits.pacer.queue_and_rate();
            self.queue_depth.with_label_values(&labels).set(whole(queue));
            self.rate.with_label_values(&labels).set(rate.unwrap_or(0.0));
            let breaker = limits.breaker.snapshot(app.clock.monotonic_millis());
            self.breaker_state.with_label_values(&labels).set(breaker.state as i64);
            let openings = self.breaker_openings.with_label_values(&labels);
            openings.inc_by(breaker.openings.saturating_sub(openings.get()));
        }
        let (fetched, expiry) = (app.token_times)().unwrap_or_default();
        self.token_fetched.with_label_values(&name).set(seconds(fetched));
        self.token_expiry.with_label_values(&name).set(seconds(expiry));
    }
}

impl Collector for LiveState {
    fn desc(&self) -> Vec<&Desc> {
        self.collectors().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // Held to the end, so that of two who ask at once neither counts an opening twice.
        let apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        apps.iter().for_each(|app| self.look_at(app));
        self.collectors().into_iter().flat_map(Collector::collect).collect()
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Unix milliseconds as Prometheus writes times.
fn seconds(unix_millis: i64) -> f64 {
    std::time::Duration::from_millis(unix_millis.max(0).unsigned_abs()).as_secs_f64()
}
