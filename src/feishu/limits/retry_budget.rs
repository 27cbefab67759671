//! Retry budget: retries help against a hiccup and hurt in an outage, so they may add a fifth to the calls and no more.
//!
//! tower has a budget of this kind (`retry::budget::TpsBudget`). Its floor is counted on top of the fifth, and its clock
//! cannot be set by a test; what is left is little.

use std::sync::{Mutex, PoisonError};

use super::recent_counts::RecentCounts;

/// One retry for so many calls: a fifth (design §3).
const CALLS_PER_RETRY: u32 = 5;

/// Retries that are always allowed, so that a lone request may try again: five calls that need all their attempts.
const FLOOR: u32 = 10;

/// Indices of the counters.
const CALLS: usize = 0;
const RETRIES: usize = 1;

/// The budget of one API, over the last ten seconds.
#[derive(Debug)]
pub(in crate::feishu) struct RetryBudget(Mutex<RecentCounts<2>>);

impl RetryBudget {
    pub(in crate::feishu) fn new() -> Self {
        Self(Mutex::new(RecentCounts::new()))
    }

    /// Notes a call that is no retry, at a moment in milliseconds of the monotonic clock.
    pub(in crate::feishu) fn called(&self, now: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(CALLS, now);
    }

    /// Takes one retry from the budget, if there is one.
    #[must_use]
    pub(in crate::feishu) fn spend(&self, now: i64) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [calls, retries] = counts.sums(now);
        let allowed = retries < FLOOR.max(calls / CALLS_PER_RETRY);
        if allowed {
            counts.add(RETRIES, now);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::{prop_assert, proptest};
    use test_case::test_case;

    const NOW: i64 = 1_767_323_045_000;

    #[test_case(0 => 10; "the floor")]
    #[test_case(50 => 10; "a fifth that is no more than the floor")]
    #[test_case(1_000 => 200; "a fifth")]
    fn retries_for(calls: u32) -> usize {
        let budget = RetryBudget::new();
        (0..calls).for_each(|_| budget.called(NOW));
        (0..1_000).filter(|_| budget.spend(NOW)).count()
    }

    #[test]
    fn a_spent_budget_is_full_again_after_ten_seconds() {
        let budget = RetryBudget::new();
        while budget.spend(NOW) {}
        assert!(!budget.spend(NOW + 9_999));
        assert!(budget.spend(NOW + 10_000));
    }

    proptest! {
        #[test]
        fn an_outage_is_never_amplified_by_more_than_a_fifth(gaps in vec(0_i64..100, 500..1_000)) {
            let (budget, mut now) = (RetryBudget::new(), NOW);
            let (mut calls, mut retries) = (0_usize, 0_usize);
            for gap in gaps {
                now += gap;
                budget.called(now);
                calls += 1;
                retries += (0..2).filter(|_| budget.spend(now)).count();
            }
            // Calls came at more than the five a second that the floor is made for.
            prop_assert!(retries * 5 <= calls + 50, "{retries} retries of {calls} calls");
        }
    }
}
