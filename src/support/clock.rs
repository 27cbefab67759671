//! The time of day and a clock that never steps, and hand-set ones for tests.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// Where the machine's monotonic clock is counted from.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Tells the time; a test sets and advances its own.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that moves only when it is told to.
    Manual(Arc<ManualClock>),
}

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub struct ManualClock {
    unix_millis: AtomicI64,
    monotonic_millis: AtomicI64,
}

impl Clock {
    /// A clock standing at `unix_millis`.
    pub fn manual(unix_millis: i64) -> Self {
        let monotonic_millis = AtomicI64::new(unix_millis);
        Self::Manual(Arc::new(ManualClock { unix_millis: AtomicI64::new(unix_millis), monotonic_millis }))
    }

    /// Milliseconds since 1970, UTC; 0 before. Somebody may set it back: what waits, expires or counts goes by
    /// [`Self::monotonic_millis`].
    pub fn unix_millis(&self) -> i64 {
        match self {
            Self::System => i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX),
            Self::Manual(clock) => clock.unix_millis.load(Ordering::SeqCst),
        }
    }

    /// Milliseconds since some moment, on a clock that only goes forward.
    pub fn monotonic_millis(&self) -> i64 {
        match self {
            Self::System => i64::try_from(BEGINNING.elapsed().as_millis()).unwrap_or(i64::MAX),
            Self::Manual(clock) => clock.monotonic_millis.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock forward; the machine's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Self::Manual(clock) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            clock.unix_millis.fetch_add(by, Ordering::SeqCst);
            clock.monotonic_millis.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Sets the time of day of a manual clock, as somebody may set the machine's.
    pub fn set(&self, unix_millis: i64) {
        if let Self::Manual(clock) = self {
            clock.unix_millis.store(unix_millis, Ordering::SeqCst);
        }
    }
}

/// Time since 1970; nothing before, where libraries would panic.
pub fn since_1970() -> Duration {
    since_1970_until(SystemTime::now())
}

fn since_1970_until(now: SystemTime) -> Duration {
    now.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The time of day by which certificates are valid.
#[derive(Debug)]
pub struct CertificateTime;

impl TimeProvider for CertificateTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(since_1970()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_1970_stands_at_1970() {
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(since_1970_until(before), Duration::ZERO);
    }
}
