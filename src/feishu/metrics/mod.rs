//! Metrics of calls to Feishu.
//!
//! [`AppMetrics`] measure for one app what is sent. What can be looked at when somebody asks, such as the state of a
//! breaker, is not written down as it changes but read in [`live`].

mod live;
mod outcome;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus::{HistogramVec, IntCounterVec};

pub(super) use self::live::LiveApp;
use self::live::LiveState;
pub(super) use self::outcome::AttemptOutcome;
use super::api::Api;
use super::limits::NoRetry;
use super::limits::pacing::{PacingPermit, RateExhausted};
use crate::domain::AppName;
use crate::metrics::{Metrics, counter_vec, histogram_vec, table};

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
    /// Registers the metrics.
    pub fn new(metrics: &Metrics) -> Self {
        Self(Arc::new(Families {
            exchanges: metrics.register(histogram_vec(&table::FEISHU_DURATION)),
            retries: metrics.register(counter_vec(&table::FEISHU_RETRIES)),
            retries_refused: metrics.register(counter_vec(&table::FEISHU_RETRIES_REFUSED)),
            token_refreshes: metrics.register(counter_vec(&table::TOKEN_REFRESHES)),
            limiter_waits: metrics.register(histogram_vec(&table::LIMITER_WAIT)),
            limiter_refused: metrics.register(counter_vec(&table::LIMITER_REFUSED)),
            live: metrics.register(LiveState::new()),
        }))
    }

    /// The metrics of one app. What an alert waits for begins at 0: Prometheus does not see the first increase of a
    /// series that was not there before.
    pub(super) fn of_app(&self, app: AppName) -> AppMetrics {
        let families = &self.0;
        for api in Api::ALL.map(Api::as_str) {
            for reason in RetryReason::ALL {
                families.retries.with_label_values(&[app.as_str(), api, reason.as_str()]);
            }
            for reason in NoRetry::ALL {
                families.retries_refused.with_label_values(&[app.as_str(), api, reason.as_str()]);
            }
            families.limiter_waits.with_label_values(&[app.as_str(), api]);
            families.limiter_refused.with_label_values(&[app.as_str(), api]);
        }
        AppMetrics { app, families: self.clone() }
    }
}

/// The metrics of one app.
#[derive(Debug)]
pub(super) struct AppMetrics {
    /// Its name in the configuration.
    pub(super) app: AppName,
    families: FeishuMetrics,
}

/// The metrics of one API of one app.
#[derive(Debug, Clone, Copy)]
pub(super) struct ApiMetrics<'a> {
    app: &'a AppMetrics,
    api: Api,
}

/// Reason of a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryReason {
    /// Feishu's rate limit.
    RateLimit,
    /// A token that Feishu refused.
    Token,
    /// Anything that may pass.
    Failure,
}

impl RetryReason {
    const ALL: [Self; 3] = [Self::RateLimit, Self::Token, Self::Failure];

    fn as_str(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::Token => "token",
            Self::Failure => "failure",
        }
    }
}

impl ApiMetrics<'_> {
    fn labels(&self) -> [&str; 2] {
        [self.app.app.as_str(), self.api.as_str()]
    }

    fn labels_with(&self, word: &'static str) -> [&str; 3] {
        [self.app.app.as_str(), self.api.as_str(), word]
    }

    fn families(&self) -> &Families {
        &self.app.families.0
    }

    /// Waits for the rate, and measures for how long.
    pub(super) async fn pace(
        &self,
        entering: impl Future<Output = Result<PacingPermit, RateExhausted>>,
    ) -> Result<PacingPermit, RateExhausted> {
        let begun = Instant::now();
        let entered = entering.await;
        let families = self.families();
        match entered {
            Ok(_) => {
                let waits = families.limiter_waits.with_label_values(&self.labels());
                waits.observe(begun.elapsed().as_secs_f64());
            }
            Err(_) => families.limiter_refused.with_label_values(&self.labels()).inc(),
        }
        entered
    }

    /// Counts an attempt after the first.
    pub(super) fn retried(&self, reason: RetryReason) {
        self.families().retries.with_label_values(&self.labels_with(reason.as_str())).inc();
    }

    /// Counts an attempt that was not made.
    pub(super) fn not_retried(&self, reason: NoRetry) {
        self.families().retries_refused.with_label_values(&self.labels_with(reason.as_str())).inc();
    }
}

impl AppMetrics {
    /// The metrics of one API.
    pub(super) fn of(&self, api: Api) -> ApiMetrics<'_> {
        ApiMetrics { app: self, api }
    }

    /// Counts one exchange.
    pub(super) fn exchanged(&self, api: Api, outcome: AttemptOutcome, took: Duration) {
        let labels = [self.app.as_str(), api.as_str(), outcome.as_str()];
        self.families.0.exchanges.with_label_values(&labels).observe(took.as_secs_f64());
    }

    /// Counts a fetch of a token.
    pub(super) fn refreshed_token(&self, outcome: AttemptOutcome) {
        self.families.0.token_refreshes.with_label_values(&[self.app.as_str(), outcome.as_str()]).inc();
    }

    /// Reads the state of the app from now on, whenever somebody asks.
    pub(super) fn watch(&self, app: LiveApp) {
        self.families.0.live.watch(app);
    }
}
