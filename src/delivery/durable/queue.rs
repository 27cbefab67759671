//! What is due, in the order in which it is pushed.
//!
//! Four classes: callers who wait for an answer, what was accepted, repairs, imports. A class goes before the ones behind it,
//! but none that has something gets less than a tenth. Callers who wait are served in turn, so that one who floods waits
//! behind its own documents; so are imports, each no faster than it is allowed.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::ledger::ImportId;

/// Who waits for a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// A caller who waits for the answer.
    Waiting,
    /// Nobody any more, or not yet.
    Accepted,
    /// What had drifted.
    Repair,
    /// An import.
    Import,
}

impl Class {
    /// Every class, the first served first.
    pub(super) const ALL: [Self; 4] = [Self::Waiting, Self::Accepted, Self::Repair, Self::Import];

    /// The word in metrics and in the log.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Repair => "repair",
            Self::Import => "import",
        }
    }
}

/// A class that was passed over so often in a row is served, so that it gets a tenth.
const PASSED_OVER: u32 = 9;

/// Instances that are due. Each is in it once.
#[derive(Debug, Default)]
pub(super) struct Queue {
    callers: Turns<Option<Arc<str>>>,
    accepted: VecDeque<Arc<str>>,
    repairs: VecDeque<Arc<str>>,
    imports: BTreeMap<ImportId, Import>,
    /// The class in which each is served; entries of others are left over.
    queued: HashMap<Arc<str>, Class>,
    passed_over: [u32; 4],
}

/// Queues that are served in turn.
#[derive(Debug)]
struct Turns<K> {
    queues: HashMap<K, VecDeque<Arc<str>>>,
    /// Those that have something.
    order: VecDeque<K>,
}

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self { queues: HashMap::new(), order: VecDeque::new() }
    }
}

#[derive(Debug)]
struct Import {
    keys: VecDeque<Arc<str>>,
    /// Time between two pushes.
    pause: Duration,
    next: Instant,
}

impl Queue {
    /// How many are due.
    pub(super) fn len(&self) -> usize {
        self.queued.len()
    }

    /// Adds an instance for which its caller waits.
    pub(super) fn add_waiting(&mut self, id: Arc<str>, caller: Option<Arc<str>>) {
        if self.claim(&id, Class::Waiting) {
            self.callers.push(caller, id);
        }
    }

    /// Adds what was accepted, whoever waits for it no more.
    pub(super) fn add_accepted(&mut self, id: Arc<str>) {
        if self.claim(&id, Class::Accepted) {
            self.accepted.push_back(id);
        }
    }

    /// Adds a repair.
    pub(super) fn add_repair(&mut self, id: Arc<str>) {
        if self.claim(&id, Class::Repair) {
            self.repairs.push_back(id);
        }
    }

    /// Adds a document of an import that is known.
    pub(super) fn add_import(&mut self, import: ImportId, id: Arc<str>) {
        if self.imports.contains_key(&import) && self.claim(&id, Class::Import) {
            self.imports.entry(import).and_modify(|import| import.keys.push_back(id));
        }
    }

    /// Serves these imports and no others from now on.
    pub(super) fn set_imports(&mut self, running: impl IntoIterator<Item = (ImportId, Option<u32>)>) {
        let mut before = std::mem::take(&mut self.imports);
        for (id, per_minute) in running {
            let pause = per_minute.map_or(Duration::ZERO, |rate| Duration::from_secs(60) / rate.max(1));
            let import = before.remove(&id);
            let mut import =
                import.unwrap_or_else(|| Import { keys: VecDeque::new(), pause, next: Instant::now() });
            // A rate that was raised counts at once.
            import.next = import.next.min(Instant::now() + pause);
            import.pause = pause;
            self.imports.insert(id, import);
        }
        for id in before.into_values().flat_map(|import| import.keys) {
            self.queued.remove(&id);
        }
    }

    /// Takes out what is to be pushed next.
    pub(super) fn pick(&mut self) -> Option<(Arc<str>, Class)> {
        let now = Instant::now();
        loop {
            let class = self.next_class(now)?;
            let id = match class {
                Class::Waiting => self.callers.pop(),
                Class::Accepted => self.accepted.pop_front(),
                Class::Repair => self.repairs.pop_front(),
                Class::Import => self.pop_import(now),
            }?;
            // Else it was moved to another class, and this is what it left behind.
            if self.queued.get(&id) == Some(&class) {
                self.queued.remove(&id);
                self.count(class, now);
                return Some((id, class));
            }
        }
    }

    /// When something can be picked: now, or later; `None` while nothing is due.
    pub(super) fn ready_at(&self, now: Instant) -> Option<Instant> {
        if Class::ALL[..3].iter().any(|class| self.has(*class, now)) {
            return Some(now);
        }
        self.imports.values().filter(|import| !import.keys.is_empty()).map(|import| import.next).min()
    }

    /// Puts an instance into a class, unless it is in that one or in one that is served before.
    fn claim(&mut self, id: &Arc<str>, class: Class) -> bool {
        match self.queued.get(id) {
            Some(known) if *known <= class => false,
            _ => {
                self.queued.insert(Arc::clone(id), class);
                true
            }
        }
    }

