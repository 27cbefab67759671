//! The moment by which a request must be answered.

use std::time::Duration;

use tokio::time::Instant;

/// Our choice: far beyond any time that the configuration lets a request take.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The moment by which a request must be answered, spent across queueing, token, pacing and attempts (design §3).
///
/// It is a moment and not a span, so handing it down never gives a later step more time than is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment `span` from now; a span of more than a day counts as a day, which no clock overflows on.
    pub fn after(span: Duration) -> Self {
        Self(Instant::now() + span.min(LONGEST))
    }

    /// This deadline, so much earlier.
    #[must_use]
    pub fn earlier_by(self, span: Duration) -> Self {
        Self(self.0.checked_sub(span).unwrap_or(self.0))
    }

    /// What is left; zero once the moment has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The moment itself, for `tokio::time::timeout_at`.
    pub fn instant(self) -> Instant {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_remains_of_a_deadline_that_has_come() {
        assert_eq!(Deadline::after(Duration::ZERO).remaining(), Duration::ZERO);
    }

    #[test]
    fn what_remains_is_never_more_than_what_was_given() {
        let hour = Duration::from_secs(3600);
        assert!(Deadline::after(hour).remaining() <= hour);
    }

    #[test]
    fn endless_span_is_a_day() {
        assert!(Deadline::after(Duration::MAX).remaining() <= LONGEST);
    }

    #[test]
    fn a_shorter_span_is_an_earlier_deadline() {
        assert!(Deadline::after(Duration::from_secs(1)) < Deadline::after(Duration::from_secs(3600)));
    }
}
