//! Counters of events in the last ten seconds.

/// Buckets of one second each; together they are the span that is looked back on.
///
/// Our choice: long enough for a rate to be more than chance, short enough that an outage is over for us soon after it
/// is over for Feishu.
const BUCKETS: usize = 10;

/// Counters of `KINDS` kinds of events.
#[derive(Debug)]
pub(in crate::feishu) struct RecentCounts<const KINDS: usize> {
    buckets: [Bucket<KINDS>; BUCKETS],
}

#[derive(Debug, Clone, Copy)]
struct Bucket<const KINDS: usize> {
    /// Of the monotonic clock.
    second: i64,
    counts: [u32; KINDS],
}

impl<const KINDS: usize> RecentCounts<KINDS> {
    pub(in crate::feishu) fn new() -> Self {
        Self { buckets: [Bucket { second: i64::MIN, counts: [0; KINDS] }; BUCKETS] }
    }

    /// Counts an event at a moment in milliseconds of the monotonic clock.
    pub(in crate::feishu) fn add(&mut self, kind: usize, now: i64) {
        let second = now.div_euclid(1_000);
        let place = usize::try_from(second.rem_euclid(BUCKETS as i64)).unwrap_or(0);
        let bucket = &mut self.buckets[place];
        if bucket.second != second {
            *bucket = Bucket { second, counts: [0; KINDS] };
        }
        bucket.counts[kind] = bucket.counts[kind].saturating_add(1);
    }

    /// The events of the last ten seconds.
    pub(in crate::feishu) fn sums(&self, now: i64) -> [u32; KINDS] {
        let second = now.div_euclid(1_000);
        let recent = self
            .buckets
            .iter()
            .filter(|bucket| second.checked_sub(bucket.second).is_some_and(|age| age < BUCKETS as i64));
        let mut sums = [0_u32; KINDS];
        for bucket in recent {
            for (sum, count) in sums.iter_mut().zip(bucket.counts) {
                *sum = sum.saturating_add(count);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_forgotten_after_ten_seconds() {
        let mut counts = RecentCounts::<2>::new();
        counts.add(0, 1_000_000);
        counts.add(0, 1_005_000);
        counts.add(1, 1_005_500);
        assert_eq!(counts.sums(1_009_999), [2, 1]);
        assert_eq!(counts.sums(1_010_000), [1, 1]);
        assert_eq!(counts.sums(1_015_000), [0, 0]);
    }

    #[test]
    fn a_bucket_that_comes_round_again_starts_at_nothing() {
        let mut counts = RecentCounts::<1>::new();
        counts.add(0, 1_000_000);
        counts.add(0, 1_010_000);
        assert_eq!(counts.sums(1_010_000), [1]);
    }
}
