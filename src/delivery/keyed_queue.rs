//! A queue that lets one task at a time work on each key, in order of arrival; keys do not wait for each other.
//!
//! Whoever comes takes a [`Ticket`] and waits with it for the turn; the [`TurnGuard`] holds the turn until it is dropped.
//! A key that nobody has a ticket for takes no memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use super::version_cache::InstanceKey;

/// Queue of pushes by instance: one at a time for each.
#[derive(Debug, Default)]
pub(super) struct KeyedQueue {
    /// Keys with tickets. Locked for a look into the table only.
    active: Mutex<HashMap<InstanceKey, Active>>,
}

#[derive(Debug, Default)]
struct Active {
    /// Fair: it is handed on in the order in which it was asked for.
    turn: Arc<tokio::sync::Mutex<()>>,
    tickets: usize,
}

/// A place in the queue of one key, given back on drop.
#[derive(Debug)]
pub(super) struct Ticket {
    queue: Arc<KeyedQueue>,
    turn: Arc<tokio::sync::Mutex<()>>,
    key: InstanceKey,
}

/// The turn of one key: nobody else has it until this is dropped.
#[derive(Debug)]
pub(super) struct TurnGuard {
    _ticket: Ticket,
    _turn: OwnedMutexGuard<()>,
}

/// Size of a queue, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QueueCounts {
    /// Keys that somebody has a ticket for.
    pub(super) keys: usize,
    /// Tickets that wait for an earlier one of their key.
    pub(super) waiting: usize,
}

impl KeyedQueue {
    /// A ticket for this key. The order is that in which [`Ticket::turn`] is first polled.
    pub(super) fn ticket(self: &Arc<Self>, key: InstanceKey) -> Ticket {
        let mut active = self.lock();
        let entry = active.entry(key).or_default();
        entry.tickets += 1;
        Ticket { queue: Arc::clone(self), turn: Arc::clone(&entry.turn), key }
    }

    /// The present size of the queue.
    pub(super) fn counts(&self) -> QueueCounts {
        let active = self.lock();
        let tickets: usize = active.values().map(|active| active.tickets).sum();
        QueueCounts { keys: active.len(), waiting: tickets - active.len() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<InstanceKey, Active>> {
        // Nothing panics while the lock is held.
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Waits for the turn. Dropping the future gives the place back.
    pub(super) async fn turn(self) -> TurnGuard {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        TurnGuard { _ticket: self, _turn: turn }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut active = self.queue.lock();
        let Some(entry) = active.get_mut(&self.key) else { return };
        entry.tickets -= 1;
        if entry.tickets == 0 {
            active.remove(&self.key);
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

    #[tokio::test]
    async fn a_second_push_of_the_same_instance_waits_for_the_first() {
        let queue = Arc::new(KeyedQueue::default());
        let first = queue.ticket(1).turn().await;
        let mut second = Box::pin(queue.ticket(1).turn());
        assert!((&mut second).now_or_never().is_none());
        assert!(queue.ticket(2).turn().now_or_never().is_some(), "another instance does not wait");
        drop(first);
        assert!(second.now_or_never().is_some());
    }

    #[tokio::test]
    async fn turns_come_in_arrival_order() {
        let queue = Arc::new(KeyedQueue::default());
        let first = queue.ticket(1).turn().await;
        let mut second = Box::pin(queue.ticket(1).turn());
        let mut third = Box::pin(queue.ticket(1).turn());
        assert!((&mut second).now_or_never().is_none());
        assert!((&mut third).now_or_never().is_none());
        drop(first);
        assert!((&mut third).now_or_never().is_none());
        let turn = second.now_or_never().unwrap();
        drop(turn);
        assert!(third.now_or_never().is_some());
    }

    #[tokio::test]
    async fn whoever_leaves_while_waiting_takes_nothing_from_the_others() {
        let queue = Arc::new(KeyedQueue::default());
        let turn = queue.ticket(1).turn().await;
        let mut leaving = Box::pin(queue.ticket(1).turn());
        let mut staying = Box::pin(queue.ticket(1).turn());
        assert!((&mut leaving).now_or_never().is_none() && (&mut staying).now_or_never().is_none());
        assert_eq!(queue.counts(), QueueCounts { keys: 1, waiting: 2 });
        drop((leaving, turn));
        let turn = staying.now_or_never().unwrap();
        drop(turn);
        assert_eq!(queue.counts(), QueueCounts { keys: 0, waiting: 0 });
    }

    /// On many threads, as the gateway runs: turns must not overlap however tasks are scheduled.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn turns_of_tasks_on_several_threads_never_overlap() {
        let queue = Arc::new(KeyedQueue::default());
        let inside = Arc::new([const { std::sync::atomic::AtomicUsize::new(0) }; 3]);
        let tasks = (0..600_usize).map(|task| {
            let (queue, inside) = (Arc::clone(&queue), Arc::clone(&inside));
            tokio::spawn(async move {
                let key = task % inside.len();
                let _turn = queue.ticket(key as u64).turn().await;
                let others = inside[key].fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                tokio::task::yield_now().await;
                inside[key].fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                others
            })
        });
        let overlapping = futures_util::future::join_all(tasks.collect::<Vec<_>>()).await;
        assert!(overlapping.into_iter().all(|others| others.unwrap() == 0));
        assert_eq!(queue.counts(), QueueCounts { keys: 0, waiting: 0 });
    }

    type Waiting = Pin<Box<dyn Future<Output = TurnGuard>>>;

    /// Those who wait for a turn, by key and arrival, and those who have one.
    #[derive(Default)]
    struct Crowd {
        waiting: BTreeMap<(u64, usize), Waiting>,
        inside: BTreeMap<u64, TurnGuard>,
    }

    impl Crowd {
        /// Lets in whoever has the turn; gives key and arrival of each.
        fn settle(&mut self) -> Vec<(u64, usize)> {
            let mut entered = Vec::new();
            for (who, wait) in &mut self.waiting {
                if let Some(turn) = wait.now_or_never() {
                    assert!(self.inside.insert(who.0, turn).is_none(), "two have the turn of {}", who.0);
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
            events in vec((0_u64..3, 0_u8..4), 1..120),
        ) {
            let queue = Arc::new(KeyedQueue::default());
            let mut crowd = Crowd::default();
            for (arrival, (key, what)) in events.into_iter().enumerate() {
                match what {
                    0 | 1 => {
                        crowd.waiting.insert((key, arrival), Box::pin(queue.ticket(key).turn()));
                    }
                    2 => drop(crowd.inside.remove(&key)),
                    _ => {
                        let last = crowd.waiting.keys().rfind(|who| who.0 == key).copied();
                        last.map(|who| crowd.waiting.remove(&who));
                    }
                }
                let first = crowd.waiting.keys().find(|who| who.0 == key).copied();
                for who in crowd.settle() {
                    prop_assert_eq!(Some(who), first, "not in the order of arrival");
                }
                let busy = crowd.waiting.keys().all(|who| crowd.inside.contains_key(&who.0));
                prop_assert!(busy, "somebody waits for a free turn");
            }
            drop(crowd);
            prop_assert_eq!(queue.counts(), QueueCounts { keys: 0, waiting: 0 });
        }
    }
}
