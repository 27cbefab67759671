//! What is due, in the order in which it is pushed.
//!
//! Four classes: callers who wait for an answer, what was accepted, repairs, imports. A class goes before the ones behind it,
//! but none that has something gets less than a tenth. Within each, callers are served in turn, so that one who floods waits
//! behind its own documents, and whoever has used up its share of the rate stands back; imports are no faster than each is
//! allowed. What nobody waits for is spread over both windows of the rate ([`Spread`]).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::spread::Spread;
use crate::feishu::Rate;
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

/// Whose document it is; none where nobody is known.
pub(super) type CallerName = Option<Arc<str>>;

/// Until when a caller has to stand back for others; none when it need not.
pub(super) type FreeAt<'a> = &'a dyn Fn(&CallerName) -> Option<Instant>;

/// What is to be pushed next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picked {
    pub(super) id: Arc<str>,
    pub(super) class: Class,
    pub(super) caller: CallerName,
}

/// A class that was passed over so often in a row is served, so that it gets a tenth.
const PASSED_OVER: u32 = 9;

/// Instances that are due. Each is in it once.
#[derive(Debug)]
pub(super) struct Queue {
    /// Those of callers who wait, what was accepted, and repairs.
    turns: [Turns; 3],
    imports: BTreeMap<ImportId, Import>,
    /// The class in which each is served; entries of others are left over.
    queued: HashMap<Arc<str>, Class>,
    passed_over: [u32; 4],
    spread: Spread,
}

/// One queue a caller; they are served in turn.
#[derive(Debug, Default)]
struct Turns {
    queues: HashMap<CallerName, VecDeque<Arc<str>>>,
    /// Those who have something.
    order: VecDeque<CallerName>,
}

/// An import that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunningImport {
    pub(super) id: ImportId,
    pub(super) caller: CallerName,
    /// Most documents that are delivered in a minute.
    pub(super) per_minute: Option<u32>,
}

#[derive(Debug)]
struct Import {
    caller: CallerName,
    keys: VecDeque<Arc<str>>,
    /// Time between two pushes.
    pause: Duration,
    next: Instant,
}

