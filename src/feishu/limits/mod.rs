//! Limits before a call, one set per API: a broken search must not stop pushes.
//!
//! [`pacing`] keeps Feishu's rate, the [`circuit_breaker`] leaves a failing API alone, the [`retry_budget`] bounds what
//! retries add, the [`latency_estimator`] keeps calls from leaving too late, [`silence`] says whether anybody is answered. The [`response_budget`] bounds the memory of
//! answers, for all APIs of an app together; [`backoff`] says how long to wait between attempts.

pub(in crate::feishu) mod backoff;
pub(in crate::feishu) mod circuit_breaker;
mod latency_estimator;
pub(in crate::feishu) mod pacing;
mod recent_counts;
mod response_budget;
mod retry_budget;
mod silence;

use std::sync::Arc;

use self::circuit_breaker::CircuitBreaker;
use self::latency_estimator::LatencyEstimator;
use self::pacing::{Pacer, Rate};
pub(in crate::feishu) use self::response_budget::{BudgetShare, ResponseBudget};
use self::retry_budget::RetryBudget;
pub(in crate::feishu) use self::silence::Silence;
use super::api::Api;

/// The limits of all APIs of one app. They live in this process and know of no other.
#[derive(Debug)]
pub(in crate::feishu) struct Limits(Vec<ApiLimits>);

/// The limits of one API.
#[derive(Debug)]
pub(in crate::feishu) struct ApiLimits {
    pub(in crate::feishu) pacer: Arc<Pacer>,
    pub(in crate::feishu) breaker: Arc<CircuitBreaker>,
    pub(in crate::feishu) retry_budget: RetryBudget,
    pub(in crate::feishu) latency: LatencyEstimator,
}

/// Why a retry is refused although there is time for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feishu) enum NoRetry {
    /// Retries would be too large a part of all calls.
    Budget,
    /// The circuit breaker is open.
    CircuitOpen,
}

impl NoRetry {
    /// Every reason.
    pub(in crate::feishu) const ALL: [Self; 2] = [Self::Budget, Self::CircuitOpen];

    /// The word in labels of metrics.
    pub(in crate::feishu) fn as_str(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::CircuitOpen => "circuit_open",
        }
    }
}

impl Limits {
    /// Limits that let every API be called at this rate.
    pub(in crate::feishu) fn new(rate: Rate) -> Self {
        let limits = |_| ApiLimits {
            pacer: Arc::new(Pacer::new(rate)),
            breaker: Arc::new(CircuitBreaker::new()),
            retry_budget: RetryBudget::new(),
            latency: LatencyEstimator::default(),
        };
        Self(Api::ALL.iter().map(limits).collect())
    }

    /// The limits of one API.
    pub(in crate::feishu) fn of(&self, api: Api) -> &ApiLimits {
        // `Api::ALL` lists the variants in the order of their numbers, which a test of it holds.
        &self.0[api as usize]
    }
}

impl ApiLimits {
    /// Takes a retry from the budget, unless the circuit breaker is open.
    pub(in crate::feishu) fn allow_retry(&self, now: i64) -> Result<(), NoRetry> {
        if self.breaker.check(now).is_err() {
            return Err(NoRetry::CircuitOpen);
        }
        if self.retry_budget.spend(now) { Ok(()) } else { Err(NoRetry::Budget) }
    }
}
