//! The time of the database, by which everything in it is stored and due.
//!
//! Machines that share the database may have clocks that are minutes apart: what one of them has accepted must be due at
//! once for all. Each measures how far the database's clock is ahead of its own monotonic one, and tells that time.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::Timestamp;
use crate::ledger::clock_watch::ClockWatch;
use crate::support::clock::Clock;

/// Differences up to this are left alone: as much as a measurement may be wrong by.
const TOLERANCE_MILLIS: i64 = 100;

/// A measurement that took longer tells too little.
const SLOWEST_MILLIS: i64 = 1_000;

/// Steps back that are smaller make nobody wait for long.
const SMALLEST_STEP_MILLIS: i64 = 1_000;

/// Tells the time of the database; a clock that is set by hand, of a test, is told as it is.
#[derive(Debug)]
pub(super) struct StoreClock {
    clock: Clock,
    watch: ClockWatch,
    /// How far the database is ahead of the monotonic clock.
    lead: AtomicI64,
    /// By how much the database was set back, until somebody has asked.
    step: Mutex<i64>,
}

impl StoreClock {
    /// As long as nothing is measured, this machine's time.
    pub(super) fn new(clock: Clock) -> Self {
        let lead = AtomicI64::new(clock.unix_millis() - clock.monotonic_millis());
        Self { watch: ClockWatch::new(clock.clone()), clock, lead, step: Mutex::new(0) }
    }

    /// The present time.
    pub(super) fn now(&self) -> Timestamp {
        match &self.clock {
            Clock::System => {
                Timestamp::of_clock(self.clock.monotonic_millis() + self.lead.load(Ordering::Relaxed))
            }
            Clock::Manual(_) => Timestamp::of_clock(self.clock.unix_millis()),
        }
    }

    /// What [`Self::measured`] is told about the moment before the question.
    pub(super) fn start(&self) -> i64 {
        self.clock.monotonic_millis()
    }

    /// The database has told its time, between the start and now.
    pub(super) fn measured(&self, started: i64, database_millis: i64) {
        let ended = self.clock.monotonic_millis();
        if ended - started > SLOWEST_MILLIS {
            return;
        }
        let lead = database_millis - (started + ended) / 2;
        let before = self.lead.load(Ordering::Relaxed);
        if (lead - before).abs() > TOLERANCE_MILLIS {
            self.lead.store(lead, Ordering::Relaxed);
            *self.step.lock().unwrap_or_else(PoisonError::into_inner) += before - lead;
        }
    }

    /// By how many milliseconds the time was set back since the last look.
    pub(super) fn stepped_back(&self) -> Option<i64> {
        if let Clock::Manual(_) = &self.clock {
            return self.watch.stepped_back();
        }
        let step = std::mem::take(&mut *self.step.lock().unwrap_or_else(PoisonError::into_inner));
        (step >= SMALLEST_STEP_MILLIS).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_of_the_database() {
        let clock = StoreClock::new(Clock::System);
        let ours = clock.now().unix_millis();
        let start = clock.start();
        clock.measured(start, ours + 300_000);
        let ahead = clock.now().unix_millis() - ours;
        assert!((299_000..330_000).contains(&ahead), "{ahead}");
        assert_eq!(clock.stepped_back(), None);
        let before = clock.now();
        clock.measured(clock.start(), before.unix_millis() + 50);
        assert!(clock.now().unix_millis() - before.unix_millis() < 40, "that is how exact a measurement is");
        clock.measured(clock.start(), ours);
        let step = clock.stepped_back().unwrap();
        assert!((299_000..330_000).contains(&step), "{step}");
        assert_eq!(clock.stepped_back(), None, "it is told once");
    }

    #[test]
    fn a_slow_answer_tells_nothing() {
        let clock = StoreClock::new(Clock::System);
        let now = clock.now().unix_millis();
        clock.measured(clock.start() - 2_000, now + 300_000);
        assert!(clock.now().unix_millis() - now < 60_000);
    }
}
