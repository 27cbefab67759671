//! Keeps the token endpoint from being asked again and again while it gives no good answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use crate::clock::Clock;
use crate::feishu::backoff::jitter;
use crate::feishu::failure::Failure;

/// First pause after a bad answer; doubles with each further one.
const FIRST_PAUSE_MILLIS: i64 = 500;

/// Longest pause, so that a mended upstream is noticed soon.
const LONGEST_PAUSE_MILLIS: i64 = 5_000;

/// Remembers bad answers for a while. Failures are shared, not cached: none outlives its pause.
#[derive(Debug)]
pub(super) struct Gate {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The last failed fetch.
    failure: Option<Failure>,
    failure_pause: Pause,
    /// The token that the endpoint handed out again after an API had refused it.
    confirmed: Option<SecretString>,
    confirmed_pause: Pause,
}

/// An exponential pause, in Unix milliseconds.
#[derive(Debug, Default)]
struct Pause {
    until: i64,
    times: u32,
}

impl Pause {
    fn lengthen(&mut self, now: i64) {
        let full = (FIRST_PAUSE_MILLIS << self.times.min(10)).min(LONGEST_PAUSE_MILLIS);
        let shorter = jitter(std::time::Duration::from_millis(full.unsigned_abs() / 4));
        self.times = self.times.saturating_add(1);
        self.until = now + full - i64::try_from(shorter.as_millis()).unwrap_or(0);
    }
}

impl Gate {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// The last fetch's failure, while asking again would be too soon.
    pub(super) fn recent_failure(&self) -> Option<Failure> {
        let state = self.lock();
        let closed = self.clock.unix_millis() < state.failure_pause.until;
        state.failure.clone().filter(|_| closed)
    }

    /// Notes a failed fetch.
    pub(super) fn failed(&self, failure: &Failure) {
        let mut state = self.lock();
        state.failure = Some(failure.clone());
        state.failure_pause.lengthen(self.clock.unix_millis());
    }

    /// Notes a fetch that brought a token.
    pub(super) fn succeeded(&self) {
        let mut state = self.lock();
        state.failure = None;
        state.failure_pause = Pause::default();
    }

    /// Whether the endpoint has just confirmed this token although an API refuses it.
    pub(super) fn is_confirmed(&self, token: &SecretString) -> bool {
        let state = self.lock();
        state.confirmed.as_ref().is_some_and(|known| known.expose_secret() == token.expose_secret())
            && self.clock.unix_millis() < state.confirmed_pause.until
    }

    /// Notes that the endpoint handed out a refused token again.
    pub(super) fn confirm(&self, token: &SecretString) {
        let mut state = self.lock();
        let again =
            state.confirmed.as_ref().is_some_and(|known| known.expose_secret() == token.expose_secret());
        if !again {
            state.confirmed_pause = Pause::default();
        }
        let now = self.clock.unix_millis();
        if now >= state.confirmed_pause.until {
            state.confirmed_pause.lengthen(now);
        }
        state.confirmed = Some(token.clone());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held; even if it did, every field stands by itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn failure() -> Failure {
        Failure::ServerTrouble { http_status: 500, log_id: None }
    }

    #[test]
    fn a_failure_is_shared_until_its_pause_has_passed() {
        let clock = Clock::manual(1_000_000);
        let gate = Gate::new(clock.clone());
        gate.failed(&failure());
        assert!(gate.recent_failure().is_some());
        clock.advance(Duration::from_millis(501));
        assert!(gate.recent_failure().is_none());
    }

    #[test]
    fn pauses_grow_to_five_seconds_and_start_over_after_a_success() {
        let clock = Clock::manual(1_000_000);
        let gate = Gate::new(clock.clone());
        for _ in 0..20 {
            gate.failed(&failure());
        }
        clock.advance(Duration::from_millis(3_700));
        assert!(gate.recent_failure().is_some());
        clock.advance(Duration::from_millis(1_300));
        assert!(gate.recent_failure().is_none());
        gate.succeeded();
        gate.failed(&failure());
        clock.advance(Duration::from_millis(501));
        assert!(gate.recent_failure().is_none());
    }

    #[test]
    fn only_the_confirmed_token_is_held_back() {
        let clock = Clock::manual(1_000_000);
        let gate = Gate::new(clock.clone());
        gate.confirm(&"t-dead".into());
        assert!(gate.is_confirmed(&"t-dead".into()));
        assert!(!gate.is_confirmed(&"t-other".into()));
        clock.advance(Duration::from_millis(501));
        assert!(!gate.is_confirmed(&"t-dead".into()));
    }
}
