//! What is remembered of lanes that nobody is in: the latest, in two generations.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::lanes::LaneId;

/// Lanes of one generation: what fits into a table of 2^13 places, which is never filled beyond seven eighths. At Feishu's
/// limit of 1,000 pushes a minute (contract §4.1) that is seven minutes at the least.
const GENERATION: usize = 7_168;

/// What was sent for an instance, as far as this process knows; plain numbers, because there are many of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// Highest version promised or sent, Unix milliseconds; 0 for none.
    pub(super) highest: i64,
    /// Version of the last push that Feishu took, or may have taken, Unix milliseconds; 0 for none.
    pub(super) taken: i64,
    /// Hash of that push's payload.
    pub(super) payload: u64,
}

/// Remembers at least [`GENERATION`] lanes, those that were left last, and at most twice as many.
///
/// When the young generation is full, the old one is forgotten and takes its place. A lane takes 33 bytes in a full table
/// and 66 in a table that has just doubled; all of them together never more than 0.6 MB.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    young: HashMap<LaneId, Memory, RandomState>,
    old: HashMap<LaneId, Memory, RandomState>,
}

impl Remembered {
    /// What is known of a lane; nothing when it was never used, or forgotten.
    pub(super) fn get(&self, lane: LaneId) -> Memory {
        self.young.get(&lane).or_else(|| self.old.get(&lane)).copied().unwrap_or_default()
    }

    /// Keeps what is known of a lane.
    pub(super) fn keep(&mut self, lane: LaneId, memory: Memory) {
        if self.young.len() == GENERATION && !self.young.contains_key(&lane) {
            std::mem::swap(&mut self.young, &mut self.old);
            // Its space is used again.
            self.young.clear();
        }
        self.young.insert(lane, memory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(highest: i64) -> Memory {
        Memory { highest, ..Memory::default() }
    }

    #[test]
    fn the_latest_lanes_are_remembered_however_many_there_were() {
        let mut remembered = Remembered::default();
        for lane in 0..200_000_u64 {
            remembered.keep(lane, memory(1));
            if let Some(earlier) = lane.checked_sub(GENERATION as u64 - 1) {
                assert_eq!(remembered.get(earlier), memory(1), "{earlier}");
            }
        }
    }

    #[test]
    fn a_lane_that_is_used_again_stays() {
        let mut remembered = Remembered::default();
        for lane in 1..200_000 {
            remembered.keep(0, memory(7));
            remembered.keep(lane, memory(1));
        }
        assert_eq!(remembered.get(0), memory(7));
    }

    #[test]
    fn a_million_lanes_take_no_more_room_than_two_generations() {
        let mut remembered = Remembered::default();
        for lane in 0..1_000_000 {
            remembered.keep(lane, memory(1));
        }
        assert_eq!(remembered.young.capacity(), GENERATION);
        assert_eq!(remembered.old.capacity(), GENERATION);
        assert_eq!(size_of::<(LaneId, Memory)>(), 32);
    }
}
