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
    /// The last token that an API refused.
    refused: Option<SecretString>,
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

    /// Notes a fetch that brought this token.
    ///
    /// Called before anybody can get the token: whoever is refused with it again knows that asking once more is no use.
    pub(super) fn succeeded(&self, token: &SecretString) {
        let mut state = self.lock();
        state.failure = None;
        state.failure_pause = Pause::default();
        if is_same(state.refused.as_ref(), token) {
            state.confirm(token, self.clock.unix_millis());
        }
    }

    /// Notes that an API refused this token.
    pub(super) fn refused(&self, token: &SecretString) {
        self.lock().refused = Some(token.clone());
    }

    /// Whether the endpoint has just confirmed this token although an API refuses it.
    pub(super) fn is_confirmed(&self, token: &SecretString) -> bool {
        let state = self.lock();
        is_same(state.confirmed.as_ref(), token) && self.clock.unix_millis() < state.confirmed_pause.until
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held; even if it did, every field stands by itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn confirm(&mut self, token: &SecretString, now: i64) {
        if !is_same(self.confirmed.as_ref(), token) {
            self.confirmed_pause = Pause::default();
        }
        if now >= self.confirmed_pause.until {
            self.confirmed_pause.lengthen(now);
        }
        self.confirmed = Some(token.clone());
    }
}

fn is_same(known: Option<&SecretString>, token: &SecretString) -> bool {
    known.is_some_and(|known| known.expose_secret() == token.expose_secret())
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
        gate.succeeded(&"t".into());
        gate.failed(&failure());
        clock.advance(Duration::from_millis(501));
        assert!(gate.recent_failure().is_none());
    }

    #[test]
    fn only_the_confirmed_token_is_held_back() {
        let clock = Clock::manual(1_000_000);
        let gate = Gate::new(clock.clone());
        gate.refused(&"t-dead".into());
        gate.succeeded(&"t-other".into());
        assert!(!gate.is_confirmed(&"t-dead".into()) && !gate.is_confirmed(&"t-other".into()));
        gate.succeeded(&"t-dead".into());
        assert!(gate.is_confirmed(&"t-dead".into()));
        assert!(!gate.is_confirmed(&"t-other".into()));
        clock.advance(Duration::from_millis(501));
        assert!(!gate.is_confirmed(&"t-dead".into()));
    }
}
