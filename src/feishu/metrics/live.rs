//! What can be looked at when somebody asks: it costs those who send nothing.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{GaugeVec, IntCounterVec, IntGaugeVec};
use tokio_util::task::TaskTracker;

use crate::domain::AppName;
use crate::feishu::api::Api;
use crate::feishu::lanes::Lanes;
use crate::feishu::limits::Limits;
use crate::feishu::token::AppTokens;
use crate::metrics::{counter_vec, float_gauge_vec, gauge_vec, table};
use crate::support::clock::Clock;

/// What is looked at of one app.
pub(in crate::feishu) struct LiveApp {
    /// Its name in the configuration.
    pub(in crate::feishu) name: AppName,
    pub(in crate::feishu) limits: Arc<Limits>,
    pub(in crate::feishu) lanes: Arc<Lanes>,
    pub(in crate::feishu) tokens: AppTokens,
    pub(in crate::feishu) in_flight: TaskTracker,
    pub(in crate::feishu) clock: Clock,
}

/// The state of all apps, as metrics.
#[derive(Clone)]
pub(super) struct LiveState {
    apps: Arc<Mutex<Vec<LiveApp>>>,
    queue_depth: IntGaugeVec,
    rate: GaugeVec,
    breaker_state: IntGaugeVec,
    breaker_openings: IntCounterVec,
    lanes: IntGaugeVec,
    lanes_waiting: IntGaugeVec,
    pushes: IntGaugeVec,
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
            lanes: gauge_vec(&table::LANES),
            lanes_waiting: gauge_vec(&table::LANES_WAITING),
            pushes: gauge_vec(&table::PUSHES),
            token_fetched: float_gauge_vec(&table::TOKEN_FETCHED),
            token_expiry: float_gauge_vec(&table::TOKEN_EXPIRY),
        }
    }

    pub(super) fn watch(&self, app: LiveApp) {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner).push(app);
    }

    fn collectors(&self) -> [&dyn Collector; 9] {
        [
            &self.queue_depth,
            &self.rate,
            &self.breaker_state,
            &self.breaker_openings,
            &self.lanes,
            &self.lanes_waiting,
            &self.pushes,
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
            let breaker = limits.breaker.snapshot(app.clock.unix_millis());
            self.breaker_state.with_label_values(&labels).set(breaker.state as i64);
            let openings = self.breaker_openings.with_label_values(&labels);
            openings.inc_by(breaker.openings.saturating_sub(openings.get()));
        }
        let (lanes, waiting) = app.lanes.count();
        self.lanes.with_label_values(&name).set(whole(lanes));
        self.lanes_waiting.with_label_values(&name).set(whole(waiting));
        self.pushes.with_label_values(&name).set(whole(app.in_flight.len()));
        let (fetched, expiry) = app.tokens.times().unwrap_or_default();
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
