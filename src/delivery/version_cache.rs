//! The version clocks of the instances that were pushed last.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::version_clock::{PayloadHash, VersionClock};

/// An instance, by the hash of its id. Callers cannot foresee it, so two ids do not meet on purpose; by chance they would
/// after billions of instances, and then share a queue.
pub(super) type InstanceKey = u64;

/// Clocks of one generation: what fits into a table of 2^13 places, which is never filled beyond seven eighths. At
/// Feishu's limit of 1,000 pushes a minute (contract §4.1) that is seven minutes at the least.
const GENERATION: usize = 7_168;

/// Keeps the clocks of at least [`GENERATION`] instances, those that were pushed last, and of at most twice as many.
#[derive(Debug, Default)]
pub(super) struct VersionCache {
    id_hasher: RandomState,
    /// Fast, as a payload may have hundreds of kilobytes.
    payload_hasher: foldhash::quality::RandomState,
    /// Locked for a look into the tables only.
    generations: Mutex<Generations>,
}

/// When the young generation is full, the old one is forgotten and takes its place. A clock takes 33 bytes in a full table
/// and 66 in a table that has just doubled; all of them together never more than 0.6 MB.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<InstanceKey, VersionClock>,
    old: HashMap<InstanceKey, VersionClock>,
}

impl VersionCache {
    /// The key of the instance with this id.
    pub(super) fn key_of(&self, instance_id: &str) -> InstanceKey {
        self.id_hasher.hash_one(instance_id)
    }

    /// The hash of a payload. The same document has the same hash in either mode, which is the payload's first member.
    ///
    /// Best taken as soon as the payload is written: when it has been sent, it must be fetched once more.
    pub(super) fn hash_of(&self, payload: &[u8]) -> PayloadHash {
        let behind_mode = payload.iter().position(|byte| *byte == b',').unwrap_or(0);
        PayloadHash(self.payload_hasher.hash_one(&payload[behind_mode..]))
    }

    /// The clock of an instance; one that knows nothing when it was never pushed, or forgotten.
    pub(super) fn get(&self, key: InstanceKey) -> VersionClock {
        self.lock().get(key)
    }

    /// Keeps the clock of an instance.
    pub(super) fn put(&self, key: InstanceKey, clock: VersionClock) {
        self.lock().put(key, clock);
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        // Nothing panics while the lock is held.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn get(&self, key: InstanceKey) -> VersionClock {
        self.young.get(&key).or_else(|| self.old.get(&key)).copied().unwrap_or_default()
    }

    fn put(&mut self, key: InstanceKey, clock: VersionClock) {
        if self.young.len() == GENERATION && !self.young.contains_key(&key) {
            std::mem::swap(&mut self.young, &mut self.old);
            // Its space is used again.
            self.young.clear();
        }
        self.young.insert(key, clock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn clock(millis: i64) -> VersionClock {
        let mut clock = VersionClock::default();
        clock.sending(Timestamp::from_unix_millis(millis).unwrap());
        clock
    }

    #[test]
    fn the_latest_instances_are_known_however_many_there_were() {
        let mut known = Generations::default();
        for key in 0..200_000_u64 {
            known.put(key, clock(1));
            if let Some(earlier) = key.checked_sub(GENERATION as u64 - 1) {
                assert_eq!(known.get(earlier), clock(1), "{earlier}");
            }
        }
    }

    #[test]
    fn an_instance_that_is_pushed_again_stays_known() {
        let mut known = Generations::default();
        for key in 1..200_000 {
            known.put(0, clock(7));
            known.put(key, clock(1));
        }
        assert_eq!(known.get(0), clock(7));
    }

    #[test]
    fn a_million_instances_take_no_more_room_than_two_generations() {
        let mut known = Generations::default();
        for key in 0..1_000_000 {
            known.put(key, clock(1));
        }
        assert_eq!(known.young.capacity(), GENERATION);
        assert_eq!(known.old.capacity(), GENERATION);
        assert_eq!(size_of::<(InstanceKey, VersionClock)>(), 32);
    }

    #[test]
    fn the_same_document_is_the_same_in_either_mode() {
        let cache = VersionCache::default();
        let replace = cache.hash_of(br#"{"update_mode":"REPLACE","x":1}"#);
        assert_eq!(cache.hash_of(br#"{"update_mode":"UPDATE","x":1}"#), replace);
        assert_ne!(cache.hash_of(br#"{"update_mode":"UPDATE","x":2}"#), replace);
    }
}
