//! Keeps one caller from using up the minute of all others: its last tenth is for callers below their share.
//!
//! The order of the queue alone would not do. A window that one caller has filled is closed to everybody for up to a
//! minute, which is longer than requests may wait.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::queue::CallerName;
use crate::support::fair_share::{reserve, share};

/// Length of the window that is shared; the other one lasts a second, which requests may well wait.
pub(super) const WINDOW: Duration = Duration::from_secs(60);

/// Who has used the last minute, by the moments at which calls left. It only says who must stand back; how many calls
/// there may be is said by the windows themselves.
#[derive(Debug)]
pub(super) struct Shares {
    /// Calls in a minute; 0 when they are not counted.
    limit: usize,
    /// The calls of the last minute, the earliest first.
    sent: VecDeque<(Instant, CallerName)>,
    /// How many of them each caller made.
    counts: HashMap<CallerName, usize>,
}

impl Shares {
    /// Shares of so many calls in a minute.
    pub(super) fn new(per_minute: u32) -> Self {
        let limit = usize::try_from(per_minute).unwrap_or(usize::MAX);
        Self { limit, sent: VecDeque::new(), counts: HashMap::new() }
    }

    /// Shares another number of calls from now on.
    pub(super) fn set_limit(&mut self, per_minute: u32) {
        self.limit = usize::try_from(per_minute).unwrap_or(usize::MAX);
    }

    /// When this caller need not stand back for others, with `ahead` calls before its own, of which `own` are its own.
    /// A lower bound, as [`super::schedule::Schedule::free_at`].
    pub(super) fn free_at(&mut self, caller: &CallerName, ahead: usize, own: usize, now: Instant) -> Instant {
        self.expire(now);
        if self.limit == 0 || caller.is_none() {
            return now;
        }
        let (count, share) = self.count_and_share(caller);
        let all = self.sent.iter().map(|(left, _)| *left);
        let common = fits_at(self.limit - reserve(self.limit), all, self.sent.len(), ahead, now);
        let mine = self.sent.iter().filter(|(_, other)| other == caller).map(|(left, _)| *left);
        let below_share = fits_at(share, mine, count, own, now);
        common.min(below_share)
    }

    /// How many calls this caller may make before it has to stand back for others.
    pub(super) fn left(&mut self, caller: &CallerName, now: Instant) -> usize {
        self.expire(now);
        if self.limit == 0 || caller.is_none() {
            return usize::MAX;
        }
        let (count, share) = self.count_and_share(caller);
        let common = (self.limit - reserve(self.limit)).saturating_sub(self.sent.len());
        common.max(share.saturating_sub(count))
    }

    /// How many calls the caller has made, and its share.
    fn count_and_share(&self, caller: &CallerName) -> (usize, usize) {
        let count = self.counts.get(caller).copied().unwrap_or(0);
        let active = self.counts.len() + usize::from(count == 0);
        (count, share(self.limit, active).max(1))
    }

    /// Counts a call that leaves now; one in nobody's name is nobody's share.
    pub(super) fn take(&mut self, caller: &CallerName, now: Instant) {
        self.expire(now);
        if self.limit > 0 && caller.is_some() {
            self.sent.push_back((now, caller.clone()));
            *self.counts.entry(caller.clone()).or_default() += 1;
        }
    }

    /// Forgets the last call of this caller, which is not sent after all.
    pub(super) fn give_back(&mut self, caller: &CallerName) {
        let Some(place) = self.sent.iter().rposition(|(_, other)| caller.is_some() && other == caller) else {
            return;
        };
        self.sent.remove(place);
        self.uncount(caller);
    }

    fn uncount(&mut self, caller: &CallerName) {
        if let Some(count) = self.counts.get_mut(caller) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(caller);
            }
        }
    }

    fn expire(&mut self, now: Instant) {
        while let Some((_, caller)) = self.sent.pop_front_if(|(left, _)| *left + WINDOW <= now) {
            self.uncount(&caller);
        }
    }
}

/// When one more fits into `limit` behind those that left at these moments, the earliest first, and `ahead` others.
fn fits_at(
    limit: usize,
    mut left: impl Iterator<Item = Instant>,
    count: usize,
    ahead: usize,
    now: Instant,
) -> Instant {
    let Some(behind) = (count + ahead).checked_sub(limit) else { return now };
    // Further behind it must wait for some that have not left yet.
    left.nth(behind).map_or_else(|| now + WINDOW, |left| left + WINDOW)
}

/// The name of a caller, for tests.
#[cfg(test)]
pub(super) fn named(name: &str) -> CallerName {
    Some(name.into())
}
