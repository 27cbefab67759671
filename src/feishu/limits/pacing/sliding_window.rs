//! One sliding window of a rate limit: at most so many calls arrive at Feishu in any span of its length.
//!
//! Feishu counts when a call arrives, we know when it left and when its answer was there. So each call counts at the
//! latest moment at which it may have arrived.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::rate::Allowance;

/// Longest that a call is believed to be on its way over a connection that was there before it, when its answer does not
/// show that it arrived sooner. It costs at most 4 % of the one-second window, and next to nothing where answers come
/// within milliseconds.
///
/// A call that opens a connection may be on its way for much longer: it counts as arriving until it is answered or given
/// up. Where every call has to open one, each place in the window is taken for as long as an answer takes besides.
pub(super) const ON_ITS_WAY: Duration = Duration::from_millis(40);

/// Log of the calls of the last second, or minute.
///
/// A log is stricter than Feishu needs to be: what it lets through fits fixed windows wherever they begin, sliding ones,
/// and token buckets. Which of them Feishu has is not documented (contract §11.4).
#[derive(Debug)]
pub(super) struct SlidingWindow {
    limit: usize,
    length: Duration,
    /// The latest moment at which each call arrived, and its number; the earliest first.
    arrivals: VecDeque<(Instant, u64)>,
    /// Numbers of the calls that opened a connection and may still be on their way.
    connecting: HashSet<u64>,
}

impl SlidingWindow {
    /// A window in which `limit` calls fit, at least one.
    pub(super) fn new(limit: u32, length: Duration) -> Self {
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        Self { limit, length, arrivals: VecDeque::new(), connecting: HashSet::new() }
    }

    /// When a call fits that has `ahead` others before it, if these are sent as soon as they fit.
    ///
    /// A lower bound while calls open connections: nobody knows when they will arrive, but not before now.
    pub(super) fn free_at(&mut self, ahead: usize, now: Instant) -> Instant {
        self.expire(now);
        let Some(behind) = ahead.checked_sub(self.free()) else { return now };
        // Places come free in the order of arrival, round after round; those beyond a limit that was lowered make none free.
        let rounds = u32::try_from(behind / self.limit).unwrap_or(u32::MAX).saturating_add(1);
        let beyond = (self.arrivals.len() + self.connecting.len()).saturating_sub(self.limit);
        let taken = self.arrivals.get(beyond + behind % self.limit).map_or(now, |(arrival, _)| *arrival);
        let wait = self.length.saturating_mul(rounds);
        taken.checked_add(wait).unwrap_or(taken)
    }

    /// Counts the `nth` call, which leaves now.
    pub(super) fn take(&mut self, nth: u64, now: Instant) {
        // Nothing before it can be believed to arrive later.
        self.arrivals.push_back((now + ON_ITS_WAY, nth));
    }

    /// Notes that the `nth` call has to open a connection.
    pub(super) fn connecting(&mut self, nth: u64) {
        if let Some(place) = self.place(nth) {
            self.arrivals.remove(place);
            self.connecting.insert(nth);
        }
    }

    /// Notes that the `nth` call has been answered or given up, so it has arrived by now.
    pub(super) fn ended(&mut self, nth: u64, now: Instant) {
        if !self.connecting.remove(&nth) {
            let Some(place) = self.place(nth).filter(|place| self.arrivals[*place].0 > now) else { return };
            self.arrivals.remove(place);
        }
        let place = self.arrivals.partition_point(|(arrival, _)| *arrival <= now);
        self.arrivals.insert(place, (now, nth));
    }

    /// Forgets the `nth` call, which is not sent after all.
    pub(super) fn give_back(&mut self, nth: u64) {
        if !self.connecting.remove(&nth)
            && let Some(place) = self.place(nth)
        {
            self.arrivals.remove(place);
        }
    }

    /// Lets another number of calls fit from now on.
    pub(super) fn set_limit(&mut self, limit: u32) {
        self.limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    }

    /// How many calls arrived in each second before now, those of the last one first; whatever is on its way counts there.
    pub(super) fn by_second(&self, now: Instant) -> Vec<u32> {
        let age = |arrival: Instant| now.saturating_duration_since(arrival).as_secs();
        let on_their_way = self.connecting.iter().map(|_| 0);
        let mut seconds = vec![0; usize::try_from(self.length.as_secs()).unwrap_or(0)];
        for second in self.arrivals.iter().map(|(arrival, _)| age(*arrival)).chain(on_their_way) {
            if let Some(count) = usize::try_from(second).ok().and_then(|second| seconds.get_mut(second)) {
                *count += 1;
            }
        }
        let used = seconds.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        seconds.truncate(used);
        seconds
    }

