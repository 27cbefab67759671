//! The moment by which a request must be answered.

use std::time::Duration;

use tokio::time::Instant;

/// A moment that everything done for one request shares: queueing, token, attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline that many from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// What is left; zero when it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The moment itself, for timers.
    pub fn instant(self) -> Instant {
        self.0
    }
}
