//! Notices that somebody has set the clock back: what is due at a time would wait for that time to come again.

use std::sync::{Mutex, PoisonError};

use crate::support::clock::Clock;

/// Steps that are smaller make nobody wait for long.
const SMALLEST_MILLIS: i64 = 1_000;

/// Compares the time of day with the clock that only goes forward.
#[derive(Debug)]
pub(super) struct ClockWatch {
    clock: Clock,
    /// How far the time of day was ahead of the other clock.
    lead: Mutex<i64>,
}

impl ClockWatch {
    /// Watches this clock from now on.
    pub(super) fn new(clock: Clock) -> Self {
        let lead = Mutex::new(lead(&clock));
        Self { clock, lead }
    }

    /// By how many milliseconds the clock was set back since the last look.
    pub(super) fn stepped_back(&self) -> Option<i64> {
        let mut before = self.lead.lock().unwrap_or_else(PoisonError::into_inner);
        let now = lead(&self.clock);
        let step = *before - now;
        if step.abs() >= SMALLEST_MILLIS {
            *before = now;
        }
        (step >= SMALLEST_MILLIS).then_some(step)
    }
}

fn lead(clock: &Clock) -> i64 {
    clock.unix_millis() - clock.monotonic_millis()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_step_back_is_told_once_and_time_that_passes_is_none() {
        let clock = Clock::manual(1_000_000);
        let watch = ClockWatch::new(clock.clone());
        clock.advance(Duration::from_secs(60));
        assert_eq!(watch.stepped_back(), None);
        clock.set(clock.unix_millis() - 50_000);
        assert_eq!((watch.stepped_back(), watch.stepped_back()), (Some(50_000), None));
        clock.set(clock.unix_millis() + 90_000);
        assert_eq!(watch.stepped_back(), None);
        clock.set(clock.unix_millis() - 500);
        assert_eq!(watch.stepped_back(), None, "too small to matter");
        clock.set(clock.unix_millis() - 500);
        assert_eq!(watch.stepped_back(), Some(1_000), "but small ones add up");
    }
}
