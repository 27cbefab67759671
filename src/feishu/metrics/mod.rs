//! What is measured about Feishu.
//!
//! [`AppMetrics`] are handles for those who send, resolved once for each app. What can be looked at when somebody asks,
//! such as the state of a breaker, is not written down as it changes but read in [`live`].

mod live;
mod outcome;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec};

pub(super) use self::live::LiveApp;
use self::live::LiveState;
pub(super) use self::outcome::AttemptOutcome;
use super::Api;
use super::pacing::{NoRoom, Permit};
use crate::domain::AppName;
use crate::metrics::{Metrics, counters, histograms, table};

/// The metrics of all apps of one gateway. Cheap to clone.
#[derive(Clone)]
pub struct FeishuMetrics(Arc<Families>);

struct Families {
    exchanges: HistogramVec,
    retries: IntCounterVec,
    retries_refused: IntCounterVec,
    token_refreshes: IntCounterVec,
    limiter_waits: HistogramVec,
    limiter_refused: IntCounterVec,
    live: LiveState,
}

impl fmt::Debug for FeishuMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeishuMetrics").finish_non_exhaustive()
    }
}

impl FeishuMetrics {
    /// Makes the metrics part of the gateway's text.
    pub fn new(metrics: &Metrics) -> Self {
        let families = Families {
            exchanges: histograms(&table::FEISHU_DURATION),
            retries: counters(&table::FEISHU_RETRIES),
            retries_refused: counters(&table::FEISHU_RETRIES_REFUSED),
            token_refreshes: counters(&table::TOKEN_REFRESHES),
            limiter_waits: histograms(&table::LIMITER_WAIT),
            limiter_refused: counters(&table::LIMITER_REFUSED),
            live: LiveState::new(),
        };
        metrics.add(families.exchanges.clone());
        metrics.add(families.retries.clone());
        metrics.add(families.retries_refused.clone());
        metrics.add(families.token_refreshes.clone());
        metrics.add(families.limiter_waits.clone());
        metrics.add(families.limiter_refused.clone());
        metrics.add(families.live.clone());
        Self(Arc::new(families))
    }

    /// The handles of one app.
    pub(super) fn of_app(&self, app: AppName) -> AppMetrics {
        AppMetrics {
            apis: Api::ALL.map(|api| ApiMetrics::new(self, app.as_str(), api)),
            app,
            families: self.clone(),
        }
    }
}

/// The handles of one app.
#[derive(Debug)]
pub(super) struct AppMetrics {
    /// Its name in the configuration.
    pub(super) app: AppName,
    apis: [ApiMetrics; Api::ALL.len()],
    families: FeishuMetrics,
}

/// The handles of one API of one app.
///
/// Series of outcomes are made when they first occur: most never do.
#[derive(Debug)]
pub(super) struct ApiMetrics {
    api: Api,
    exchanges: [OnceLock<Histogram>; AttemptOutcome::COUNT],
    /// By [`RetryReason`].
    retries: [IntCounter; 3],
    /// The budget, then the breaker.
    retries_refused: [IntCounter; 2],
    limiter_wait: Histogram,
    limiter_refused: IntCounter,
}

/// Why there is another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryReason {
    /// Feishu's rate limit.
    RateLimit,
    /// A token that Feishu refused.
    Token,
    /// Anything that may pass.
    Failure,
}

/// Why there is no other attempt although there is time for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoRetry {
    /// Retries would be too large a part of all calls.
    Budget,
    /// The API is left alone.
    CircuitOpen,
}

impl ApiMetrics {
    fn new(metrics: &FeishuMetrics, app: &str, api: Api) -> Self {
        let families = &metrics.0;
        let name = api.as_str();
        let retries = |reason| families.retries.with_label_values(&[app, name, reason]);
        let refused = |reason| families.retries_refused.with_label_values(&[app, name, reason]);
        Self {
            api,
            exchanges: [const { OnceLock::new() }; AttemptOutcome::COUNT],
            retries: ["rate_limit", "token", "failure"].map(retries),
            retries_refused: ["budget", "circuit_open"].map(refused),
            limiter_wait: families.limiter_waits.with_label_values(&[app, name]),
            limiter_refused: families.limiter_refused.with_label_values(&[app, name]),
        }
    }

    /// Waits for the rate, and measures for how long.
    pub(super) async fn pace(
        &self,
        entering: impl Future<Output = Result<Permit, NoRoom>>,
    ) -> Result<Permit, NoRoom> {
        let begun = Instant::now();
        let entered = entering.await;
        match entered {
            Ok(_) => self.limiter_wait.observe(begun.elapsed().as_secs_f64()),
            Err(_) => self.limiter_refused.inc(),
        }
        entered
    }

    /// Counts an attempt after the first.
    pub(super) fn retried(&self, reason: RetryReason) {
        self.retries[reason as usize].inc();
    }

    /// Counts an attempt that was not made.
    pub(super) fn not_retried(&self, reason: NoRetry) {
        self.retries_refused[reason as usize].inc();
    }
}

impl AppMetrics {
    /// The handles of one API.
    pub(super) fn of(&self, api: Api) -> &ApiMetrics {
        // `Api::ALL` lists the variants in the order of their numbers, which a test of it holds.
        &self.apis[api as usize]
    }

    /// Counts one exchange.
    pub(super) fn exchanged(&self, api: Api, outcome: AttemptOutcome, took: Duration) {
        let handles = self.of(api);
        let histogram = handles.exchanges[outcome as usize].get_or_init(|| {
            let labels = [self.app.as_str(), handles.api.as_str(), outcome.as_str()];
            self.families.0.exchanges.with_label_values(&labels)
        });
        histogram.observe(took.as_secs_f64());
    }

    /// Reads the state of the app from now on, whenever somebody asks.
    pub(super) fn watch(&self, app: LiveApp) {
        self.families.0.live.watch(app);
    }

    /// Counts a fetch of a token. There are few, so the label is looked up.
    pub(super) fn refreshed_token(&self, outcome: AttemptOutcome) {
        self.families.0.token_refreshes.with_label_values(&[self.app.as_str(), outcome.as_str()]).inc();
    }
}
