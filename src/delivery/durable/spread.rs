//! Spreads what nobody waits for: a window that it had filled would be closed to callers who come later.

use std::time::Duration;

use tokio::time::Instant;

use crate::feishu::Rate;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Spreads pushes evenly over both windows; those that somebody waits for take from the same pace, and never wait for it.
#[derive(Debug)]
pub(super) struct Spread {
    windows: [Window; 2],
}

/// A window, and how fast it is filled.
#[derive(Debug)]
struct Window {
    /// Time between two pushes on average.
    pause: Duration,
    /// So much may go at once after a rest.
    burst: Duration,
    /// When the next push would go if all of them were evenly apart.
    next: Instant,
}

impl Spread {
    /// Leaves a twentieth of each window to callers who wait; a window without a limit is not spread over.
    pub(super) fn new(rate: Rate) -> Self {
        // What may go at once is part of that twentieth, so that the window is never filled.
        let second = Window::new(SECOND, rate.per_second, SECOND / 40);
        let minute = Window::new(MINUTE, rate.per_minute, SECOND);
        Self { windows: [second, minute] }
    }

    /// When one more may go.
    pub(super) fn free_at(&self, now: Instant) -> Instant {
        self.windows.iter().map(|window| window.free_at(now)).max().unwrap_or(now)
    }

    /// Notes a push, whoever waits for it.
    pub(super) fn pushed(&mut self, now: Instant) {
        for window in &mut self.windows {
            window.pushed(now);
        }
    }
}

impl Window {
    fn new(length: Duration, calls: u32, burst: Duration) -> Self {
        let pause = if calls == 0 { Duration::ZERO } else { length * 20 / 19 / calls };
        Self { pause, burst, next: Instant::now() }
    }

    fn free_at(&self, now: Instant) -> Instant {
        if self.next <= now + self.burst { now } else { self.next - self.burst }
    }

    fn pushed(&mut self, now: Instant) {
        // Who waited used what would have been left; how much of it, counts for a moment only.
        let latest = now + self.burst + self.burst.max(self.pause);
        self.next = (self.next.max(now) + self.pause).min(latest);
    }
}
