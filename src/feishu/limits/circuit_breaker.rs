//! Stops asking an API that keeps failing, and tries with one call at a time whether it works again.
//!
//! A call counts once, with what became of it in the end: retries are part of it. What Feishu refuses because of its
//! content shows that the API works.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::recent_counts::RecentCounts;

/// Calls of the last ten seconds below which no share of failures means anything; our choice.
const ENOUGH_CALLS: u32 = 20;

/// Failures in a row that open the breaker where calls are rare, if they last for [`RUN_MILLIS`].
const LONG_RUN: u32 = 10;

/// A run of failures shorter than this may be a hiccup.
const RUN_MILLIS: i64 = 10_000;

/// How long an open breaker refuses calls. Short, because one probe costs little and callers wait.
const OPEN_MILLIS: i64 = 5_000;

/// How long to wait for the outcome of a probe.
const PROBE_WAIT: Duration = Duration::from_secs(1);

/// Indices of the counters.
const WORKED: usize = 0;
const FAILED: usize = 1;

/// Outcome of a call, as reported to the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feishu) enum BreakerOutcome {
    /// It answered as it should, if only with a refusal.
    Success,
    /// It does not do its work.
    Failure,
    /// The call was stopped by something else.
    Ignored,
}

/// The breaker is open: the call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feishu) struct CircuitOpen {
    /// After this time it may.
    pub(in crate::feishu) wait: Duration,
}

/// The breaker of one API. Times are milliseconds of the monotonic clock.
#[derive(Debug)]
pub(in crate::feishu) struct CircuitBreaker {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    recent: RecentCounts<2>,
    /// The failures since the last call that worked.
    run: Option<Run>,
    open: Option<Open>,
    /// How often it opened.
    openings: u64,
}

/// State of a breaker, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feishu) struct Snapshot {
    pub(in crate::feishu) state: BreakerState,
    /// How often it opened.
    pub(in crate::feishu) openings: u64,
}

/// State of a breaker: what it does with the next call; the numbers are those of the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feishu) enum BreakerState {
    /// It lets the call through.
    Closed = 0,
    /// It lets one call try, and makes others wait for that one.
    HalfOpen = 1,
    /// It refuses the call.
    Open = 2,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    failures: u32,
    since: i64,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    since: i64,
    /// Whether a probe is under way.
    probing: bool,
}

/// Permit of the breaker for one call; reports the call's outcome.
#[derive(Debug)]
pub(in crate::feishu) struct BreakerPermit {
    breaker: Arc<CircuitBreaker>,
    /// Whether this is the one call that tries whether the API works again.
    probe: bool,
}

impl CircuitBreaker {
    pub(in crate::feishu) fn new() -> Self {
        Self { state: Mutex::new(State { recent: RecentCounts::new(), run: None, open: None, openings: 0 }) }
    }

    /// Says whether a call could be made, without making one.
    ///
    /// # Errors
    /// While the breaker is open, or half-open with a probe under way.
    pub(in crate::feishu) fn check(&self, now: i64) -> Result<(), CircuitOpen> {
        self.lock().check(now)
    }

