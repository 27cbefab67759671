//! How long to wait between attempts.

use std::time::Duration;

/// Attempts in all, the first included (design §3).
pub(in crate::feishu) const MAX_ATTEMPTS: u32 = 3;

/// First pause after a network error or an HTTP 5xx.
const FIRST: Duration = Duration::from_millis(100);

/// Least pause for codes that ask to leave the same instance alone (contract §11.5: one second or more).
const FIRST_SLOW: Duration = Duration::from_secs(1);

/// First pause when a rate limit comes without a reset time.
const FIRST_UNKNOWN_RESET: Duration = Duration::from_millis(500);

/// Exponential growth stops here.
const LONGEST: Duration = Duration::from_secs(8);

/// Pause before the attempt that follows `failed` failed ones: exponential, with full jitter on its upper half.
pub(in crate::feishu) fn quick(failed: u32) -> Duration {
    let full = exponential(FIRST, failed);
    full / 2 + jitter(full / 2)
}

/// Pause for codes that need at least a second: exponential, with jitter on top.
pub(in crate::feishu) fn slow(failed: u32) -> Duration {
    let full = exponential(FIRST_SLOW, failed);
    full + jitter(full / 4)
}

/// Pause for the `waits`-th rate limit that names no reset time.
pub(in crate::feishu) fn unknown_reset(waits: u32) -> Duration {
    let full = exponential(FIRST_UNKNOWN_RESET, waits);
    full + jitter(full / 4)
}

fn exponential(first: Duration, nth: u32) -> Duration {
    first.saturating_mul(1 << nth.saturating_sub(1).min(16)).min(LONGEST)
}

/// A random part of `most`, so that callers who failed together do not come back together.
pub(in crate::feishu) fn jitter(most: Duration) -> Duration {
    most.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_pauses_double_and_stay_in_their_upper_half() {
        for (failed, full) in [(1, 100), (2, 200), (3, 400), (20, 8000)] {
            for _ in 0..100 {
                let pause = quick(failed).as_millis();
                assert!((full / 2..=full).contains(&pause), "{failed} failures: {pause} ms");
            }
        }
    }

    #[test]
    fn slow_pauses_are_a_second_or_more() {
        assert!((0..100).all(|_| slow(1) >= Duration::from_secs(1)));
    }
}
