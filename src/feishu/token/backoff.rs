//! Keeps the token endpoint from being asked again and again while it gives no good answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use crate::feishu::failure::Failure;
use crate::feishu::limits::backoff::jitter;
use crate::support::clock::Clock;

/// First pause after a bad answer; doubles with each further one.
const FIRST_PAUSE_MILLIS: i64 = 500;

/// Longest pause, so that a mended upstream is noticed soon.
const LONGEST_PAUSE_MILLIS: i64 = 5_000;

/// Remembers bad answers for a while. Failures are shared, not cached: none outlives its pause.
#[derive(Debug)]
pub(super) struct TokenBackoff {
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
    /// The last token that an API refused before it had ever worked, and whether another was asked for in its place.
    useless: Option<SecretString>,
    is_replaced: bool,
    useless_pause: Pause,
}

/// An exponential pause, in milliseconds of the monotonic clock.
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

impl TokenBackoff {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// The last fetch's failure, while asking again would be too soon.
    pub(super) fn recent_failure(&self) -> Option<Failure> {
        let state = self.lock();
        let closed = self.clock.monotonic_millis() < state.failure_pause.until;
        state.failure.clone().filter(|_| closed)
    }

    /// Notes a failed fetch.
    pub(super) fn failed(&self, failure: &Failure) {
        let mut state = self.lock();
        state.failure = Some(failure.clone());
        state.failure_pause.lengthen(self.clock.monotonic_millis());
    }

    /// Notes a fetch that brought this token.
    ///
    /// Called before anybody can get the token: whoever is refused with it again knows that asking once more is no use.
    pub(super) fn succeeded(&self, token: &SecretString) {
        let mut state = self.lock();
        state.failure = None;
        state.failure_pause = Pause::default();
        if is_same(state.refused.as_ref(), token) {
            state.confirm(token, self.clock.monotonic_millis());
        }
    }

    /// Notes that an API refused this token.
    pub(super) fn refused(&self, token: &SecretString) {
        self.lock().refused = Some(token.clone());
    }

    /// Whether another token should be asked for in the place of one that has been refused before it ever worked.
    ///
    /// Once it should: whatever ended the last token may have ended this one while it was on its way. When tokens after it
    /// do not work either, another one would hardly help, and there is a pause between attempts.
    pub(super) fn may_replace_useless(&self, token: &SecretString) -> bool {
        let mut state = self.lock();
        if !is_same(state.useless.as_ref(), token) {
            state.useless = Some(token.clone());
            state.is_replaced = false;
        }
        let now = self.clock.monotonic_millis();
        if !state.is_replaced && now >= state.useless_pause.until {
            state.is_replaced = true;
            state.useless_pause.lengthen(now);
        }
        // Everybody who was refused with it shares the one attempt.
        state.is_replaced
    }

    /// Notes that a token works.
    pub(super) fn proved(&self) {
        let mut state = self.lock();
        state.useless = None;
        state.useless_pause = Pause::default();
    }

    /// Whether the endpoint has just confirmed this token although an API refuses it.
    pub(super) fn is_confirmed(&self, token: &SecretString) -> bool {
        let state = self.lock();
        is_same(state.confirmed.as_ref(), token)
            && self.clock.monotonic_millis() < state.confirmed_pause.until
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
        let backoff = TokenBackoff::new(clock.clone());
        backoff.failed(&failure());
        assert!(backoff.recent_failure().is_some());
        clock.advance(Duration::from_millis(501));
        assert!(backoff.recent_failure().is_none());
    }

    #[test]
    fn pauses_grow_to_five_seconds_and_start_over_after_a_success() {
        let clock = Clock::manual(1_000_000);
        let backoff = TokenBackoff::new(clock.clone());
        for _ in 0..20 {
            backoff.failed(&failure());
        }
        clock.advance(Duration::from_millis(3_700));
        assert!(backoff.recent_failure().is_some());
        clock.advance(Duration::from_millis(1_300));
        assert!(backoff.recent_failure().is_none());
        backoff.succeeded(&"t".into());
        backoff.failed(&failure());
        clock.advance(Duration::from_millis(501));
        assert!(backoff.recent_failure().is_none());
    }

    #[test]
    fn tokens_that_never_work_are_replaced_once_and_then_with_pauses() {
        let clock = Clock::manual(1_000_000);
        let backoff = TokenBackoff::new(clock.clone());
        assert!(backoff.may_replace_useless(&"t-1".into()), "it may have been revoked on its way");
        assert!(backoff.may_replace_useless(&"t-1".into()), "for everybody who was refused with it");
        assert!(!backoff.may_replace_useless(&"t-2".into()), "nor does the next one work");
        clock.advance(Duration::from_millis(501));
        assert!(backoff.may_replace_useless(&"t-2".into()), "the pause is over");
        clock.advance(Duration::from_millis(501));
        assert!(!backoff.may_replace_useless(&"t-3".into()), "the next pause is longer");
        backoff.proved();
        assert!(backoff.may_replace_useless(&"t-4".into()), "one has worked meanwhile");
    }

    #[test]
    fn only_the_confirmed_token_is_held_back() {
        let clock = Clock::manual(1_000_000);
        let backoff = TokenBackoff::new(clock.clone());
        backoff.refused(&"t-dead".into());
        backoff.succeeded(&"t-other".into());
        assert!(!backoff.is_confirmed(&"t-dead".into()) && !backoff.is_confirmed(&"t-other".into()));
        backoff.succeeded(&"t-dead".into());
        assert!(backoff.is_confirmed(&"t-dead".into()));
        assert!(!backoff.is_confirmed(&"t-other".into()));
        clock.advance(Duration::from_millis(501));
        assert!(!backoff.is_confirmed(&"t-dead".into()));
    }
}
