//! How long Feishu takes to answer, so that no call is sent whose answer would come too late.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::support::deadline::Deadline;

/// Weight of a new time in the smoothed one: 1/8 (RFC 6298 §2.3).
const SMOOTHING: f64 = 1.0 / 8.0;

/// Weight of a new deviation in the smoothed one: 1/4 (RFC 6298 §2.3).
const DEVIATION_SMOOTHING: f64 = 1.0 / 4.0;

/// How many deviations an answer may take longer than usual (RFC 6298 §2.3).
const DEVIATIONS: f64 = 4.0;

/// The times of one API's answers, smoothed as TCP smooths those of a connection.
///
/// Pacing lets a call go when the rate allows it. Under overload that is at the end of its time, and a call that Feishu
/// takes but whose answer nobody waits for any more is worse than none: it uses the rate, and its caller tries again.
#[derive(Debug, Default)]
pub(in crate::feishu) struct LatencyEstimator(Mutex<Smoothed>);

/// Smoothed time of an answer and its deviation, in seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Smoothed {
    time: f64,
    deviation: f64,
}

impl LatencyEstimator {
    /// Notes how long an answer took.
    pub(in crate::feishu) fn observe(&self, time: Duration) {
        let mut smoothed = self.lock();
        let time = time.as_secs_f64();
        *smoothed = if smoothed.time == 0.0 {
            Smoothed { time, deviation: time / 2.0 }
        } else {
            let deviation = (time - smoothed.time).abs();
            Smoothed {
                time: smoothed.time + SMOOTHING * (time - smoothed.time),
                deviation: smoothed.deviation + DEVIATION_SMOOTHING * (deviation - smoothed.deviation),
            }
        };
    }

    /// Notes that nothing was answered in this time. It says something only when an answer usually takes less: callers
    /// may have little time.
    pub(in crate::feishu) fn observe_timeout(&self, time: Duration) {
        if time.as_secs_f64() > self.lock().time {
            self.observe(time);
        }
    }

    /// The moment by which a call has to leave so that its answer comes before the deadline.
    ///
    /// At most half of the time that is left is kept for the answer, so that whoever comes to a free way is never refused,
    /// and one slow hour does not shut the way for good.
    pub(in crate::feishu) fn latest_start(&self, deadline: Deadline) -> Deadline {
        let Smoothed { time, deviation } = *self.lock();
        let needed = Duration::try_from_secs_f64(time + DEVIATIONS * deviation).unwrap_or(Duration::MAX);
        deadline.earlier_by(needed.min(deadline.remaining() / 2))
    }

    fn lock(&self) -> MutexGuard<'_, Smoothed> {
        // Nothing panics while the lock is held; two numbers stand by themselves.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    /// Milliseconds that are kept for the answer out of ten seconds.
    fn kept(answers: &LatencyEstimator) -> u128 {
        let deadline = Deadline::after(Duration::from_secs(10));
        (deadline.instant() - answers.latest_start(deadline).instant()).as_millis()
    }

    #[test]
    fn nothing_is_kept_before_anything_is_known() {
        assert_eq!(kept(&LatencyEstimator::default()), 0);
    }

    #[test_case(200, 200..=260; "what always takes the same")]
    #[test_case(3, 3..=6; "what is quick")]
    fn steady_answers_are_expected_to_take_as_long_again(
        millis: u64,
        expected: std::ops::RangeInclusive<u128>,
    ) {
        let answers = LatencyEstimator::default();
        (0..40).for_each(|_| answers.observe(Duration::from_millis(millis)));
        assert!(expected.contains(&kept(&answers)), "{}", kept(&answers));
    }

    #[test]
    fn answers_that_vary_are_given_more_time_than_most_of_them_take() {
        let answers = LatencyEstimator::default();
        (0..40).for_each(|n| answers.observe(Duration::from_millis(if n % 4 == 0 { 400 } else { 100 })));
        assert!(kept(&answers) > 400, "{}", kept(&answers));
    }

    #[test]
    fn never_more_than_half_of_the_time_is_kept() {
        let answers = LatencyEstimator::default();
        answers.observe(Duration::from_secs(60));
        let half = kept(&answers);
        assert!((4_990..=5_000).contains(&half), "{half}");
    }

    #[test]
    fn a_caller_with_little_time_says_nothing_about_slow_answers() {
        let answers = LatencyEstimator::default();
        (0..40).for_each(|_| answers.observe(Duration::from_millis(200)));
        let before = kept(&answers);
        answers.observe_timeout(Duration::from_millis(50));
        assert_eq!(kept(&answers), before);
        answers.observe_timeout(Duration::from_secs(2));
        assert!(kept(&answers) > before);
    }
}
