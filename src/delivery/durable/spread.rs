//! Spreads over the minute what nobody waits for: a window that it had filled would be closed to callers who come later.

use std::time::Duration;

use tokio::time::Instant;

/// So much may go at once after a rest.
const BURST: Duration = Duration::from_secs(1);

/// Spreads pushes evenly; those that somebody waits for take from the same pace, and never wait for it.
#[derive(Debug)]
pub(super) struct Spread {
    /// Time between two pushes on average.
    pause: Duration,
    /// When the next push would go if all of them were evenly apart.
    next: Instant,
}

impl Spread {
    /// So far apart on average; not at all when that is no time.
    pub(super) fn new(pause: Duration) -> Self {
        Self { pause, next: Instant::now() }
    }

    /// When one more may go.
    pub(super) fn free_at(&self, now: Instant) -> Instant {
        if self.next <= now + BURST { now } else { self.next - BURST }
    }

    /// Notes a push, whoever waits for it.
    pub(super) fn pushed(&mut self, now: Instant) {
        // Who waited used what would have been left; how much of it, counts for a moment only.
        let latest = now + BURST + BURST.max(self.pause);
        self.next = (self.next.max(now) + self.pause).min(latest);
    }
}
