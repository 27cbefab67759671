//! Who waits for the rate: callers in turn, and the calls of each in the order of their tickets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::Notify;

/// Name of a caller; none for calls that are made for nobody in particular, which wait in one line like those of a caller.
pub(super) type CallerName = Option<Arc<str>>;

/// The calls that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lines: HashMap<CallerName, Line>,
    /// How often a call was let go.
    turns: u64,
}

/// The calls of one caller.
#[derive(Debug, Default)]
struct Line {
    /// The caller's last turn; 0 when that was so long ago that it does not matter.
    last_turn: u64,
    waiting: BTreeMap<u64, Arc<Notify>>,
}

impl Queue {
    /// How many calls wait.
    pub(super) fn len(&self) -> usize {
        self.lines.values().map(|line| line.waiting.len()).sum()
    }

    /// Adds a call; `waker` tells it to look again.
    pub(super) fn add(&mut self, caller: &CallerName, ticket: u64, waker: Arc<Notify>) {
        self.lines.entry(caller.clone()).or_default().waiting.insert(ticket, waker);
    }

    /// Takes a call out. When others waited behind it, they are told to look again.
    pub(super) fn remove(&mut self, caller: &CallerName, ticket: u64) {
        let Some(line) = self.lines.get_mut(caller) else { return };
        let was_first = line.waiting.first_key_value().is_some_and(|(first, _)| *first == ticket);
        line.waiting.remove(&ticket);
        if was_first {
            self.wake_first();
        }
        self.forget_idle();
    }

    /// Notes that a call of this caller was let go: its next one comes after those of all others.
    pub(super) fn served(&mut self, caller: &CallerName) {
        self.turns += 1;
        let turn = self.turns;
        self.lines.entry(caller.clone()).or_default().last_turn = turn;
        self.forget_idle();
    }

    /// How many calls of the caller's own wait before the one with this ticket.
    pub(super) fn own_ahead(&self, caller: &CallerName, ticket: u64) -> usize {
        // Counted from the end, because most have just arrived there.
        self.lines.get(caller).map_or(0, |line| line.waiting.len() - line.waiting.range(ticket..).count())
    }

