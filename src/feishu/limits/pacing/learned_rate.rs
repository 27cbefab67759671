//! The rate that Feishu takes when that is less than its documents say.
//!
//! A refusal lowers the rate to what was observed to get through, and calls are then sent evenly instead of in bursts.
//! Afterwards the rate doubles every minute until it reaches the configured one. A fixed step would not do: Feishu's
//! tiers lie between 10 a minute and 50 a second (contract §11.4), so it would be a jump for one and take hours for the
//! other.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The lowest documented limit is 10 calls a minute (contract §11.4, tier 1).
const LOWEST: f64 = 10.0 / 60.0;

/// Every refusal lowers the rate by at least a tenth, whatever was observed.
const DECREASE: f64 = 0.9;

/// How often the rate is doubled on its way back.
const DOUBLING: Duration = Duration::from_secs(60);

/// The rate is observed over so many times the pause that Feishu asked for: its windows are then seen whole, and the
/// pause itself weighs little.
const LOOK_BACK: u32 = 5;

/// A pause shorter than Feishu's shortest window says nothing about the length of that window (contract §11.4).
const SHORTEST_WINDOW: Duration = Duration::from_secs(1);

/// Feishu's longest window (contract §11.4).
const LONGEST_WINDOW: Duration = Duration::from_secs(60);

/// Calls that are looked at; more would make the rate no more exact.
const MAX_OBSERVED: usize = 1_024;

/// Learned rate of one API, and its recovery.
#[derive(Debug)]
pub(super) struct LearnedRate {
    /// Calls a second that are configured.
    ceiling: f64,
    /// The lowered rate; none while the configured one holds.
    lowered: Option<Lowered>,
    last_sent: Option<Instant>,
    /// When Feishu let calls through.
    taken: VecDeque<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Lowered {
    per_second: f64,
    since: Instant,
}

/// The refusals of one pause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pause {
    /// When the first call was refused.
    pub(super) began: Instant,
    /// When Feishu takes calls again.
    pub(super) ends: Instant,
}

impl LearnedRate {
    /// Nothing is known yet; `ceiling` is configured, in calls a second.
    pub(super) fn new(ceiling: f64) -> Self {
        Self { ceiling, lowered: None, last_sent: None, taken: VecDeque::new() }
    }

    /// Calls a second that are configured.
    pub(super) fn ceiling(&self) -> f64 {
        self.ceiling
    }

    /// When a call fits that has `ahead` others before it.
    pub(super) fn free_at(&self, ahead: usize, now: Instant) -> Instant {
        let (Some(last_sent), Some(rate)) = (self.last_sent, self.rate(now)) else { return now };
        let calls = u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1);
        let gap = Duration::try_from_secs_f64(1.0 / rate).unwrap_or(LONGEST_WINDOW);
        last_sent.checked_add(gap.saturating_mul(calls)).unwrap_or(now).max(now)
    }

    /// Notes that a call leaves now.
    pub(super) fn sent(&mut self, now: Instant) {
        self.last_sent = Some(now);
        if self.lowered.is_some() && self.rate(now).is_none() {
            self.lowered = None;
        }
    }

    /// Notes that Feishu let a call through.
    pub(super) fn let_through(&mut self, now: Instant) {
        if self.taken.len() == MAX_OBSERVED {
            self.taken.pop_front();
        }
        self.taken.push_back(now);
    }

    /// Learns from a pause that is over, when the answers of the calls before it are known.
    pub(super) fn learn(&mut self, pause: Pause, now: Instant) {
        let asked = (pause.ends - pause.began).max(SHORTEST_WINDOW);
        let span = asked.saturating_mul(LOOK_BACK).min(LONGEST_WINDOW.max(asked));
        let seen = self.taken.iter().filter(|taken| **taken + span >= pause.began && **taken <= pause.ends);
        let (first, count) =
            seen.fold((None, 0.0), |(first, count), taken| (Some(first.unwrap_or(*taken)), count + 1.0));
        let before = self.rate(pause.began).unwrap_or(self.ceiling);
        let observed = first.map_or(before / 2.0, |first| {
            let whole = (pause.ends - first.min(pause.began)).max(SHORTEST_WINDOW);
            count / whole.as_secs_f64()
        });
        let per_second = observed.min(before * DECREASE).max(LOWEST.min(self.ceiling));
        self.lowered = Some(Lowered { per_second, since: now });
    }

    /// Calls a second that may be sent at most; none when the configured windows alone decide.
    pub(super) fn rate(&self, now: Instant) -> Option<f64> {
        let Lowered { per_second, since } = self.lowered?;
        let mut doublings = now.saturating_duration_since(since).as_secs_f64() / DOUBLING.as_secs_f64();
        let mut rate = per_second;
        // Straight from one doubling to the next: an exponential would need a library of the system's for itself alone.
        while doublings >= 1.0 && rate < self.ceiling {
            rate *= 2.0;
            doublings -= 1.0;
        }
        rate *= 1.0 + doublings;
        (rate < self.ceiling).then_some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn at(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    /// `count` calls let through, `gap_ms` apart and ending at the refusal, then a pause of `pause_ms`.
    fn after(count: u64, gap_ms: u64, pause_ms: u64) -> (LearnedRate, Instant) {
        let start = Instant::now();
        let mut rate = LearnedRate::new(50.0);
        for nth in 0..count {
            rate.let_through(at(start, nth * gap_ms));
        }
        let began = at(start, count * gap_ms);
        let ends = began + Duration::from_millis(pause_ms);
        rate.learn(Pause { began, ends }, ends);
        (rate, ends)
    }

    #[test_case(10, 0, 1_000 => 10.0; "a burst of which ten got through")]
    #[test_case(20, 0, 60_000 => 0.333; "twenty a minute")]
    #[test_case(600, 20, 48_000 => 10.0; "a window of a minute that was used up in twelve seconds")]
    #[test_case(100, 100, 1_000 => 8.333; "a steady ten a second with a pause of one second")]
    #[test_case(0, 0, 1_000 => 25.0; "nothing got through")]
    #[test_case(1, 0, 600_000 => 0.167; "never below the lowest tier")]
    #[test_case(1_000, 1, 10 => 45.0; "always a tenth less")]
    fn rate_after_a_refusal(count: u64, gap_ms: u64, pause_ms: u64) -> f64 {
        let (rate, now) = after(count, gap_ms, pause_ms);
        (rate.rate(now).unwrap() * 1_000.0).round() / 1_000.0
    }

    #[test]
    fn the_rate_doubles_every_minute_until_the_configured_one_holds_again() {
        let (rate, now) = after(10, 0, 1_000);
        let rates = [0, 30_000, 60_000, 120_000, 180_000].map(|millis| rate.rate(at(now, millis)));
        assert_eq!(rates, [Some(10.0), Some(15.0), Some(20.0), Some(40.0), None]);
    }

    #[test]
    fn a_lowered_rate_sends_evenly() {
        let (mut rate, now) = after(10, 0, 1_000);
        rate.sent(now);
        let waits = [0, 1, 9].map(|ahead| (rate.free_at(ahead, now) - now).as_millis());
        assert_eq!(waits, [100, 200, 1_000]);
    }

    #[test]
    fn after_idleness_the_next_call_does_not_wait() {
        let (mut rate, now) = after(10, 0, 1_000);
        rate.sent(now);
        assert_eq!(rate.free_at(0, at(now, 5_000)), at(now, 5_000));
    }
}
