//! One lane an instance: its pushes never overlap, go in arrival order, and remember what was sent.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use super::remembered::{Memory, Remembered};
use crate::domain::Timestamp;

/// An instance, by the hash of its id. Callers cannot foresee it, so two ids do not meet on purpose; by chance they would
/// after billions of instances, and then share a lane.
pub(super) type LaneId = u64;

/// What tells payloads of one instance apart (see [`Turn::hash_of`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PayloadHash(u64);

/// The lanes of one app.
#[derive(Debug)]
pub(super) struct Lanes {
    id_hasher: RandomState,
    /// Tells payloads of one instance apart: fast, as a payload may have hundreds of kilobytes.
    payload_hasher: foldhash::quality::RandomState,
    /// Held for a look into tables only.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Lanes in use; a lane leaves with its last visitor.
    active: HashMap<LaneId, Active, foldhash::fast::RandomState>,
    /// What the lanes that left remember.
    remembered: Remembered,
}

#[derive(Debug)]
struct Active {
    lane: Arc<Lane>,
    visitors: usize,
}

#[derive(Debug)]
struct Lane {
    queue: Arc<tokio::sync::Mutex<()>>,
    memory: Mutex<Memory>,
}

/// An `update` that Feishu would drop in silence (contract §4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a push of version {latest} was sent before")]
pub struct StaleUpdate {
    /// The version that Feishu has.
    pub latest: Timestamp,
    /// Whether it is the same version with another payload, rather than a newer one.
    pub same_version: bool,
}

impl Lanes {
    pub(super) fn new() -> Self {
        Self {
            id_hasher: RandomState::new(),
            payload_hasher: foldhash::quality::RandomState::default(),
            known: Mutex::default(),
        }
    }

    /// Enters the lane of an instance; the place in its queue is taken by [`Visit::wait`].
    pub(super) fn enter(self: &Arc<Self>, instance_id: &str) -> Visit {
        let id = self.id_hasher.hash_one(instance_id);
        let mut known = self.known();
        let Known { active, remembered } = &mut *known;
        let active = active.entry(id).or_insert_with(|| {
            let memory = Mutex::new(remembered.get(id));
            Active { lane: Arc::new(Lane { queue: Arc::default(), memory }), visitors: 0 }
        });
        active.visitors += 1;
        Visit { lanes: Arc::clone(self), lane: Arc::clone(&active.lane), id }
    }