    /// Permit to make a call; the first one after the pause is the probe.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub(in crate::feishu) fn admit(self: &Arc<Self>, now: i64) -> Result<BreakerPermit, CircuitOpen> {
        let mut state = self.lock();
        state.check(now)?;
        let probe = state.open.is_some();
        if let Some(open) = &mut state.open {
            open.probing = true;
        }
        Ok(BreakerPermit { breaker: Arc::clone(self), probe })
    }

    /// State of the breaker, for metrics.
    pub(in crate::feishu) fn snapshot(&self, now: i64) -> Snapshot {
        let inner = self.lock();
        let state = match (inner.open, inner.check(now)) {
            (None, _) => BreakerState::Closed,
            (Some(open), Err(_)) if !open.probing => BreakerState::Open,
            (Some(_), _) => BreakerState::HalfOpen,
        };
        Snapshot { state, openings: inner.openings }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held; even if it did, a count would be off by one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BreakerPermit {
    /// Reports what became of the call.
    pub(in crate::feishu) fn report(self, outcome: BreakerOutcome, now: i64) {
        let mut state = self.breaker.lock();
        if self.probe {
            state.open = match outcome {
                BreakerOutcome::Success => None,
                BreakerOutcome::Failure => Some(Open { since: now, probing: true }),
                BreakerOutcome::Ignored => state.open,
            };
        } else if state.open.is_none() {
            state.count(outcome, now);
        }
    }
}

impl Drop for BreakerPermit {
    /// After a probe that was given up another may be sent.
    fn drop(&mut self) {
        if self.probe
            && let Some(open) = &mut self.breaker.lock().open
        {
            open.probing = false;
        }
    }
}

impl State {
    fn check(&self, now: i64) -> Result<(), CircuitOpen> {
        let Some(Open { since, probing }) = self.open else { return Ok(()) };
        let passed = now.saturating_sub(since);
        if passed < OPEN_MILLIS {
            let wait = Duration::from_millis(OPEN_MILLIS.abs_diff(passed));
            return Err(CircuitOpen { wait });
        }
        if probing { Err(CircuitOpen { wait: PROBE_WAIT }) } else { Ok(()) }
    }

    fn count(&mut self, outcome: BreakerOutcome, now: i64) {
        match outcome {
            BreakerOutcome::Ignored => {}
            BreakerOutcome::Success => {
                self.recent.add(WORKED, now);
                self.run = None;
            }
            BreakerOutcome::Failure => {
                self.recent.add(FAILED, now);
                let Run { failures, since } = self.run.unwrap_or(Run { failures: 0, since: now });
                let run = Run { failures: failures.saturating_add(1), since };
                self.run = Some(run);
                if self.should_open(run, now) {
                    // What is counted after the outage begins at nothing.
                    *self = Self {
                        recent: RecentCounts::new(),
                        run: None,
                        open: Some(Open { since: now, probing: false }),
                        openings: self.openings + 1,
                    };
                }
            }
        }
    }

    fn should_open(&self, run: Run, now: i64) -> bool {
        let [worked, failed] = self.recent.sums(now);
        let most = worked.saturating_add(failed) >= ENOUGH_CALLS && failed >= worked;
        let lasting = run.failures >= LONG_RUN && now.saturating_sub(run.since) >= RUN_MILLIS;
        most || lasting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const NOW: i64 = 1_767_323_045_000;

    fn report(breaker: &Arc<CircuitBreaker>, outcome: BreakerOutcome, now: i64) {
        breaker.admit(now).unwrap().report(outcome, now);
    }

    fn opened(now: i64) -> Arc<CircuitBreaker> {
        let breaker = Arc::new(CircuitBreaker::new());
        (0..ENOUGH_CALLS).for_each(|_| report(&breaker, BreakerOutcome::Failure, now));
        assert!(breaker.check(now).is_err());
        breaker
    }

    #[test_case(20, 0 => true; "twenty failures")]
    #[test_case(19, 0 => false; "too few to tell")]
    #[test_case(15, 15 => true; "one half")]
    #[test_case(15, 16 => false; "less than one half")]
    fn opens_at_once(failed: u32, worked: u32) -> bool {
        let breaker = Arc::new(CircuitBreaker::new());
        (0..worked).for_each(|_| report(&breaker, BreakerOutcome::Success, NOW));
        (0..failed).for_each(|_| report(&breaker, BreakerOutcome::Failure, NOW));
        breaker.check(NOW).is_err()
    }

    #[test]
    fn rare_calls_that_all_fail_for_ten_seconds_open_it_too() {
        let breaker = Arc::new(CircuitBreaker::new());
        for call in 0..LONG_RUN {
            assert!(breaker.check(NOW).is_ok(), "after {call} failures");
            report(&breaker, BreakerOutcome::Failure, NOW + i64::from(call) * 2_000);
        }
        assert!(breaker.check(NOW + 18_000).is_err());
    }

    #[test]
    fn a_call_that_works_ends_a_run_of_failures() {
        let breaker = Arc::new(CircuitBreaker::new());
        for call in 0..100 {
            let outcome = if call % 8 == 7 { BreakerOutcome::Success } else { BreakerOutcome::Failure };
            report(&breaker, outcome, NOW + call * 2_000);
        }
        assert!(breaker.check(NOW + 200_000).is_ok());
    }

    #[test]
    fn failures_that_say_nothing_never_open_it() {
        let breaker = Arc::new(CircuitBreaker::new());
        (0..1_000).for_each(|call| report(&breaker, BreakerOutcome::Ignored, NOW + call * 100));
        assert!(breaker.check(NOW + 100_000).is_ok());
    }

    #[test]
    fn it_says_when_it_will_let_a_probe_through() {
        let breaker = opened(NOW);
        let wait = |later: i64| breaker.check(NOW + later).map_err(|open| open.wait.as_millis());
        assert_eq!([wait(0), wait(4_999), wait(5_000)], [Err(5_000), Err(1), Ok(())]);
    }

    #[test]
    fn half_open_it_lets_a_single_probe_through() {
        let breaker = opened(NOW);
        let probe = breaker.admit(NOW + OPEN_MILLIS).unwrap();
        assert!(probe.probe);
        assert_eq!(breaker.admit(NOW + OPEN_MILLIS).unwrap_err(), CircuitOpen { wait: PROBE_WAIT });
    }

    #[test]
    fn a_probe_that_works_closes_it() {
        let breaker = opened(NOW);
        report(&breaker, BreakerOutcome::Success, NOW + OPEN_MILLIS);
        assert!(!breaker.admit(NOW + OPEN_MILLIS).unwrap().probe);
        report(&breaker, BreakerOutcome::Failure, NOW + OPEN_MILLIS);
        assert!(breaker.check(NOW + OPEN_MILLIS).is_ok(), "what was before is forgotten");
    }

    #[test]
    fn a_probe_that_fails_opens_it_again() {
        let breaker = opened(NOW);
        report(&breaker, BreakerOutcome::Failure, NOW + OPEN_MILLIS);
        assert!(breaker.check(NOW + 2 * OPEN_MILLIS - 1).is_err());
        assert!(breaker.check(NOW + 2 * OPEN_MILLIS).is_ok());
    }

    #[test_case(true; "given up")]
    #[test_case(false; "stopped by something else")]
    fn a_probe_that_says_nothing_makes_room_for_another(given_up: bool) {
        let breaker = opened(NOW);
        let probe = breaker.admit(NOW + OPEN_MILLIS).unwrap();
        if given_up {
            drop(probe);
        } else {
            probe.report(BreakerOutcome::Ignored, NOW + OPEN_MILLIS);
        }
        assert!(breaker.admit(NOW + OPEN_MILLIS).unwrap().probe);
    }

    #[test]
    fn calls_from_before_it_opened_change_nothing_when_they_end() {
        let breaker = Arc::new(CircuitBreaker::new());
        let late = breaker.admit(NOW).unwrap();
        (0..ENOUGH_CALLS).for_each(|_| report(&breaker, BreakerOutcome::Failure, NOW));
        late.report(BreakerOutcome::Success, NOW + 1);
        assert!(breaker.check(NOW + 1).is_err());
    }
}