    /// Of each other caller who waits, how many calls come before the one with this ticket, which has `own` of its own
    /// caller's before it: one in each round, and one more if that caller's turn comes first.
    pub(super) fn others_ahead<'a>(
        &'a self,
        caller: &'a CallerName,
        ticket: u64,
        own: usize,
    ) -> impl Iterator<Item = (&'a CallerName, usize)> {
        let line = self.lines.get(caller);
        let first = line.and_then(|line| line.waiting.first_key_value()).map_or(ticket, |(first, _)| *first);
        let mine = (line.map_or(0, |line| line.last_turn), first.min(ticket));
        let others = self.lines.iter().filter(move |(other, _)| *other != caller);
        others.filter_map(move |(other, line)| {
            let (first, _) = line.waiting.first_key_value()?;
            let rounds = own + usize::from((line.last_turn, *first) < mine);
            Some((other, line.waiting.len().min(rounds)))
        })
    }

    /// Tells the first call of every caller to look again.
    pub(super) fn wake_first(&self) {
        for (_, waker) in self.lines.values().filter_map(|line| line.waiting.first_key_value()) {
            waker.notify_one();
        }
    }

    /// Tells every call to look again.
    pub(super) fn wake_all(&self) {
        self.lines.values().flat_map(|line| line.waiting.values()).for_each(|waker| waker.notify_one());
    }

    /// Forgets callers without a call whose last turn was before that of everybody who waits.
    fn forget_idle(&mut self) {
        let waiting = self.lines.values().filter(|line| !line.waiting.is_empty());
        let oldest = waiting.map(|line| line.last_turn).min().unwrap_or(u64::MAX);
        self.lines.retain(|_, line| !line.waiting.is_empty() || line.last_turn > oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::super::shares::named;
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    /// The ticket that nothing is ahead of.
    fn next(queue: &Queue) -> Option<(CallerName, u64)> {
        let waiting = queue
            .lines
            .iter()
            .flat_map(|(caller, line)| line.waiting.keys().map(move |ticket| (caller.clone(), *ticket)));
        let mut free = waiting.filter(|(caller, ticket)| ahead(queue, caller, *ticket) == 0);
        let next = free.next();
        assert!(free.next().is_none(), "two calls are first");
        next
    }

    fn ahead(queue: &Queue, caller: &CallerName, ticket: u64) -> usize {
        let own = queue.own_ahead(caller, ticket);
        own + queue.others_ahead(caller, ticket, own).map(|(_, others)| others).sum::<usize>()
    }

    /// Lets the next call go, and answers its number ahead of all others and whose it was.
    fn serve(queue: &mut Queue) -> Option<(String, u64)> {
        let (caller, ticket) = next(queue)?;
        queue.served(&caller);
        queue.remove(&caller, ticket);
        Some((caller.unwrap_or_default().to_string(), ticket))
    }

    fn queue(calls: &[(&str, u64)]) -> Queue {
        let mut queue = Queue::default();
        for (caller, ticket) in calls {
            queue.add(&named(caller), *ticket, Arc::default());
        }
        queue
    }

    #[test]
    fn a_caller_who_floods_waits_behind_its_own_calls() {
        let mut calls: Vec<_> = (0..60).map(|ticket| ("flood", ticket)).collect();
        calls.extend([("other", 60), ("other", 61)]);
        let mut queue = queue(&calls);
        let order: Vec<_> = (0..5).filter_map(|_| serve(&mut queue)).map(|(_, ticket)| ticket).collect();
        assert_eq!(order, [0, 60, 1, 61, 2]);
    }

    #[test]
    fn one_who_comes_back_at_once_has_had_its_turn() {
        let mut queue = queue(&[("flood", 0), ("flood", 1), ("other", 2)]);
        let mut order = Vec::new();
        for ticket in 3..7 {
            let (caller, _) = serve(&mut queue).unwrap();
            queue.add(&named(&caller), ticket, Arc::default());
            order.push(caller);
        }
        assert_eq!(order, ["flood", "other", "flood", "other"]);
    }

    #[test]
    fn a_refused_call_comes_back_to_the_head_of_its_callers_line() {
        let mut queue = queue(&[("a", 0), ("a", 1), ("b", 2)]);
        assert_eq!(serve(&mut queue), Some(("a".to_owned(), 0)));
        queue.add(&named("a"), 0, Arc::default());
        let order: Vec<_> = std::iter::from_fn(|| serve(&mut queue)).map(|(_, ticket)| ticket).collect();
        assert_eq!(order, [2, 0, 1]);
    }

    #[test]
    fn callers_who_are_gone_take_no_memory() {
        let mut queue = Queue::default();
        for ticket in 0..1_000 {
            let caller = named(&ticket.to_string());
            queue.add(&caller, ticket, Arc::default());
            queue.served(&caller);
            queue.remove(&caller, ticket);
        }
        assert!(queue.lines.is_empty());
    }

    proptest! {
        /// Whatever waits: what is said to be ahead of a call is what goes before it, a caller's own calls go in order, and
        /// no caller who waits is passed over twice by the same other.
        #[test]
        fn what_is_said_to_be_ahead_goes_ahead_and_everybody_has_turns(
            arrivals in vec((0_u8..4, 0_u8..3), 1..60),
        ) {
            let mut queue = Queue::default();
            for (ticket, (caller, served)) in (0..).zip(arrivals) {
                queue.add(&named(&caller.to_string()), ticket, Arc::default());
                (0..served / 2).for_each(|_| drop(serve(&mut queue)));
            }
            let said: HashMap<u64, usize> = queue
                .lines
                .iter()
                .flat_map(|(caller, line)| line.waiting.keys().map(|ticket| (*ticket, ahead(&queue, caller, *ticket))))
                .collect();
            let mut last: HashMap<String, u64> = HashMap::new();
            let mut since: HashMap<String, Vec<String>> = HashMap::new();
            for place in 0.. {
                let waiting: Vec<String> = queue.lines.iter()
                    .filter(|(_, line)| !line.waiting.is_empty())
                    .map(|(caller, _)| caller.clone().unwrap_or_default().to_string())
                    .collect();
                let Some((caller, ticket)) = serve(&mut queue) else { break };
                prop_assert_eq!(said[&ticket], place);
                prop_assert!(last.insert(caller.clone(), ticket).is_none_or(|before| before < ticket));
                since.remove(&caller);
                for other in waiting.into_iter().filter(|other| *other != caller) {
                    let passed = since.entry(other).or_default();
                    prop_assert!(!passed.contains(&caller), "passed over twice");
                    passed.push(caller.clone());
                }
            }
            prop_assert!(queue.len() == 0);
        }
    }
}
