//! When the next call to one API may leave: both windows, what was learned, and the pause that Feishu asked for.

use std::time::Duration;

use tokio::time::Instant;

use super::earlier_calls::EarlierCalls;
use super::learned_rate::{LearnedRate, Pause};
use super::rate::{Allowance, Rate};
use super::sliding_window::SlidingWindow;

/// Shortest pause after a refusal: a reset of zero seconds must not become a loop at the speed of the network.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// Schedule of one API: when the next call may be sent. It knows no queue and no waiting: every method is told the time.
#[derive(Debug)]
pub(super) struct Schedule {
    rate: Rate,
    /// At most two, the shorter first.
    windows: Vec<(&'static str, SlidingWindow)>,
    /// None where nothing is configured to come back to.
    learned: Option<LearnedRate>,
    pause: Option<Pause>,
    /// Calls so far.
    taken: u64,
}

impl Schedule {
    pub(super) fn new(rate: Rate) -> Self {
        let Rate { per_second, per_minute } = rate;
        let limits =
            [("second", per_second, Duration::from_secs(1)), ("minute", per_minute, Duration::from_secs(60))];
        let windows = limits.into_iter().filter(|(_, limit, _)| *limit > 0);
        let ceilings = windows.clone().map(|(_, limit, length)| f64::from(limit) / length.as_secs_f64());
        Self {
            rate,
            learned: ceilings.reduce(f64::max).map(LearnedRate::new),
            windows: windows.map(|(name, limit, length)| (name, SlidingWindow::new(limit, length))).collect(),
            pause: None,
            taken: 0,
        }
    }

    /// When a call fits that has `ahead` others before it; `now` when it fits at once.
    ///
    /// With others before it this is a lower bound: both windows together may take longer than either alone.
    pub(super) fn free_at(&mut self, ahead: usize, now: Instant) -> Instant {
        self.end_pause(now);
        let start = self.pause.map_or(now, |pause| pause.ends);
        let windows = self.windows.iter_mut().map(|(_, window)| window.free_at(ahead, now));
        let learned = self.learned.iter().map(|learned| learned.free_at(ahead, now));
        windows.chain(learned).fold(start, Instant::max)
    }

    /// Counts a call that leaves now, and gives its number.
    pub(super) fn take(&mut self, now: Instant) -> u64 {
        let nth = self.taken;
        self.taken += 1;
        for (_, window) in &mut self.windows {
            window.take(nth, now);
        }
        if let Some(learned) = &mut self.learned {
            learned.sent(now);
        }
        nth
    }

    /// Notes that the `nth` call has to open a connection, so that nobody knows when it arrives.
    pub(super) fn connecting(&mut self, nth: u64) {
        for (_, window) in &mut self.windows {
            window.connecting(nth);
        }
    }

    /// Notes that the `nth` call is on its way no longer, whatever came of it.
    pub(super) fn ended(&mut self, nth: u64, now: Instant) {
        for (_, window) in &mut self.windows {
            window.ended(nth, now);
        }
    }

    /// Forgets the `nth` call, which is not sent after all.
    pub(super) fn give_back(&mut self, nth: u64) {
        for (_, window) in &mut self.windows {
            window.give_back(nth);
        }
    }

    /// Notes that Feishu let the `nth` call through.
    pub(super) fn let_through(&mut self, nth: u64, now: Instant) {
        self.ended(nth, now);
        if let Some(learned) = &mut self.learned {
            learned.let_through(now);
        }
    }

    /// Notes that Feishu refused the `nth` call and wants none for a while.
    pub(super) fn refused(&mut self, nth: u64, wait: Duration, now: Instant) {
        self.ended(nth, now);
        let ends = now + wait.max(SHORTEST_PAUSE);
        let Pause { began, ends: other } = self.pause.unwrap_or(Pause { began: now, ends });
        self.pause = Some(Pause { began, ends: ends.max(other) });
    }

    /// Takes one part of so many of each window from now on.
    pub(super) fn share(&mut self, parts: u32) {
        let Rate { per_second, per_minute } = self.rate;
        for (name, window) in &mut self.windows {
            let whole = if *name == "second" { per_second } else { per_minute };
            window.set_limit(whole / parts.max(1));
        }
    }

    /// How many calls were sent in each of the last seconds, as far back as a window reaches.
    pub(super) fn sent(&self, now: Instant) -> Vec<u32> {
        self.windows.last().map(|(_, window)| window.by_second(now)).unwrap_or_default()
    }

