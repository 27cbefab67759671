//! The instances of all apps, in the order in which they came, and no more than fit.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::documents::Instance;

/// The oldest instance is evicted for the newest when there are this many.
const MAX_INSTANCES: usize = 100_000;

/// Earlier documents that an instance keeps while searches lag behind.
const MAX_HISTORY: usize = 16;

/// An instance with what Feishu knows about it besides its document.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// The app that pushed it.
    pub(super) app_id: String,
    /// Position in the order of creation, from 1; internal ids and paging follow it.
    pub(super) number: u64,
    /// When the last push was accepted, Unix milliseconds.
    pub(super) pushed_at: i64,
    /// The document.
    pub(super) instance: Arc<Instance>,
    /// Earlier documents with the time of their push, oldest first, while searches lag behind.
    history: VecDeque<(i64, Arc<Instance>)>,
}

impl Stored {
    /// Prepares another push: what is stored now becomes history when searches lag behind.
    pub(super) fn next(&mut self, now: i64, search_delay_ms: u32) -> &mut Instance {
        if search_delay_ms == 0 {
            self.history.clear();
        } else {
            self.history.push_back((self.pushed_at, Arc::clone(&self.instance)));
            if self.history.len() > MAX_HISTORY {
                self.history.pop_front();
            }
        }
        self.pushed_at = now;
        Arc::make_mut(&mut self.instance)
    }

    /// The document that searches show by now; none when they have not heard of the instance yet.
    pub(super) fn searchable(&self, now: i64, search_delay_ms: u32) -> Option<&Instance> {
        let is_known = |pushed_at: i64| pushed_at.saturating_add(i64::from(search_delay_ms)) <= now;
        if is_known(self.pushed_at) {
            return Some(&self.instance);
        }
        self.history.iter().rev().find(|(pushed_at, _)| is_known(*pushed_at)).map(|(_, instance)| &**instance)
    }
}

/// All instances.
#[derive(Debug, Default)]
pub(super) struct Instances {
    by_number: BTreeMap<u64, Stored>,
    /// By instance id, then by app: an id is unique per tenant and app (contract §4.1).
    numbers: HashMap<String, BTreeMap<String, u64>>,
    created: u64,
}

impl Instances {
    /// The instance that an app pushed under this id.
    pub(super) fn get(&self, app_id: &str, instance_id: &str) -> Option<&Stored> {
        let number = self.numbers.get(instance_id)?.get(app_id)?;
        self.by_number.get(number)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, app_id: &str, instance_id: &str) -> Option<&mut Stored> {
        let number = self.numbers.get(instance_id)?.get(app_id)?;
        self.by_number.get_mut(number)
    }

    /// The instance of any app with this id; of several, the one of the alphabetically first app.
    pub(super) fn get_of_any_app(&self, instance_id: &str) -> Option<&Stored> {
        let number = self.numbers.get(instance_id)?.values().next()?;
        self.by_number.get(number)
    }

    /// Adds an instance; evicts the oldest when there are as many as may be.
    pub(super) fn insert(&mut self, app_id: &str, now: i64, instance: Instance) {
        if self.by_number.len() >= MAX_INSTANCES
            && let Some((_, oldest)) = self.by_number.pop_first()
            && let Some(apps) = self.numbers.get_mut(&oldest.instance.instance_id)
        {
            apps.remove(&oldest.app_id);
            if apps.is_empty() {
                self.numbers.remove(&oldest.instance.instance_id);
            }
        }
        self.created += 1;
        let number = self.created;
        self.numbers.entry(instance.instance_id.clone()).or_default().insert(app_id.to_owned(), number);
        let stored = Stored {
            app_id: app_id.to_owned(),
            number,
            pushed_at: now,
            instance: Arc::new(instance),
            history: VecDeque::new(),
        };
        self.by_number.insert(number, stored);
    }

    /// All of them, oldest first.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Stored> {
        self.by_number.values()
    }

    /// Those created after `number`, oldest first.
    pub(super) fn after(&self, number: u64) -> impl Iterator<Item = &Stored> {
        self.by_number.range(number.saturating_add(1)..).map(|(_, stored)| stored)
    }
}

/// The ids that occur more than once among instance, tasks and copies: what carries one is invisible (contract §4.1).
pub(super) fn collisions(instance: &Instance) -> HashSet<&str> {
    let mut seen = HashSet::new();
    let tasks = instance.tasks().iter().map(|task| task.task_id.as_str());
    let ccs = instance.ccs().iter().map(|cc| cc.cc_id.as_str());
    std::iter::once(instance.instance_id.as_str())
        .chain(tasks)
        .chain(ccs)
        .filter(|id| !seen.insert(*id))
        .collect()
}