impl Queue {
    /// An empty queue, in which what nobody waits for leaves a part of the rate to others.
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            turns: Default::default(),
            imports: BTreeMap::new(),
            queued: HashMap::new(),
            passed_over: [0; 4],
            spread: Spread::new(rate),
        }
    }

    /// How many are due.
    pub(super) fn len(&self) -> usize {
        self.queued.len()
    }

    /// Whether somebody waits for a push that is due.
    pub(super) fn has_waiting(&self) -> bool {
        self.queued.values().any(|class| *class == Class::Waiting)
    }

    /// Adds an instance to a class of single documents.
    pub(super) fn add(&mut self, class: Class, id: Arc<str>, caller: CallerName) {
        if self.claim(&id, class)
            && let Some(turns) = self.turns.get_mut(class as usize)
        {
            turns.push(caller, id);
        }
    }

    /// Adds a document of an import that is known.
    pub(super) fn add_import(&mut self, import: ImportId, id: Arc<str>) {
        if self.imports.contains_key(&import) && self.claim(&id, Class::Import) {
            self.imports.entry(import).and_modify(|import| import.keys.push_back(id));
        }
    }

    /// Serves these imports and no others from now on.
    pub(super) fn set_imports(&mut self, running: impl IntoIterator<Item = RunningImport>) {
        let mut before = std::mem::take(&mut self.imports);
        for RunningImport { id, caller, per_minute } in running {
            let pause = per_minute.map_or(Duration::ZERO, |rate| Duration::from_secs(60) / rate.max(1));
            let import = before.remove(&id);
            let mut import = import.unwrap_or_else(|| Import {
                caller,
                keys: VecDeque::new(),
                pause,
                next: Instant::now(),
            });
            // A rate that was raised counts at once.
            import.next = import.next.min(Instant::now() + pause);
            import.pause = pause;
            self.imports.insert(id, import);
        }
        for id in before.into_values().flat_map(|import| import.keys) {
            if self.queued.get(&id) == Some(&Class::Import) {
                self.queued.remove(&id);
            }
        }
    }

    /// Takes out what is to be pushed next.
    pub(super) fn pick(&mut self, free_at: FreeAt<'_>) -> Option<Picked> {
        let now = Instant::now();
        loop {
            let class = self.next_class(now, free_at)?;
            let (id, caller) = match self.turns.get_mut(class as usize) {
                Some(turns) => turns.pop(free_at),
                None => self.pop_import(now, free_at),
            }?;
            // Else it was moved to another class, and this is what it left behind.
            if self.queued.get(&id) == Some(&class) {
                self.queued.remove(&id);
                self.count(class, now, free_at);
                self.spread.pushed(now);
                return Some(Picked { id, class, caller });
            }
        }
    }

    /// When something can be picked: now, or later; `None` while nothing is due.
    pub(super) fn ready_at(&mut self, now: Instant, free_at: FreeAt<'_>) -> Option<Instant> {
        let queued = &self.queued;
        for (turns, class) in self.turns.iter_mut().zip(Class::ALL) {
            turns.forget_first(|id| queued.get(id) != Some(&class));
        }
        Class::ALL.into_iter().filter_map(|class| self.class_at(class, now, free_at)).min()
    }

    /// When something of a class can be picked.
    fn class_at(&self, class: Class, now: Instant, free_at: FreeAt<'_>) -> Option<Instant> {
        let at = self.allowed_at(class, now, free_at)?;
        let is_spread = class != Class::Waiting && self.passed_over[class as usize] < PASSED_OVER;
        Some(if is_spread { at.max(self.spread.free_at(now)) } else { at })
    }

    /// When something of a class is allowed to its caller, or as a line of its import.
    fn allowed_at(&self, class: Class, now: Instant, free_at: FreeAt<'_>) -> Option<Instant> {
        match self.turns.get(class as usize) {
            Some(turns) => turns.order.iter().map(|caller| free_at(caller).unwrap_or(now)).min(),
            None => {
                let waiting = self.imports.values().filter(|import| !import.keys.is_empty());
                waiting.map(|import| import.next.max(free_at(&import.caller).unwrap_or(now))).min()
            }
        }
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

    fn next_class(&self, now: Instant, free_at: FreeAt<'_>) -> Option<Class> {
        let is_ready = |class: &Class| self.class_at(*class, now, free_at).is_some_and(|at| at <= now);
        let ready: Vec<_> = Class::ALL.into_iter().filter(is_ready).collect();
        let overdue = ready.iter().filter(|class| self.passed_over[**class as usize] >= PASSED_OVER);
        overdue.max_by_key(|class| self.passed_over[**class as usize]).or(ready.first()).copied()
    }

    fn count(&mut self, served: Class, now: Instant, free_at: FreeAt<'_>) {
        for class in Class::ALL {
            let waits = class != served && self.allowed_at(class, now, free_at).is_some_and(|at| at <= now);
            let count = &mut self.passed_over[class as usize];
            *count = if waits { *count + 1 } else { 0 };
        }
    }

    fn pop_import(&mut self, now: Instant, free_at: FreeAt<'_>) -> Option<(Arc<str>, CallerName)> {
        let waiting = self.imports.values_mut().filter(|import| !import.keys.is_empty());
        let ready = waiting.filter(|import| import.next <= now && free_at(&import.caller).is_none());
        let import = ready.min_by_key(|import| import.next)?;
        // Later than the others even without a pace of its own, so that they are served in turn.
        import.next = now.max(import.next) + import.pause;
        Some((import.keys.pop_front()?, import.caller.clone()))
    }
}

impl Turns {
    fn push(&mut self, caller: CallerName, id: Arc<str>) {
        let queue = self.queues.entry(caller.clone()).or_default();
        if queue.is_empty() {
            self.order.push_back(caller);
        }
        queue.push_back(id);
    }

