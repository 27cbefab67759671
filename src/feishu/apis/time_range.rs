//! Time ranges, cut into windows that Feishu takes.

use crate::domain::Timestamp;

/// Contract §7: a window ranges at most 30 days.
const LONGEST_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A range of time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    from: i64,
    to: i64,
}

impl TimeRange {
    /// Longest range that is searched: our own bound, so that one request cannot cost thousands of windows.
    pub const MAX_DAYS: i64 = 20 * 366;

    /// Whether the range is longer than [`Self::MAX_DAYS`].
    pub fn is_too_long(self) -> bool {
        (self.to - self.from) / (24 * 60 * 60 * 1000) > Self::MAX_DAYS
    }

    /// The range between two moments; none when it ends before it begins.
    pub fn new(from: Timestamp, to: Timestamp) -> Option<Self> {
        (from <= to).then_some(Self { from: from.unix_millis(), to: to.unix_millis() })
    }

    /// How many windows it takes.
    pub(in crate::feishu) fn windows(self) -> u32 {
        if self.to - self.from <= LONGEST_MILLIS {
            return 1;
        }
        // Windows are disjoint, so each covers one millisecond more than the distance of its ends.
        let millis = self.to - self.from + 1;
        u32::try_from((millis + LONGEST_MILLIS - 1) / LONGEST_MILLIS).unwrap_or(u32::MAX)
    }

    /// The `nth` window from the newest, as its two ends.
    pub(in crate::feishu) fn nth_newest(self, nth: u32) -> (i64, i64) {
        if self.windows() == 1 {
            return (self.from, self.to);
        }
        let to = self.to - i64::from(nth) * LONGEST_MILLIS;
        ((to - LONGEST_MILLIS + 1).max(self.from), to)
    }

    /// The `nth` window from the oldest.
    pub(in crate::feishu) fn nth_oldest(self, nth: u32) -> (i64, i64) {
        self.nth_newest(self.windows().saturating_sub(nth + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(from: i64, to: i64) -> TimeRange {
        let at = |millis| Timestamp::from_unix_millis(millis).unwrap();
        TimeRange::new(at(from), at(to)).unwrap()
    }

    #[test]
    fn thirty_days_are_one_window_and_a_millisecond_more_are_two() {
        assert_eq!(range(1, 1 + LONGEST_MILLIS).windows(), 1);
        assert_eq!(range(1, 2 + LONGEST_MILLIS).windows(), 2);
    }

    #[test]
    fn a_reversed_span_is_none() {
        let at = |millis| Timestamp::from_unix_millis(millis).unwrap();
        assert_eq!(TimeRange::new(at(2), at(1)), None);
    }

    proptest! {
        #[test]
        fn windows_are_disjoint_adjacent_short_enough_and_cover_the_span(
            from in 1_i64..2_000_000_000_000,
            length in 0_i64..2_000_000_000_000,
        ) {
            let range = range(from, from + length);
            let windows: Vec<_> = (0..range.windows()).map(|nth| range.nth_newest(nth)).collect();
            prop_assert_eq!(windows.first().unwrap().1, from + length);
            prop_assert_eq!(windows.last().unwrap().0, from);
            for (start, end) in &windows {
                prop_assert!(start <= end && end - start <= LONGEST_MILLIS);
            }
            for pair in windows.windows(2) {
                prop_assert_eq!(pair[1].1 + 1, pair[0].0);
            }
            let oldest: Vec<_> = (0..range.windows()).rev().map(|nth| range.nth_oldest(nth)).collect();
            prop_assert_eq!(oldest, windows);
        }
    }
}