    /// Instances that are being pushed, and pushes that wait behind others.
    pub(super) fn count(&self) -> (usize, usize) {
        let active = &self.known().active;
        let visitors: usize = active.values().map(|active| active.visitors).sum();
        (active.len(), visitors - active.len())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody's stay in a lane; the lane is given back on drop.
#[derive(Debug)]
pub(super) struct Visit {
    lanes: Arc<Lanes>,
    lane: Arc<Lane>,
    id: LaneId,
}

/// The right to push: held by one visitor at a time, handed on in arrival order.
#[derive(Debug)]
pub(super) struct Turn {
    visit: Visit,
    _queue: OwnedMutexGuard<()>,
}

impl Visit {
    /// The version that [`Turn::promise_version`] would give, without giving it.
    pub(super) fn peek_version(&self, now: Timestamp) -> Timestamp {
        later_than(self.memory().highest, now)
    }

    /// Waits for the lane.
    pub(super) async fn wait(self) -> Turn {
        let queue = Arc::clone(&self.lane.queue).lock_owned().await;
        Turn { visit: self, _queue: queue }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.lane.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// A version later than everything sent or promised for this instance: `now`, if that is.
    pub(super) fn promise_version(&self, now: Timestamp) -> Timestamp {
        let mut memory = self.visit.memory();
        let version = later_than(memory.highest, now);
        memory.highest = version.unix_millis();
        version
    }

    /// Refuses an update that is older than what was sent, or equal with another payload.
    pub(super) fn check_update(&self, version: Timestamp, payload: PayloadHash) -> Result<(), StaleUpdate> {
        let memory = *self.visit.memory();
        let Some(latest) = Timestamp::from_unix_millis(memory.taken) else { return Ok(()) };
        let same_version = version == latest;
        if version < latest || (same_version && memory.payload != payload.0) {
            return Err(StaleUpdate { latest, same_version });
        }
        Ok(())
    }

    /// Notes that a version is on its way: a default version must exceed it whatever becomes of it.
    pub(super) fn sending(&self, version: Timestamp) {
        let mut memory = self.visit.memory();
        memory.highest = memory.highest.max(version.unix_millis());
    }

    /// Notes what Feishu took.
    pub(super) fn taken(&self, version: Timestamp, payload: PayloadHash) {
        let mut memory = self.visit.memory();
        (memory.taken, memory.payload) = (version.unix_millis(), payload.0);
    }

    /// Notes what Feishu may have taken: an update that is older may be dropped in silence.
    pub(super) fn perhaps_taken(&self, version: Timestamp, payload: PayloadHash) {
        let known = self.visit.memory().taken;
        if version.unix_millis() > known {
            self.taken(version, payload);
        }
    }

    /// The same document has the same hash in either mode, which is the payload's first member.
    ///
    /// Best taken as soon as the payload is written: when it has been sent, it must be fetched once more.
    pub(super) fn hash_of(&self, payload: &[u8]) -> PayloadHash {
        let behind_mode = payload.iter().position(|byte| *byte == b',').unwrap_or(0);
        PayloadHash(self.visit.lanes.payload_hasher.hash_one(&payload[behind_mode..]))
    }
}

fn later_than(highest: i64, now: Timestamp) -> Timestamp {
    Timestamp::from_unix_millis(highest).map_or(now, |highest| now.max(highest.next()))
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut known = self.lanes.known();
        let Some(active) = known.active.get_mut(&self.id) else { return };
        active.visitors -= 1;
        if active.visitors == 0 {
            known.active.remove(&self.id);
            let memory = *self.memory();
            if memory != Memory::default() {
                known.remembered.keep(self.id, memory);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::pin::Pin;

    use futures_util::FutureExt as _;
    use proptest::collection::vec;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis).unwrap()
    }

    #[tokio::test]
    async fn a_second_push_of_the_same_instance_waits_for_the_first() {
        let lanes = Arc::new(Lanes::new());
        let first = lanes.enter("a").wait().await;
        let mut second = Box::pin(lanes.enter("a").wait());
        assert!((&mut second).now_or_never().is_none());
        assert!(lanes.enter("b").wait().now_or_never().is_some(), "another instance does not wait");
        drop(first);
        assert!(second.now_or_never().is_some());
    }

    #[tokio::test]
    async fn turns_come_in_arrival_order() {
        let lanes = Arc::new(Lanes::new());
        let first = lanes.enter("a").wait().await;
        let mut second = Box::pin(lanes.enter("a").wait());
        let mut third = Box::pin(lanes.enter("a").wait());
        assert!((&mut second).now_or_never().is_none());
        assert!((&mut third).now_or_never().is_none());
        drop(first);
        assert!((&mut third).now_or_never().is_none());
        let turn = second.now_or_never().unwrap();
        drop(turn);
        assert!(third.now_or_never().is_some());
    }

    #[test]
    fn a_default_version_is_later_than_every_one_before() {
        let lanes = Arc::new(Lanes::new());
        let promise = |id: &str, now| lanes.enter(id).wait().now_or_never().unwrap().promise_version(at(now));
        assert_eq!(promise("a", 100), at(100));
        assert_eq!(promise("a", 100), at(101));
        assert_eq!(promise("a", 50), at(102));
        assert_eq!(lanes.enter("a").peek_version(at(50)), at(103));
        assert_eq!(promise("a", 50), at(103));
        assert_eq!(promise("b", 50), at(50));
    }

    #[tokio::test]
    async fn an_older_update_and_an_equal_one_with_another_payload_are_stale() {
        let lanes = Arc::new(Lanes::new());
        let turn = lanes.enter("a").wait().await;
        assert_eq!(turn.check_update(at(5), turn.hash_of(b"x")), Ok(()));
        turn.taken(at(10), turn.hash_of(b"x"));
        drop(turn);
        let turn = lanes.enter("a").wait().await;
        assert_eq!(
            turn.check_update(at(9), turn.hash_of(b"x")),
            Err(StaleUpdate { latest: at(10), same_version: false })
        );
        assert_eq!(
            turn.check_update(at(10), turn.hash_of(b"y")),
            Err(StaleUpdate { latest: at(10), same_version: true })
        );
        assert_eq!(turn.check_update(at(10), turn.hash_of(b"x")), Ok(()));
        assert_eq!(turn.check_update(at(11), turn.hash_of(b"y")), Ok(()));
    }

    #[tokio::test]
    async fn the_same_document_is_the_same_in_either_mode() {
        let lanes = Arc::new(Lanes::new());
        let turn = lanes.enter("a").wait().await;
        turn.taken(at(10), turn.hash_of(br#"{"update_mode":"REPLACE","x":1}"#));
        assert_eq!(turn.check_update(at(10), turn.hash_of(br#"{"update_mode":"UPDATE","x":1}"#)), Ok(()));
        assert!(turn.check_update(at(10), turn.hash_of(br#"{"update_mode":"UPDATE","x":2}"#)).is_err());
    }

    #[tokio::test]
    async fn a_lane_is_given_back_when_its_last_visitor_leaves_even_while_waiting() {
        let lanes = Arc::new(Lanes::new());
        let turn = lanes.enter("a").wait().await;
        let mut waiting = Box::pin(lanes.enter("a").wait());
        assert!((&mut waiting).now_or_never().is_none());
        drop(waiting);
        drop(turn);
        assert!(lanes.known().active.is_empty());
    }

    type Waiting = Pin<Box<dyn Future<Output = Turn>>>;

    /// Those who wait for a lane, by lane and arrival, and those who have one.
    #[derive(Default)]
    struct Crowd {
        waiting: BTreeMap<(usize, usize), Waiting>,
        inside: BTreeMap<usize, Turn>,
    }

    impl Crowd {
        /// Lets in whoever may enter; gives lane and arrival of each.
        fn settle(&mut self) -> Vec<(usize, usize)> {
            let mut entered = Vec::new();
            for (who, wait) in &mut self.waiting {
                if let Some(turn) = wait.now_or_never() {
                    assert!(self.inside.insert(who.0, turn).is_none(), "two are in lane {}", who.0);
                    entered.push(*who);
                }
            }
            entered.iter().for_each(|who| drop(self.waiting.remove(who)));
            entered
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_and_goes_turns_never_overlap_and_nothing_is_left_behind(
            events in vec((0_usize..3, 0_u8..4, 1_i64..1_000), 1..120),
        ) {
            let lanes = Arc::new(Lanes::new());
            let (mut crowd, mut versions) = (Crowd::default(), BTreeMap::new());
            for (arrival, (lane, what, now)) in events.into_iter().enumerate() {
                match what {
                    0 | 1 => {
                        let wait = Box::pin(lanes.enter(&lane.to_string()).wait());
                        crowd.waiting.insert((lane, arrival), wait);
                    }
                    2 => drop(crowd.inside.remove(&lane)),
                    _ => {
                        let last = crowd.waiting.keys().rfind(|who| who.0 == lane).copied();
                        last.map(|who| crowd.waiting.remove(&who));
                    }
                }
                let first = crowd.waiting.keys().find(|who| who.0 == lane).copied();
                for who in crowd.settle() {
                    prop_assert_eq!(Some(who), first, "not in the order of arrival");
                    let version = crowd.inside[&who.0].promise_version(at(now));
                    prop_assert!(versions.insert(who.0, version).is_none_or(|before| before < version));
                }
                let busy = crowd.waiting.keys().all(|who| crowd.inside.contains_key(&who.0));
                prop_assert!(busy, "somebody waits for a free lane");
            }
            drop(crowd);
            prop_assert_eq!(lanes.count(), (0, 0));
        }
    }
}
