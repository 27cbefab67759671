//! Callers who wait for the delivery of what they sent.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::trouble::Trouble;
use crate::domain::{KnownVersions, Mode, Timestamp};
use crate::feishu::CallReport;
use crate::feishu::wire::ProcessRecord;
use crate::ledger::{Attempt, DeliveryState};

/// What became of an attempt, as those who wait for its instance are told.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Feishu took it.
    Taken(Arc<Taken>),
    /// Feishu refused its content.
    Refused { attempt: Attempt, trouble: Arc<Trouble>, report: CallReport },
    /// It failed, and the next one comes at this time.
    Later { attempt: Attempt, at: Timestamp },
}

/// An attempt that Feishu took.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Revision and version that were sent.
    pub attempt: Attempt,
    /// How they were sent.
    pub mode: Mode,
    /// The definition that the document named.
    pub approval_code: String,
    /// The state of the delivery afterwards.
    pub state: DeliveryState,
    /// What Feishu counted, when it did.
    pub changes: Option<ProcessRecord>,
    /// Feishu's id of the exchange.
    pub log_id: Option<String>,
    /// Attempts and time that it took.
    pub report: CallReport,
    /// All versions that were sent, if somebody wants to have them checked.
    pub(super) versions: Option<KnownVersions>,
}

/// The callers who wait, by instance.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    table: Mutex<Table>,
    /// Told when one more document that somebody waits for was accepted.
    pub(super) news: Notify,
}

#[derive(Debug, Default)]
struct Table {
    last: u64,
    waiting: HashMap<Arc<str>, Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    wants_versions: bool,
    /// Whether the document was accepted, so that its row tells what becomes of it.
    is_accepted: bool,
    events: UnboundedSender<Event>,
}

/// A caller's place among those who wait; given back on drop.
#[derive(Debug)]
pub(super) struct Waiter {
    waiters: Arc<Waiters>,
    id: Arc<str>,
    number: u64,
    events: UnboundedReceiver<Event>,
}

impl Waiters {
    /// Waits for an instance from now on, so before its document is accepted: no event after that is missed.
    pub(super) fn register(self: &Arc<Self>, id: &Arc<str>, wants_versions: bool) -> Waiter {
        let (sender, events) = mpsc::unbounded_channel();
        let mut table = self.lock();
        table.last += 1;
        let number = table.last;
        let entry = Entry { number, wants_versions, is_accepted: false, events: sender };
        table.waiting.entry(Arc::clone(id)).or_default().push(entry);
        Waiter { waiters: Arc::clone(self), id: Arc::clone(id), number, events }
    }

    /// Tells everybody who waits for an instance.
    pub(super) fn tell(&self, id: &str, event: &Event) {
        for entry in self.lock().waiting.get(id).into_iter().flatten() {
            // Whoever has just left needs no news.
            let _ = entry.events.send(event.clone());
        }
    }

    /// Tells everybody whose document was accepted, and who waits for an instance.
    pub(super) fn tell_accepted(&self, id: &str, event: &Event) {
        for entry in self.lock().waiting.get(id).into_iter().flatten().filter(|entry| entry.is_accepted) {
            // Whoever has just left needs no news.
            let _ = entry.events.send(event.clone());
        }
    }

    /// The instances that somebody waits for whose document was accepted.
    pub(super) fn accepted(&self) -> HashSet<Arc<str>> {
        let table = self.lock();
        let accepted = table.waiting.iter().filter(|(_, waiting)| waiting.iter().any(|one| one.is_accepted));
        accepted.map(|(id, _)| Arc::clone(id)).collect()
    }

    /// Whether somebody waits for an instance.
    pub(super) fn has(&self, id: &str) -> bool {
        self.lock().waiting.contains_key(id)
    }

    /// Whether somebody who waits for an instance wants its versions checked.
    pub(super) fn want_versions(&self, id: &str) -> bool {
        self.lock().waiting.get(id).is_some_and(|entries| entries.iter().any(|entry| entry.wants_versions))
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while the lock is held.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Notes that the document was accepted: from now on its row tells what becomes of it.
    pub(super) fn accepted(&self) {
        let mut table = self.waiters.lock();
        let entries = table.waiting.get_mut(&self.id).into_iter().flatten();
        entries.filter(|entry| entry.number == self.number).for_each(|entry| entry.is_accepted = true);
        self.waiters.news.notify_one();
    }

    /// The next event of the instance.
    pub(super) async fn event(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            // The sender stays in the table until this is dropped.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut table = self.waiters.lock();
        let Some(entries) = table.waiting.get_mut(&self.id) else { return };
        entries.retain(|entry| entry.number != self.number);
        if entries.is_empty() {
            table.waiting.remove(&self.id);
        }
    }
}
