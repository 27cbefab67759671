//! How callers share what all of them use: the last tenth is kept for those who have less than their share.
//!
//! Whoever is alone may take nine tenths of it. So there is always something left for a caller who comes later, without
//! anybody having to say how many will come and what each may take.

/// The part of a whole that is kept for callers below their share: a tenth, and never all of it.
pub(crate) fn reserve(whole: usize) -> usize {
    whole.div_ceil(10).min(whole.saturating_sub(1))
}

/// The share of each of so many callers who are active, with room for one more who may come.
pub(crate) fn share(whole: usize, active: usize) -> usize {
    whole / (active + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_kept_and_something_is_always_left_to_use() {
        assert_eq!([0, 1, 2, 10, 15, 1_000].map(reserve), [0, 0, 1, 1, 2, 100]);
    }

    #[test]
    fn the_share_leaves_room_for_one_more() {
        assert_eq!([1, 2, 4].map(|active| share(1_000, active)), [500, 333, 200]);
    }
}