    /// Takes out the first of the next caller who need not stand back.
    fn pop(&mut self, free_at: FreeAt<'_>) -> Option<(Arc<str>, CallerName)> {
        let place = self.order.iter().position(|caller| free_at(caller).is_none())?;
        let caller = self.order.remove(place)?;
        let queue = self.queues.get_mut(&caller)?;
        let id = queue.pop_front()?;
        if queue.is_empty() {
            self.queues.remove(&caller);
        } else {
            self.order.push_back(caller.clone());
        }
        Some((id, caller))
    }

    /// Forgets what is first in a queue as long as it is not wanted any more.
    fn forget_first(&mut self, is_left_over: impl Fn(&Arc<str>) -> bool) {
        for queue in self.queues.values_mut() {
            while queue.pop_front_if(|id| is_left_over(id)).is_some() {}
        }
        let queues = &mut self.queues;
        queues.retain(|_, queue| !queue.is_empty());
        self.order.retain(|caller| queues.contains_key(caller));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: impl std::fmt::Display) -> Arc<str> {
        name.to_string().into()
    }

    fn of(name: &str) -> CallerName {
        Some(name.into())
    }

    fn queue() -> Queue {
        Queue::new(Rate::OFF)
    }

    fn import(number: i64, per_minute: Option<u32>) -> RunningImport {
        RunningImport { id: ImportId(number), caller: None, per_minute }
    }

    /// Nobody has to stand back.
    fn free(_: &CallerName) -> Option<Instant> {
        None
    }

    fn picked(queue: &mut Queue) -> Vec<String> {
        std::iter::from_fn(|| queue.pick(&free)).map(|picked| picked.id.to_string()).collect()
    }

