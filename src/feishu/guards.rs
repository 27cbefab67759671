//! What stands between an operation and Feishu, for each API by itself: a broken search must not stop pushes.

use std::sync::Arc;

use super::Api;
use super::answer_time::AnswerTime;
use super::breaker::Breaker;
use super::metrics::NoRetry;
use super::pacing::{Pacer, Rate};
use super::retry_budget::RetryBudget;

/// The guards of all APIs of one app. They live in this process and know of no other.
#[derive(Debug)]
pub(super) struct Guards(Vec<Guard>);

/// The guards of one API.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) pacer: Arc<Pacer>,
    pub(super) breaker: Arc<Breaker>,
    pub(super) budget: RetryBudget,
    pub(super) answer_time: AnswerTime,
}

impl Guards {
    /// Guards that let every API be called at this rate.
    pub(super) fn new(rate: Rate) -> Self {
        let guard = |_| Guard {
            pacer: Arc::new(Pacer::new(rate)),
            breaker: Arc::new(Breaker::new()),
            budget: RetryBudget::new(),
            answer_time: AnswerTime::default(),
        };
        Self(Api::ALL.iter().map(guard).collect())
    }

    /// The guards of one API.
    pub(super) fn of(&self, api: Api) -> &Guard {
        // `Api::ALL` lists the variants in the order of their numbers, which a test of it holds.
        &self.0[api as usize]
    }
}

impl Guard {
    /// Takes a retry from the budget, unless the API is left alone.
    pub(super) fn allow_retry(&self, now: i64) -> Result<(), NoRetry> {
        if self.breaker.check(now).is_err() {
            return Err(NoRetry::CircuitOpen);
        }
        if self.budget.spend(now) { Ok(()) } else { Err(NoRetry::Budget) }
    }
}
