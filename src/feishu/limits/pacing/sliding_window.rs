//! One sliding window of a rate limit: at most so many calls are sent in any span of its length.
//!
//! Calls are counted when they are sent, plus [`ON_ITS_WAY`] at most. Connections that take longer than that to open may
//! let more calls arrive within a window.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::rate::Allowance;

/// Longest that a call is believed to be on its way to Feishu, when its answer does not show that it arrived sooner.
///
/// Feishu counts when a call arrives, we know when it left. Calls that open a connection first arrive later than those
/// that find one, so two bursts that left a second apart may arrive closer together. The bound costs at most 4 % of the
/// one-second window, and next to nothing where answers come within milliseconds.
pub(super) const ON_ITS_WAY: Duration = Duration::from_millis(40);

/// Log of the calls of the last second, or minute.
///
/// A log is stricter than Feishu needs to be: what it lets through fits fixed windows wherever they begin, sliding ones,
/// and token buckets. Which of them Feishu has is not documented (contract §11.4).
#[derive(Debug)]
pub(super) struct SlidingWindow {
    limit: usize,
    length: Duration,
    /// The latest moment at which each call arrived, in the order of sending.
    arrivals: VecDeque<Instant>,
    /// Calls that have left the window.
    left: u64,
}

impl SlidingWindow {
    /// A window in which `limit` calls fit, at least one.
    pub(super) fn new(limit: u32, length: Duration) -> Self {
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        Self { limit, length, arrivals: VecDeque::new(), left: 0 }
    }

    /// When a call fits that has `ahead` others before it, if these are sent as soon as they fit.
    pub(super) fn free_at(&mut self, ahead: usize, now: Instant) -> Instant {
        self.expire(now);
        let free = self.limit - self.arrivals.len();
        let Some(behind) = ahead.checked_sub(free) else { return now };
        // Places come free in the order in which they were taken, round after round.
        let rounds = u32::try_from(behind / self.limit).unwrap_or(u32::MAX).saturating_add(1);
        let taken = self.arrivals.get(behind % self.limit).copied().unwrap_or(now);
        let wait = self.length.saturating_mul(rounds);
        taken.checked_add(wait).unwrap_or(taken)
    }

    /// Counts a call that leaves now.
    pub(super) fn take(&mut self, now: Instant) {
        self.arrivals.push_back(now + ON_ITS_WAY);
    }

    /// Notes that the `nth` call has been answered, so it had arrived by now.
    pub(super) fn answered(&mut self, nth: u64, now: Instant) {
        let place = nth.checked_sub(self.left).and_then(|place| usize::try_from(place).ok());
        if let Some(arrival) = place.and_then(|place| self.arrivals.get_mut(place)) {
            *arrival = now.min(*arrival);
        }
    }

    /// What is left of the window, and when there will be more.
    pub(super) fn allowance(&mut self, name: &'static str, now: Instant) -> Allowance {
        self.expire(now);
        let oldest = self.arrivals.front().map(|arrival| *arrival + self.length);
        Allowance {
            name,
            limit: self.limit,
            window: self.length,
            remaining: self.limit - self.arrivals.len(),
            reset: oldest.map_or(Duration::ZERO, |leaves| leaves.saturating_duration_since(now)),
        }
    }

    /// Drops the calls that have left the window. One whose answer came late may hold back those behind it for a moment.
    fn expire(&mut self, now: Instant) {
        while self.arrivals.front().is_some_and(|arrival| *arrival + self.length <= now) {
            self.arrivals.pop_front();
            self.left += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn full(limit: u32, now: Instant) -> SlidingWindow {
        let mut window = SlidingWindow::new(limit, SECOND);
        for nth in 0..u64::from(limit) {
            assert_eq!(window.free_at(0, now), now);
            window.take(now);
            window.answered(nth, now);
        }
        window
    }

    #[test]
    fn a_full_window_is_free_again_when_its_oldest_call_has_left_it() {
        let now = Instant::now();
        let mut window = full(3, now);
        assert_eq!(window.free_at(0, now), now + SECOND);
        assert_eq!(window.free_at(0, now + SECOND), now + SECOND);
    }

    #[test]
    fn those_further_behind_wait_for_further_rounds() {
        let now = Instant::now();
        let mut window = full(3, now);
        let rounds: Vec<_> = [0, 2, 3, 5, 6].map(|ahead| (window.free_at(ahead, now) - now).as_secs()).into();
        assert_eq!(rounds, [1, 1, 2, 2, 3]);
    }

    #[test]
    fn an_empty_window_lets_as_many_wait_for_nothing_as_fit() {
        let now = Instant::now();
        let mut window = SlidingWindow::new(2, SECOND);
        let waits = [0, 1, 2, 3, 4].map(|ahead| (window.free_at(ahead, now) - now).as_secs());
        assert_eq!(waits, [0, 0, 1, 1, 2]);
    }

    #[test]
    fn a_call_without_an_answer_counts_from_the_latest_moment_it_may_have_arrived() {
        let now = Instant::now();
        let mut window = SlidingWindow::new(1, SECOND);
        window.take(now);
        assert_eq!(window.free_at(0, now), now + ON_ITS_WAY + SECOND);
        window.answered(0, now + Duration::from_millis(5));
        assert_eq!(window.free_at(0, now), now + Duration::from_millis(5) + SECOND);
    }

    #[test]
    fn a_late_answer_moves_nothing() {
        let now = Instant::now();
        let mut window = SlidingWindow::new(1, SECOND);
        window.take(now);
        let later = now + SECOND * 2;
        assert_eq!(window.free_at(0, later), later);
        window.take(later);
        window.answered(0, later);
        assert_eq!(window.free_at(0, later), later + ON_ITS_WAY + SECOND);
    }
}