    #[tokio::test]
    async fn callers_who_wait_go_first_and_imports_last() {
        let mut queue = queue();
        queue.set_imports([import(1, None)]);
        queue.add_import(ImportId(1), id("import"));
        queue.add(Class::Repair, id("repair"), None);
        queue.add(Class::Accepted, id("accepted"), None);
        queue.add(Class::Waiting, id("waiting"), None);
        assert_eq!(picked(&mut queue), ["waiting", "accepted", "repair", "import"]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_class_gets_less_than_a_tenth_although_callers_who_wait_use_all_there_is() {
        for rate in [Rate::OFF, Rate { per_second: 50, per_minute: 600 }] {
            let mut queue = Queue::new(rate);
            queue.set_imports([import(1, None)]);
            for number in 0..1_000 {
                queue.add(Class::Waiting, id(format!("w{number}")), None);
                queue.add(Class::Accepted, id(format!("a{number}")), None);
                queue.add(Class::Repair, id(format!("r{number}")), None);
                queue.add_import(ImportId(1), id(format!("i{number}")));
            }
            let mut counts = HashMap::<Class, u32>::new();
            for _ in 0..1_000 {
                *counts.entry(queue.pick(&free).unwrap().class).or_default() += 1;
            }
            assert!(Class::ALL.iter().all(|class| counts[class] >= 98), "{counts:?}");
            assert!(counts[&Class::Waiting] >= 680, "{counts:?}");
        }
    }

    #[tokio::test]
    async fn a_caller_who_floods_waits_behind_its_own_documents_whether_it_waits_or_not() {
        for class in [Class::Waiting, Class::Accepted, Class::Repair] {
            let mut queue = queue();
            for number in 0..3 {
                queue.add(class, id(format!("flood{number}")), of("flood"));
            }
            queue.add(class, id("one"), of("other"));
            assert_eq!(picked(&mut queue), ["flood0", "one", "flood1", "flood2"], "{class:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_used_up_its_share_stands_back_in_every_class() {
        let mut queue = queue();
        queue.set_imports([RunningImport { caller: of("flood"), ..import(1, None) }]);
        queue.add(Class::Waiting, id("flood waits"), of("flood"));
        queue.add_import(ImportId(1), id("flood imports"));
        let later = Instant::now() + Duration::from_secs(9);
        let free_at =
            |caller: &CallerName| (*caller == of("flood") && Instant::now() < later).then_some(later);
        assert_eq!((queue.pick(&free_at), queue.ready_at(Instant::now(), &free_at)), (None, Some(later)));
        queue.add(Class::Accepted, id("one"), of("other"));
        assert_eq!(queue.ready_at(Instant::now(), &free_at), Some(Instant::now()));
        assert_eq!(queue.pick(&free_at).unwrap().id, id("one"));
        tokio::time::advance(Duration::from_secs(9)).await;
        let picked: Vec<_> = std::iter::from_fn(|| queue.pick(&free_at)).map(|picked| picked.id).collect();
        assert_eq!(picked, [id("flood waits"), id("flood imports")]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_waits_for_is_spread_and_whoever_waits_is_not() {
        let mut queue = Queue::new(Rate { per_second: 0, per_minute: 570 });
        for number in 0..30 {
            queue.add(Class::Accepted, id(number), None);
        }
        let burst = picked(&mut queue).len();
        assert!((9..=10).contains(&burst), "{burst}");
        let ready = queue.ready_at(Instant::now(), &free).unwrap();
        assert!(ready > Instant::now() && ready <= Instant::now() + Duration::from_millis(111));
        queue.add(Class::Waiting, id("waiting"), None);
        assert_eq!(picked(&mut queue), ["waiting"]);
        tokio::time::advance(Duration::from_millis(600)).await;
        assert_eq!(picked(&mut queue).len(), 4, "the one that was waited for counts");
    }

    #[tokio::test(start_paused = true)]
    async fn neither_window_is_ever_filled_by_what_nobody_waits_for_and_most_of_it_is_used() {
        let rate = Rate { per_second: 50, per_minute: 0 };
        let mut queue = Queue::new(rate);
        for number in 0..1_000 {
            queue.add(Class::Accepted, id(number), None);
        }
        let begin = Instant::now();
        let mut pushes = Vec::new();
        while begin.elapsed() < Duration::from_secs(10) {
            pushes.extend(picked(&mut queue).iter().map(|_| Instant::now()));
            let at = queue.ready_at(Instant::now(), &free).unwrap();
            tokio::time::advance((at - Instant::now()).max(Duration::from_millis(1))).await;
        }
        let last = pushes.iter().map(|at| {
            pushes.iter().filter(|other| *other >= at && **other < *at + Duration::from_secs(1)).count()
        });
        let busiest = last.max().unwrap();
        assert!((40..50).contains(&busiest), "{busiest}");
        assert!((470..480).contains(&pushes.len()), "{}", pushes.len());
    }

    #[tokio::test]
    async fn an_instance_is_picked_once_in_the_best_of_its_classes() {
        let mut queue = queue();
        queue.add(Class::Accepted, id("a"), None);
        queue.add(Class::Accepted, id("b"), None);
        queue.add(Class::Waiting, id("b"), of("caller"));
        queue.add(Class::Repair, id("b"), None);
        queue.add(Class::Accepted, id("a"), None);
        assert_eq!(queue.len(), 2);
        assert_eq!(picked(&mut queue), ["b", "a"]);
        assert_eq!((queue.len(), queue.ready_at(Instant::now(), &free)), (0, None));
    }

    #[tokio::test(start_paused = true)]
    async fn an_import_is_no_faster_than_it_may_be_and_is_gone_when_it_stops() {
        let mut queue = queue();
        queue.set_imports([import(1, Some(60)), import(2, None)]);
        for number in 0..3 {
            queue.add_import(ImportId(1), id(format!("slow{number}")));
        }
        queue.add_import(ImportId(2), id("quick"));
        queue.add_import(ImportId(3), id("unknown"));
        assert_eq!(picked(&mut queue), ["slow0", "quick"]);
        assert_eq!(queue.ready_at(Instant::now(), &free), Some(Instant::now() + Duration::from_secs(1)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(picked(&mut queue), ["slow1"]);
        queue.add(Class::Waiting, id("slow2"), None);
        queue.set_imports([import(2, None)]);
        assert_eq!(picked(&mut queue), ["slow2"], "its caller waits for it by now");
        assert_eq!((queue.len(), queue.ready_at(Instant::now(), &free)), (0, None));
    }
}
