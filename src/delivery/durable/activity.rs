//! What an app has done in each minute of the last hour, for whoever looks without a monitoring system.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::domain::Timestamp;

/// Minutes that are kept.
pub const MINUTES: usize = 60;

const MINUTE_MS: i64 = 60_000;

/// One minute in which something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minute {
    /// When it began.
    pub from: Timestamp,
    /// Pushes that have ended.
    pub pushes: u64,
    /// Differences that the check has found.
    pub drifts: u64,
}

/// The counts of the last hour, of this process.
#[derive(Debug, Default)]
pub(super) struct Activity(Mutex<VecDeque<Minute>>);

impl Activity {
    /// Counts a push that has ended.
    pub(super) fn pushed(&self, now: Timestamp) {
        self.count(now, |minute| minute.pushes += 1);
    }

    /// Counts a difference that the check has found.
    pub(super) fn drifted(&self, now: Timestamp) {
        self.count(now, |minute| minute.drifts += 1);
    }

    fn count(&self, now: Timestamp, add: impl FnOnce(&mut Minute)) {
        let from = minute_of(now, 0);
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back counts on in its latest minute.
        if minutes.back().is_none_or(|last| last.from < from) {
            minutes.push_back(Minute { from, pushes: 0, drifts: 0 });
        }
        if minutes.len() > MINUTES {
            minutes.pop_front();
        }
        if let Some(last) = minutes.back_mut() {
            add(last);
        }
    }

    /// The minutes of the last hour in which something was done, oldest first.
    pub(super) fn last_hour(&self, now: Timestamp) -> Vec<Minute> {
        let first = minute_of(now, MINUTES - 1);
        let minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        minutes.iter().filter(|minute| minute.from >= first).copied().collect()
    }
}

/// When the minute began that is so many before the present one.
fn minute_of(now: Timestamp, before: usize) -> Timestamp {
    let minute = now.unix_millis() / MINUTE_MS - i64::try_from(before).unwrap_or_default();
    Timestamp::from_unix_millis(minute * MINUTE_MS).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_unix_millis(1_800_000_000_000 + minute * MINUTE_MS).unwrap()
    }

    #[test]
    fn each_minute_of_the_last_hour_is_counted_by_itself() {
        let activity = Activity::default();
        activity.pushed(at(0));
        activity.pushed(at(58));
        activity.pushed(at(58));
        activity.drifted(at(59));
        let hour: Vec<_> = activity.last_hour(at(59)).iter().map(|m| (m.from, m.pushes, m.drifts)).collect();
        assert_eq!(hour, [(at(0), 1, 0), (at(58), 2, 0), (at(59), 0, 1)]);
        assert_eq!(activity.last_hour(at(60)).len(), 2);
    }

    #[test]
    fn no_more_than_an_hour_is_kept() {
        let activity = Activity::default();
        (0..1_000).for_each(|minute| activity.pushed(at(minute)));
        assert_eq!(activity.0.lock().unwrap().len(), MINUTES);
    }

    #[test]
    fn a_clock_that_is_set_back_counts_on() {
        let activity = Activity::default();
        activity.pushed(at(5));
        activity.pushed(at(2));
        assert_eq!(activity.last_hour(at(5))[0].pushes, 2);
    }
}
