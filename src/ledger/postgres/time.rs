//! The time of the database, by which everything in it is stored and due.
//!
//! Machines that share the database may have clocks that are minutes apart: what one of them has accepted must be due at
//! once for all. Each measures how far the database's clock is ahead of its own monotonic one, and tells that time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::{AppName, Timestamp};
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
    steps: Mutex<Steps>,
}

/// How far the time was set back since the start, and the rows of which app have followed it.
#[derive(Debug, Default)]
struct Steps {
    is_measured: bool,
    /// All steps together, in milliseconds; those forward count against those back.
    total: i64,
    /// What the total was when the rows of an app have followed it.
    followed: HashMap<AppName, i64>,
}

impl StoreClock {
    /// As long as nothing is measured, this machine's time.
    pub(super) fn new(clock: Clock) -> Self {
        let lead = AtomicI64::new(clock.unix_millis() - clock.monotonic_millis());
        Self { watch: ClockWatch::new(clock.clone()), clock, lead, steps: Mutex::default() }
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
        let mut steps = self.steps();
        let before = self.lead.load(Ordering::Relaxed);
        if (lead - before).abs() > TOLERANCE_MILLIS {
            self.lead.store(lead, Ordering::Relaxed);
            // The first one tells how far two clocks are apart, and of no step.
            if steps.is_measured {
                steps.total += before - lead;
            }
        }
        steps.is_measured = true;
    }

    /// By how many milliseconds the time was set back since the rows of the app have followed it. They are to follow now.
    pub(super) fn stepped_back(&self, app: &AppName) -> Option<i64> {
        let mut steps = self.steps();
        if let Clock::Manual(_) = &self.clock {
            steps.total += self.watch.stepped_back().unwrap_or_default();
        }
        let total = steps.total;
        let followed = steps.followed.entry(app.clone()).or_default();
        let step = total - *followed;
        if step.abs() >= SMALLEST_STEP_MILLIS {
            *followed = total;
        }
        (step >= SMALLEST_STEP_MILLIS).then_some(step)
    }

    /// The rows of the app have not followed so much of it yet, and everything else: another process saw to them.
    pub(super) fn still_to_follow(&self, app: &AppName, by_millis: i64) {
        let mut steps = self.steps();
        let followed = steps.total - by_millis;
        steps.followed.insert(app.clone(), followed);
    }

    fn steps(&self) -> MutexGuard<'_, Steps> {
        // Nothing panics while the lock is held.
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> AppName {
        AppName::default()
    }

    #[test]
    fn the_time_is_that_of_the_database() {
        let clock = StoreClock::new(Clock::System);
        let ours = clock.now().unix_millis();
        let start = clock.start();
        clock.measured(start, ours + 300_000);
        let ahead = clock.now().unix_millis() - ours;
        assert!((299_000..330_000).contains(&ahead), "{ahead}");
        assert_eq!(clock.stepped_back(&app()), None);
        let before = clock.now();
        clock.measured(clock.start(), before.unix_millis() + 50);
        assert!(clock.now().unix_millis() - before.unix_millis() < 40, "that is how exact a measurement is");
        clock.measured(clock.start(), ours);
        let step = clock.stepped_back(&app()).unwrap();
        assert!((299_000..330_000).contains(&step), "{step}");
        assert_eq!(clock.stepped_back(&app()), None, "it is told once");
        let other: AppName = "other".parse().unwrap();
        assert_eq!(clock.stepped_back(&other), Some(step), "and for each app");
        clock.still_to_follow(&other, 5_000);
        assert_eq!((clock.stepped_back(&other), clock.stepped_back(&other)), (Some(5_000), None));
    }

    #[test]
    fn a_database_whose_clock_is_behind_was_not_set_back() {
        let clock = StoreClock::new(Clock::System);
        let ours = clock.now().unix_millis();
        clock.measured(clock.start(), ours - 300_000);
        assert!(clock.now().unix_millis() < ours - 200_000);
        assert_eq!(clock.stepped_back(&app()), None);
    }

    #[test]
    fn a_slow_answer_tells_nothing() {
        let clock = StoreClock::new(Clock::System);
        let now = clock.now().unix_millis();
        clock.measured(clock.start() - 2_000, now + 300_000);
        assert!(clock.now().unix_millis() - now < 60_000);
    }
}
