//! Calls that another process has sent before, so that both windows hold across a change of the process that sends.

use std::time::Duration;

use tokio::time::Instant;

use super::rate::Rate;

/// What is longer ago fits no window.
const LONGEST: Duration = Duration::from_secs(60);

/// Calls that another process has sent to one API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EarlierCalls {
    /// How many it told of for each second before [`Self::told_ago`], those of the last one first.
    pub by_second: Vec<u32>,
    /// How long ago it told.
    pub told_ago: Duration,
    /// What it may have sent after that.
    pub untold: Option<UntoldCalls>,
}

/// Calls that nobody was told of: as many as the rate allows in some span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UntoldCalls {
    /// How long the span may have been.
    pub span: Duration,
    /// How long ago it was over at the latest.
    pub ended_ago: Duration,
}

impl EarlierCalls {
    /// The latest moment of each call, the earliest first.
    pub(super) fn moments(&self, rate: Rate, now: Instant) -> Vec<Instant> {
        let ago = |ago: Duration| now.checked_sub(ago).unwrap_or(now);
        let untold = self.untold.map(|untold| (untold.ended_ago, most_in(untold.span, rate)));
        let seconds = (0..).map(Duration::from_secs).zip(&self.by_second);
        let told = seconds.map(|(second, count)| (self.told_ago + second, *count));
        let mut calls: Vec<_> = untold.into_iter().chain(told).filter(|(when, _)| *when < LONGEST).collect();
        calls.sort_unstable_by_key(|(when, _)| std::cmp::Reverse(*when));
        let each = |(when, count): (Duration, u32)| std::iter::repeat_n(ago(when), count as usize);
        calls.into_iter().flat_map(each).collect()
    }
}

/// Most calls that both windows let into a span of less than a minute.
fn most_in(span: Duration, Rate { per_second, per_minute }: Rate) -> u32 {
    let begun = u32::try_from(span.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
    match (per_second, per_minute) {
        (0, minute) => minute,
        (second, 0) => second.saturating_mul(begun),
        (second, minute) => second.saturating_mul(begun).min(minute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 3, per_minute: 8 };

    fn ages(earlier: &EarlierCalls, rate: Rate) -> Vec<u128> {
        let now = Instant::now() + Duration::from_secs(3_600);
        earlier.moments(rate, now).into_iter().map(|moment| (now - moment).as_millis()).collect()
    }

    #[test]
    fn each_call_counts_at_the_latest_moment_at_which_it_may_have_been_sent() {
        let told_ago = Duration::from_millis(1_500);
        let earlier = EarlierCalls { by_second: vec![1, 0, 2], told_ago, untold: None };
        assert_eq!(ages(&earlier, RATE), [3_500, 3_500, 1_500]);
    }

    #[test]
    fn what_was_not_told_counts_as_much_as_the_rate_allows() {
        let untold = |span| {
            let span = Duration::from_millis(span);
            Some(UntoldCalls { span, ended_ago: Duration::from_secs(1) })
        };
        let earlier = |span| EarlierCalls {
            by_second: vec![1],
            told_ago: Duration::from_secs(15),
            untold: untold(span),
        };
        assert_eq!(ages(&earlier(1_500), RATE), [15_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000]);
        assert_eq!(ages(&earlier(9_000), RATE).len(), 9, "a minute's at most");
        assert_eq!(ages(&earlier(9_000), Rate { per_second: 0, ..RATE }).len(), 9);
        assert_eq!(ages(&earlier(2_000), Rate { per_minute: 0, ..RATE }).len(), 7);
        assert_eq!(ages(&earlier(2_000), Rate::OFF).len(), 1);
    }
}
