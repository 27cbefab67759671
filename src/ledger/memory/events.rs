//! The outbox of the ledger in memory.

use async_trait::async_trait;

use super::MemoryLedger;
use super::state::State;
use crate::domain::{AppName, EventState, Timestamp};
use crate::ledger::due::Due;
use crate::ledger::error::LedgerError;
use crate::ledger::event::{
    EventFilter, EventNumber, EventRecord, EventResult, EventRetention, EventSummary, EventsSwept, NewEvent,
};
use crate::ledger::outbox::Outbox;
use crate::ledger::page::{Page, PageRequest};
use crate::ledger::record::{InstanceKey, Revision};
use crate::ledger::rules;
use crate::ledger::store::Ledger as _;

#[async_trait]
impl Outbox for MemoryLedger {
    async fn promise(&self, key: &InstanceKey, revision: Revision) -> Result<(), LedgerError> {
        let now = self.now();
        let mut state = self.state()?;
        let change = state.record(key).and_then(|record| rules::promise(record, revision, now));
        change.into_iter().for_each(|change| state.write(change));
        Ok(())
    }

    async fn add_event(&self, app: &AppName, event: NewEvent) -> Result<(), LedgerError> {
        self.state()?.add_event(app, event);
        Ok(())
    }

    async fn events_due(&self, app: &AppName, limit: usize) -> Result<Due<EventRecord>, LedgerError> {
        let now = self.now();
        let mut state = self.state()?;
        if let Some(by) = self.watch.stepped_back() {
            state.shift(by, now);
        }
        let mut waiting: Vec<_> =
            state.events_of(app).filter(|record| record.due_at.is_some()).cloned().collect();
        waiting.sort_by_key(|record| (record.due_at, record.number));
        Ok(Due::of(waiting.into_iter().take(limit).map(|record| (record.due_at, record)), now))
    }

    async fn report_event(
        &self,
        app: &AppName,
        number: EventNumber,
        attempts: u32,
        result: EventResult,
    ) -> Result<Option<EventRecord>, LedgerError> {
        let now = self.now();
        let mut state = self.state()?;
        let before = state.events.get(&(app.clone(), number));
        let Some(record) = before.and_then(|before| rules::event_result(before, attempts, result, now))
        else {
            return Ok(None);
        };
        state.put_event(app, record.clone(), now);
        Ok(Some(record))
    }

    async fn events(
        &self,
        app: &AppName,
        filter: &EventFilter,
        page: PageRequest<EventNumber>,
    ) -> Result<Page<EventRecord, EventNumber>, LedgerError> {
        let state = self.state()?;
        let behind =
            state.events_of(app).rev().filter(|record| page.after.is_none_or(|after| record.number < after));
        let found: Vec<_> = behind.filter(|record| filter.matches(record)).cloned().collect();
        Ok(Page::cut(found, page.limit, |record| record.number))
    }

    async fn retry_events(&self, app: &AppName, filter: &EventFilter) -> Result<u64, LedgerError> {
        let now = self.now();
        let mut state = self.state()?;
        let retried: Vec<_> =
            state.events_of(app).filter_map(|record| rules::retry_event(record, filter, now)).collect();
        let count = retried.len() as u64;
        retried.into_iter().for_each(|record| state.put_event(app, record, now));
        Ok(count)
    }

    async fn event_summary(&self, app: &AppName) -> Result<EventSummary, LedgerError> {
        let state = self.state()?;
        let pending = || state.events_of(app).filter(|record| record.state == EventState::Pending);
        Ok(EventSummary {
            pending: pending().count() as u64,
            oldest: pending().min_by_key(|record| record.number).map(|record| record.event.at),
        })
    }

    async fn sweep_events(
        &self,
        app: &AppName,
        retention: EventRetention,
    ) -> Result<EventsSwept, LedgerError> {
        let now = self.now();
        let mut state = self.state()?;
        state.events.retain(|(of, _), record| {
            let before = match record.state {
                EventState::Pending => return true,
                EventState::Delivered => retention.delivered_before,
                EventState::Dead => retention.dead_before,
            };
            of != app || record.ended_at.is_none_or(|ended| ended >= before)
        });
        let pending = state.events_of(app).rev().filter(|record| record.state == EventState::Pending);
        let most = usize::try_from(retention.most_pending).unwrap_or(usize::MAX);
        let too_many: Vec<_> = pending.skip(most).map(|record| rules::give_up_event(record, now)).collect();
        let given_up = too_many.len() as u64;
        too_many.into_iter().for_each(|record| state.put_event(app, record, now));
        Ok(EventsSwept { given_up, has_more: false })
    }
}

impl State {
    pub(super) fn add_event(&mut self, app: &AppName, event: NewEvent) {
        self.last_event += 1;
        let now = event.at;
        self.put_event(app, rules::new_event(event, EventNumber(self.last_event)), now);
    }

    /// Drops what has nothing to wait for of an instance that is forgotten.
    pub(super) fn forget_events(&mut self, key: &InstanceKey) {
        self.events.retain(|(app, _), record| {
            *app != key.app
                || record.event.instance_id.as_ref() != Some(&key.instance_id)
                || record.state == EventState::Pending
        });
    }

    fn events_of(&self, app: &AppName) -> impl DoubleEndedIterator<Item = &EventRecord> {
        self.events.iter().filter(move |((of, _), _)| of == app).map(|(_, record)| record)
    }

    /// Writes an event; of those that wait about the same, only the first is due.
    fn put_event(&mut self, app: &AppName, record: EventRecord, now: Timestamp) {
        let about = record.event.instance_id.clone();
        self.events.insert((app.clone(), record.number), record);
        let waiting = self.events.iter_mut().filter(|((of, _), record)| {
            of == app && record.event.instance_id == about && record.state == EventState::Pending
        });
        for (place, (_, record)) in waiting.enumerate() {
            record.due_at = if place == 0 { record.due_at.or(Some(now)) } else { None };
        }
    }
}