    /// Goes on after another process.
    pub(super) fn resume(&mut self, earlier: &EarlierCalls, now: Instant) {
        let moments = earlier.moments(self.rate, now);
        for (_, window) in &mut self.windows {
            window.resume(moments.iter().copied());
        }
    }

    /// What is left of each window; nothing while Feishu wants no calls.
    pub(super) fn allowances(&mut self, now: Instant) -> Vec<Allowance> {
        self.end_pause(now);
        let pause = self.pause.map(|pause| pause.ends - now);
        let allowance = |(name, window): &mut (&'static str, SlidingWindow)| {
            let allowance = window.allowance(name, now);
            match pause {
                Some(reset) => Allowance { remaining: 0, reset: reset.max(allowance.reset), ..allowance },
                None => allowance,
            }
        };
        self.windows.iter_mut().map(allowance).collect()
    }

    /// Calls a second that may be sent at most; none without pacing.
    pub(super) fn calls_per_second(&self, now: Instant) -> Option<f64> {
        self.learned.as_ref().map(|learned| learned.rate(now).unwrap_or(learned.ceiling()))
    }

    /// Only when a pause is over are the answers known that tell how many calls got through before it.
    fn end_pause(&mut self, now: Instant) {
        if let Some(pause) = self.pause.take_if(|pause| pause.ends <= now)
            && let Some(learned) = &mut self.learned
        {
            learned.learn(pause, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sliding_window::ON_ITS_WAY;
    use super::*;
    use proptest::collection::vec;
    use proptest::option::weighted;
    use proptest::prelude::{Strategy, prop_assert, prop_oneof, proptest};

    const MILLI: Duration = Duration::from_millis(1);

    /// Sends one call as early as it may leave, at `arrived` or later.
    fn send(schedule: &mut Schedule, arrived: Instant) -> (u64, Instant) {
        let mut now = arrived;
        while schedule.free_at(0, now) > now {
            now = schedule.free_at(0, now);
        }
        (schedule.take(now), now)
    }

    /// The most that any span of this length saw.
    fn most_in(length: Duration, moments: &[Instant]) -> usize {
        let ends = |first: Instant| moments.partition_point(|at| *at < first + length);
        moments.iter().enumerate().map(|(place, first)| ends(*first) - place).max().unwrap_or(0)
    }

    /// A call: how long after the one before it comes, how long it travels, which is much longer when it opens a
    /// connection, when its answer is back, and what that asks to wait, if it is a refusal; milliseconds.
    fn calls() -> impl Strategy<Value = Vec<(u32, u32, u32, Option<u32>)>> {
        let travel = prop_oneof![0_u32..40, 100_u32..1_500];
        vec((0_u32..400, travel, 0_u32..300, weighted(0.1, 0_u32..3_000)), 1..200)
    }

    proptest! {
        #[test]
        fn neither_window_nor_a_pause_is_ever_broken_where_feishu_counts(
            per_second in 1_u32..8, per_minute in 0_u32..40, calls in calls(),
        ) {
            let mut schedule = Schedule::new(Rate { per_second, per_minute });
            let mut now = Instant::now();
            let mut paused_until = now;
            let mut arrivals = Vec::new();
            let mut answers: Vec<(Instant, u64, Option<u32>)> = Vec::new();
            for (gap, travel, rest, refusal) in calls {
                now += MILLI * gap;
                // Until it may leave, which answers put off.
                loop {
                    answers.sort();
                    while let Some((answered, nth, refusal)) = answers.first().copied().filter(|first| first.0 <= now) {
                        answers.remove(0);
                        if let Some(wait) = refusal {
                            schedule.refused(nth, MILLI * wait, answered);
                            paused_until = paused_until.max(answered + MILLI * wait);
                        } else {
                            schedule.let_through(nth, answered);
                        }
                    }
                    let free_at = schedule.free_at(0, now);
                    if free_at <= now {
                        break;
                    }
                    now = answers.first().map_or(free_at, |(answered, ..)| free_at.min(*answered));
                }
                prop_assert!(now >= paused_until, "sent during a pause");
                let nth = schedule.take(now);
                if travel >= 100 {
                    schedule.connecting(nth);
                }
                arrivals.push(now + MILLI * travel);
                answers.push((now + MILLI * (travel + rest), nth, refusal));
            }
            arrivals.sort();
            prop_assert!(most_in(Duration::from_secs(1), &arrivals) <= per_second as usize);
            let minute = most_in(Duration::from_secs(60), &arrivals);
            prop_assert!(per_minute == 0 || minute <= per_minute as usize);
        }
    }

    #[test]
    fn saturated_it_uses_nearly_all_of_both_windows_although_answers_are_slow() {
        let start = Instant::now();
        for (rate, span, allowed) in [
            (Rate { per_second: 50, per_minute: 0 }, Duration::from_secs(100), 5_000),
            (Rate { per_second: 50, per_minute: 1_000 }, Duration::from_secs(600), 10_000),
        ] {
            let mut schedule = Schedule::new(rate);
            let (mut now, mut sent) = (start, 0);
            while now < start + span {
                let (_, left) = send(&mut schedule, now);
                now = left;
                sent += 1;
            }
            assert!(sent * 100 >= allowed * 95, "{sent} of {allowed} with {rate:?}");
        }
    }

    #[test]
    fn the_travel_time_that_is_allowed_for_costs_less_than_a_twentieth() {
        assert!(ON_ITS_WAY * 20 < Duration::from_secs(1));
    }

    #[test]
    fn one_refusal_holds_everything_back_until_the_reset() {
        let now = Instant::now();
        let mut schedule = Schedule::new(Rate { per_second: 50, per_minute: 1_000 });
        let (nth, _) = send(&mut schedule, now);
        schedule.refused(nth, Duration::from_secs(7), now);
        assert_eq!(schedule.free_at(0, now), now + Duration::from_secs(7));
        assert_eq!(schedule.free_at(0, now + Duration::from_secs(7)), now + Duration::from_secs(7));
    }

    #[test]
    fn a_later_and_shorter_reset_does_not_shorten_the_pause() {
        let now = Instant::now();
        let mut schedule = Schedule::new(Rate::OFF);
        schedule.refused(0, Duration::from_secs(7), now);
        schedule.refused(1, Duration::from_secs(1), now);
        assert_eq!(schedule.free_at(0, now), now + Duration::from_secs(7));
    }

    #[test]
    fn without_windows_only_a_pause_holds_back() {
        let now = Instant::now();
        let mut schedule = Schedule::new(Rate::OFF);
        for _ in 0..10_000 {
            assert_eq!(schedule.free_at(0, now), now);
            schedule.take(now);
        }
        schedule.refused(0, Duration::ZERO, now);
        let resumed = schedule.free_at(0, now);
        assert_eq!(resumed, now + SHORTEST_PAUSE);
        assert_eq!(schedule.free_at(9_999, resumed), resumed);
    }

    #[test]
    fn a_pause_leaves_nothing_of_either_window() {
        let now = Instant::now();
        let mut schedule = Schedule::new(Rate { per_second: 2, per_minute: 10 });
        let (nth, _) = send(&mut schedule, now);
        schedule.let_through(nth, now);
        let left = |schedule: &mut Schedule| {
            let allowances = schedule.allowances(now);
            allowances.iter().map(|left| (left.remaining, left.reset.as_secs())).collect::<Vec<_>>()
        };
        assert_eq!(left(&mut schedule), [(1, 1), (9, 60)]);
        schedule.refused(nth, Duration::from_secs(7), now);
        assert_eq!(left(&mut schedule), [(0, 7), (0, 60)]);
    }

    /// A sandbox with a limit that nobody was told: so many calls in any second.
    fn refusals_of_a_hidden_limit(hidden: usize, seconds: u64) -> (usize, usize) {
        let mut schedule = Schedule::new(Rate { per_second: 50, per_minute: 0 });
        let start = Instant::now();
        let (mut now, mut taken, mut refusals) = (start, Vec::new(), 0);
        while now < start + Duration::from_secs(seconds) {
            let (nth, left) = send(&mut schedule, now);
            now = left;
            let recent = taken.iter().rev().take_while(|at| **at + Duration::from_secs(1) > now).count();
            if recent < hidden {
                taken.push(now);
                schedule.let_through(nth, now);
            } else {
                refusals += 1;
                schedule.refused(nth, Duration::from_secs(1), now);
            }
        }
        (taken.len(), refusals)
    }

    #[test]
    fn a_hidden_lower_limit_is_learned_and_mostly_used() {
        let (taken, refusals) = refusals_of_a_hidden_limit(10, 300);
        assert!(taken >= 2_400, "only {taken} of 3,000");
        assert!(refusals <= 30, "refused {refusals} times");
    }
}