    /// Counts calls of somebody else, who had all of the window before; these are all that there were, the earliest first.
    pub(super) fn resume(&mut self, arrivals: impl Iterator<Item = Instant>) {
        // No call of this process has that number.
        self.arrivals = arrivals.map(|arrival| (arrival, u64::MAX)).collect();
        self.connecting.clear();
    }

    /// What is left of the window, and when there will be more.
    pub(super) fn allowance(&mut self, name: &'static str, now: Instant) -> Allowance {
        self.expire(now);
        let oldest = self.arrivals.front().map(|(arrival, _)| *arrival);
        let oldest = oldest.or_else(|| (!self.connecting.is_empty()).then_some(now));
        Allowance {
            name,
            limit: self.limit,
            window: self.length,
            remaining: self.free(),
            reset: oldest
                .map_or(Duration::ZERO, |oldest| (oldest + self.length).saturating_duration_since(now)),
        }
    }

    fn free(&self) -> usize {
        self.limit.saturating_sub(self.arrivals.len() + self.connecting.len())
    }

    /// Where the `nth` call stands, from the end: those that are asked about left not long ago.
    fn place(&self, nth: u64) -> Option<usize> {
        self.arrivals.iter().rposition(|(_, other)| *other == nth)
    }

    /// Drops the calls that have left the window.
    fn expire(&mut self, now: Instant) {
        while self.arrivals.front().is_some_and(|(arrival, _)| *arrival + self.length <= now) {
            self.arrivals.pop_front();
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
            window.take(nth, now);
            window.ended(nth, now);
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
        window.take(0, now);
        assert_eq!(window.free_at(0, now), now + ON_ITS_WAY + SECOND);
        window.ended(0, now + Duration::from_millis(5));
        assert_eq!(window.free_at(0, now), now + Duration::from_millis(5) + SECOND);
    }

    #[test]
    fn a_late_answer_moves_nothing() {
        let now = Instant::now();
        let mut window = SlidingWindow::new(1, SECOND);
        window.take(0, now);
        let later = now + SECOND * 2;
        assert_eq!(window.free_at(0, later), later);
        window.take(1, later);
        window.ended(0, later);
        assert_eq!(window.free_at(0, later), later + ON_ITS_WAY + SECOND);
    }

    #[test]
    fn a_call_that_opens_a_connection_keeps_its_place_until_it_has_ended() {
        let now = Instant::now();
        let mut window = SlidingWindow::new(2, SECOND);
        window.take(0, now);
        window.connecting(0);
        window.take(1, now);
        window.ended(1, now);
        let later = now + SECOND * 3;
        assert_eq!(window.free_at(1, later), later + SECOND, "it may arrive now");
        window.ended(0, later);
        assert_eq!(window.free_at(0, later), later);
        assert_eq!(window.free_at(1, later + SECOND), later + SECOND);
    }

    #[test]
    fn a_limit_that_was_lowered_holds_at_once() {
        let now = Instant::now();
        let mut window = SlidingWindow::new(4, SECOND);
        for nth in 0..4 {
            let sent = now + Duration::from_millis(nth * 100);
            window.take(nth, sent);
            window.ended(nth, sent);
        }
        window.set_limit(2);
        let waits = [0, 1, 2].map(|ahead| (window.free_at(ahead, now) - now).as_millis());
        assert_eq!(waits, [1_200, 1_300, 2_200], "not before only one of the last two is left");
        assert_eq!(window.allowance("second", now).remaining, 0);
    }

    #[test]
    fn what_was_sent_is_told_by_seconds_and_resumed_no_earlier() {
        let start = Instant::now();
        let mut window = SlidingWindow::new(9, SECOND * 60);
        for (nth, millis) in [0_u64, 2_500, 2_900, 4_990].into_iter().enumerate() {
            window.take(nth as u64, start + Duration::from_millis(millis));
            window.ended(nth as u64, start + Duration::from_millis(millis));
        }
        window.take(9, start + SECOND * 5);
        window.connecting(9);
        let now = start + SECOND * 5;
        assert_eq!(window.by_second(now), [2, 0, 2, 0, 0, 1]);
        assert_eq!(SlidingWindow::new(9, SECOND * 60).by_second(now), Vec::<u32>::new());
        let mut other = SlidingWindow::new(5, SECOND * 60);
        other.resume([5, 2, 2, 0, 0].into_iter().map(|ago| now - SECOND * ago));
        let waits = [0, 1, 3, 5].map(|ahead| (other.free_at(ahead, now) - now).as_secs());
        assert_eq!(waits, [55, 58, 60, 115]);
    }

    #[test]
    fn one_that_is_still_on_its_way_holds_no_other_place() {
        let now = Instant::now();
        let mut window = SlidingWindow::new(2, SECOND);
        window.take(0, now);
        window.connecting(0);
        window.take(1, now);
        window.ended(1, now);
        assert_eq!(window.free_at(0, now + SECOND), now + SECOND);
    }
}