    fn has(&self, class: Class, now: Instant) -> bool {
        match class {
            Class::Waiting => !self.callers.order.is_empty(),
            Class::Accepted => !self.accepted.is_empty(),
            Class::Repair => !self.repairs.is_empty(),
            Class::Import => self.imports.values().any(|import| import.is_ready(now)),
        }
    }

    fn next_class(&self, now: Instant) -> Option<Class> {
        let ready = || Class::ALL.into_iter().filter(|class| self.has(*class, now));
        let overdue = ready().filter(|class| self.passed_over[*class as usize] >= PASSED_OVER);
        overdue.max_by_key(|class| self.passed_over[*class as usize]).or_else(|| ready().next())
    }

    fn count(&mut self, served: Class, now: Instant) {
        for class in Class::ALL {
            let waits = class != served && self.has(class, now);
            let count = &mut self.passed_over[class as usize];
            *count = if waits { *count + 1 } else { 0 };
        }
    }

    fn pop_import(&mut self, now: Instant) -> Option<Arc<str>> {
        let ready = self.imports.values_mut().filter(|import| import.is_ready(now));
        let import = ready.min_by_key(|import| import.next)?;
        // Later than the others even without a pace of its own, so that they are served in turn.
        import.next = now.max(import.next) + import.pause;
        import.keys.pop_front()
    }
}

impl Import {
    fn is_ready(&self, now: Instant) -> bool {
        !self.keys.is_empty() && self.next <= now
    }
}

impl<K: Clone + Eq + std::hash::Hash> Turns<K> {
    fn push(&mut self, whose: K, id: Arc<str>) {
        let queue = self.queues.entry(whose.clone()).or_default();
        if queue.is_empty() {
            self.order.push_back(whose);
        }
        queue.push_back(id);
    }

    fn pop(&mut self) -> Option<Arc<str>> {
        let whose = self.order.pop_front()?;
        let queue = self.queues.get_mut(&whose)?;
        let id = queue.pop_front();
        if queue.is_empty() {
            self.queues.remove(&whose);
        } else {
            self.order.push_back(whose);
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: impl std::fmt::Display) -> Arc<str> {
        name.to_string().into()
    }

    fn picked(queue: &mut Queue) -> Vec<String> {
        std::iter::from_fn(|| queue.pick()).map(|(id, _)| id.to_string()).collect()
    }

    #[tokio::test]
    async fn callers_who_wait_go_first_and_imports_last() {
        let mut queue = Queue::default();
        queue.set_imports([(ImportId(1), None)]);
        queue.add_import(ImportId(1), id("import"));
        queue.add_repair(id("repair"));
        queue.add_accepted(id("accepted"));
        queue.add_waiting(id("waiting"), None);
        assert_eq!(picked(&mut queue), ["waiting", "accepted", "repair", "import"]);
    }

    #[tokio::test]
    async fn no_class_gets_less_than_a_tenth() {
        let mut queue = Queue::default();
        queue.set_imports([(ImportId(1), None)]);
        for number in 0..1_000 {
            queue.add_waiting(id(format!("w{number}")), None);
            queue.add_accepted(id(format!("a{number}")));
            queue.add_repair(id(format!("r{number}")));
            queue.add_import(ImportId(1), id(format!("i{number}")));
        }
        let mut counts = HashMap::<Class, u32>::new();
        for _ in 0..1_000 {
            *counts.entry(queue.pick().unwrap().1).or_default() += 1;
        }
        assert!(Class::ALL.iter().all(|class| counts[class] >= 98), "{counts:?}");
        assert!(counts[&Class::Waiting] >= 690, "{counts:?}");
    }

    #[tokio::test]
    async fn a_caller_who_floods_waits_behind_its_own_documents() {
        let mut queue = Queue::default();
        for number in 0..3 {
            queue.add_waiting(id(format!("flood{number}")), Some(id("flood")));
        }
        queue.add_waiting(id("one"), Some(id("other")));
        assert_eq!(picked(&mut queue), ["flood0", "one", "flood1", "flood2"]);
    }

    #[tokio::test]
    async fn an_instance_is_picked_once_in_the_best_of_its_classes() {
        let mut queue = Queue::default();
        queue.add_accepted(id("a"));
        queue.add_accepted(id("b"));
        queue.add_waiting(id("b"), None);
        queue.add_repair(id("b"));
        queue.add_accepted(id("a"));
        assert_eq!(queue.len(), 2);
        assert_eq!(picked(&mut queue), ["b", "a"]);
        assert_eq!(queue.len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_import_is_no_faster_than_it_may_be_and_is_gone_when_it_stops() {
        let mut queue = Queue::default();
        queue.set_imports([(ImportId(1), Some(60)), (ImportId(2), None)]);
        for number in 0..3 {
            queue.add_import(ImportId(1), id(format!("slow{number}")));
        }
        queue.add_import(ImportId(2), id("quick"));
        queue.add_import(ImportId(3), id("unknown"));
        assert_eq!(picked(&mut queue), ["slow0", "quick"]);
        assert_eq!(queue.ready_at(Instant::now()), Some(Instant::now() + Duration::from_secs(1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(picked(&mut queue), ["slow1"]);
        queue.set_imports([(ImportId(2), None)]);
        assert_eq!((queue.len(), queue.ready_at(Instant::now())), (0, None));
    }
}
