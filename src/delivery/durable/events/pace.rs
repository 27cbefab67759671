//! How fast events of an app are sent.

use std::time::Duration;

use tokio::time::Instant;

use crate::delivery::durable::receiver::{Refusal, RefusalKind};

/// Events of one app that are under way at the same time.
const AT_ONCE: usize = 16;

/// First pause after a failure; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause (design §4.2).
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The pause behind so many failures in a row.
pub(super) fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_PAUSE)
}

/// How fast the receiver takes what is sent. When it asks for time, nothing is sent for a while, and then one event until it takes one.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// How often in a row it asked for time.
    asked: u32,
    paused_until: Option<Instant>,
}

impl Pace {
    /// How many events may be under way now.
    pub(super) fn places(&self, now: Instant) -> usize {
        match self.paused_until {
            Some(until) if until > now => 0,
            _ if self.asked > 0 => 1,
            _ => AT_ONCE,
        }
    }

    /// Until when nothing is sent.
    pub(super) fn paused_until(&self) -> Option<Instant> {
        self.paused_until
    }

    /// Learns from what became of an event; nothing from one that was not sent, because the lease was lost.
    pub(super) fn learn(&mut self, answer: Option<&Result<(), Refusal>>, now: Instant) {
        match answer {
            Some(Ok(())) => *self = Self::default(),
            Some(Err(Refusal { kind: RefusalKind::TooFast, pause, .. })) => self.asked_for_time(*pause, now),
            Some(Err(_)) | None => {}
        }
    }

    /// It asked for time; for how much, if it said so.
    fn asked_for_time(&mut self, pause: Option<Duration>, now: Instant) {
        // What was under way together counts once.
        if self.paused_until.is_none_or(|until| until <= now) {
            self.asked = self.asked.saturating_add(1);
        }
        let until = now + pause.unwrap_or_default().max(pause_after(self.asked));
        self.paused_until = self.paused_until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        let pauses: Vec<_> = (1..=12).map(|failures| pause_after(failures).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn a_receiver_that_asks_for_time_gets_one_event_after_it() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        let too_fast = |pause| Err(Refusal { kind: RefusalKind::TooFast, error: String::new(), pause });
        assert_eq!(pace.places(now), AT_ONCE);
        pace.learn(Some(&too_fast(Some(Duration::from_secs(30)))), now);
        // What was sent together with it says the same.
        pace.learn(Some(&too_fast(None)), now);
        assert_eq!(pace.places(now + Duration::from_millis(29_999)), 0);
        let then = now + Duration::from_secs(30);
        assert_eq!(pace.places(then), 1);
        pace.learn(None, then);
        assert_eq!(pace.places(then), 1, "nothing was sent, so nothing was taken");
        pace.learn(Some(&too_fast(None)), then);
        assert_eq!(pace.paused_until(), Some(then + Duration::from_secs(2)), "the second time in a row");
        pace.learn(Some(&Ok(())), then);
        assert_eq!(pace.places(then), AT_ONCE);
    }
}
