//! How fast cards begin: callers who send messages of their own find room in the rate of the same app.

use std::time::Duration;

use tokio::time::Instant;

use crate::delivery::durable::spread::Spread;
use crate::feishu::{Allowance, Rate};

/// Cards that others left no room for go on at one part of so many of the rate.
const PART: u32 = 10;

/// Paces the cards of one app.
#[derive(Debug)]
pub(super) struct Pace {
    spread: Spread,
    rate: Rate,
    last: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { spread: Spread::new(Rate::OFF), rate: Rate::OFF, last: now }
    }

    /// When one more card may begin. `windows` are those of the rate that cards share with the messages of callers.
    pub(super) fn free_at(&mut self, windows: &[Allowance], now: Instant) -> Instant {
        // Replicas come and go, and share it.
        let rate = rate(windows);
        if rate != self.rate {
            (self.rate, self.spread) = (rate, Spread::new(rate));
        }
        let evenly = self.spread.free_at(now);
        // A twentieth is not spread over; half of it is never touched, so that whoever comes next need not wait.
        let full = windows.iter().filter(|window| window.remaining <= window.limit / 40);
        let Some(room_at) = full.map(|window| now + window.reset).max() else { return evenly };
        let pause = windows.iter().map(|window| window.window * PART / parts(window)).max();
        let in_any_case = self.last + pause.unwrap_or(Duration::ZERO);
        evenly.max(room_at.min(in_any_case))
    }

    /// Notes that a card begins.
    pub(super) fn begun(&mut self, now: Instant) {
        self.spread.pushed(now);
        self.last = now;
    }
}

/// The lowest limit of each window.
fn rate(windows: &[Allowance]) -> Rate {
    let lowest = |length: Duration| {
        let of_length = windows.iter().filter(|window| window.window == length);
        of_length.map(parts).min().unwrap_or(0)
    };
    Rate { per_second: lowest(Duration::from_secs(1)), per_minute: lowest(Duration::from_secs(60)) }
}

fn parts(window: &Allowance) -> u32 {
    u32::try_from(window.limit).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(remaining: usize, reset: Duration) -> Allowance {
        Allowance { name: "minute", limit: 60, window: Duration::from_secs(60), remaining, reset }
    }

    /// How many cards begin in ten minutes while so much of the window is left, whatever they take of it.
    fn begun(remaining: usize, reset: Duration) -> usize {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let (mut now, mut count) = (start, 0);
        while now < start + Duration::from_secs(600) {
            let free_at = pace.free_at(&[minute(remaining, reset)], now);
            if free_at <= now {
                pace.begun(now);
                count += 1;
            } else {
                now = free_at.min(now + Duration::from_secs(1));
            }
        }
        count
    }

    #[test]
    fn cards_leave_a_twentieth() {
        let count = begun(60, Duration::ZERO);
        assert!((569..=572).contains(&count), "{count}");
    }

    #[test]
    fn cards_stand_back_for_others_who_need_all_of_it_but_for_a_tenth() {
        for remaining in [0, 1] {
            let count = begun(remaining, Duration::from_secs(60));
            assert!((59..=61).contains(&count), "{count}");
        }
    }

    #[test]
    fn without_a_rate_all_begin_at_once() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        for _ in 0..1_000 {
            assert_eq!(pace.free_at(&[], now), now);
            pace.begun(now);
        }
    }
}
