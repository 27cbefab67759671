//! Everything that the ledger in memory holds; found by looking at all of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AppName, Timestamp};
use crate::ledger::acceptance::{AcceptError, Acceptance, Accepted, IfMatch, Kept};
use crate::ledger::action::{ActionKey, ActionRecord};
use crate::ledger::app_ticket::AppTicket;
use crate::ledger::body::Body;
use crate::ledger::card::{CardNumber, CardRecord};
use crate::ledger::definition::DefinitionRecord;
use crate::ledger::due::{CallerDue, Due};
use crate::ledger::event::{EventNumber, EventRecord};
use crate::ledger::filter::DeliveryFilter;
use crate::ledger::history::{HistoryEntry, HistoryNote, LONGEST_HISTORY, RequestedBy};
use crate::ledger::import::{ImportCounts, ImportError, ImportId, ImportRecord, ImportUpdate, NewImport};
use crate::ledger::page::{DeliveryCursor, Page, PageRequest};
use crate::ledger::record::{DeliveryRecord, InstanceKey, Lane};
use crate::ledger::report::{Report, Reported};
use crate::ledger::rules::{self, BodyChange, Change, EarlierChange};
use crate::ledger::store::Forgotten;
use crate::ledger::summary::{Retention, Summary, Swept};
use crate::ledger::task::StoredTask;
use crate::ledger::words::{DeliveryState, HistoryEvent, ImportState};

/// What is kept of one instance.
#[derive(Debug)]
pub(super) struct Instance {
    number: i64,
    record: DeliveryRecord,
    body: Option<Body>,
    tasks: Vec<StoredTask>,
    earlier: Option<Kept>,
    history: Vec<HistoryEntry>,
}

/// What is kept of a store app.
#[derive(Debug, Default)]
pub(super) struct KeptTicket {
    pub(super) ticket: Option<AppTicket>,
    pub(super) asked_at: Option<Timestamp>,
}

/// All instances, imports and definitions.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) instances: BTreeMap<InstanceKey, Instance>,
    imports: BTreeMap<(AppName, ImportId), ImportRecord>,
    definitions: BTreeMap<(AppName, String), DefinitionRecord>,
    pub(super) actions: BTreeMap<(AppName, ActionKey), ActionRecord>,
    pub(super) events: BTreeMap<(AppName, EventNumber), EventRecord>,
    pub(super) last_event: i64,
    pub(super) cards: BTreeMap<(AppName, CardNumber), CardRecord>,
    pub(super) last_card: i64,
    /// By Feishu's ids of the apps.
    pub(super) tickets: BTreeMap<String, KeptTicket>,
    last_number: i64,
    last_import: i64,
}

impl State {
    pub(super) fn accept(
        &mut self,
        acceptance: &Acceptance,
        now: Timestamp,
    ) -> Result<Accepted, AcceptError> {
        let key = &acceptance.key;
        if let Some(id) = acceptance.import {
            let import = self.imports.get(&(key.app.clone(), id));
            if import.is_none_or(|import| import.state == ImportState::Canceled) {
                return Err(AcceptError::ImportClosed);
            }
        }
        let kept = self.instances.get(key);
        let body = kept.and_then(|kept| kept.body.clone());
        let decision = rules::accept(acceptance, kept.map(|kept| &kept.record), body, now)?;
        let record = decision.change.record.clone();
        self.write(decision.change);
        let (accepted_as, is_version_raised) = (decision.accepted_as, decision.is_version_raised);
        Ok(Accepted { record, accepted_as, is_version_raised })
    }

    pub(super) fn report(&mut self, report: &Report, now: Timestamp) -> Option<Reported> {
        let cards = self.open_cards(&report.key);
        let instance = self.instances.get(&report.key)?;
        let earlier = instance.earlier.as_ref().map(|kept| &kept.record);
        let beside = rules::StoredContext { cards: &cards, earlier };
        let (change, reported) = rules::report(&instance.record, report, beside, now);
        self.write(change);
        Some(reported)
    }

    pub(super) fn note(&mut self, key: &InstanceKey, note: HistoryNote, now: Timestamp) -> bool {
        let change = self.record(key).map(|record| rules::note(record, note, now));
        change.map(|change| self.write(change)).is_some()
    }

    pub(super) fn forget(&mut self, key: &InstanceKey, if_match: Option<&IfMatch>) -> Forgotten {
        let Some(record) = self.record(key) else { return Forgotten::NotFound };
        match rules::forget(record, if_match, &self.open_cards(key)) {
            Ok(change) => {
                self.write(change);
                Forgotten::Erased
            }
            Err(left) => left,
        }
    }

    pub(super) fn retry(
        &mut self,
        app: &AppName,
        filter: &DeliveryFilter,
        by: &RequestedBy,
        now: Timestamp,
    ) -> u64 {
        let meant = |record: &&DeliveryRecord| rules::is_retried(record, filter);
        let changes: Vec<_> =
            self.records(app).filter(meant).filter_map(|record| rules::retry(record, by, now)).collect();
        let count = changes.len() as u64;
        changes.into_iter().for_each(|change| self.write(change));
        count
    }

    pub(super) fn record(&self, key: &InstanceKey) -> Option<&DeliveryRecord> {
        self.instances.get(key).map(|instance| &instance.record)
    }

    pub(super) fn kept(&self, key: &InstanceKey) -> Option<Kept> {
        let Instance { record, body, .. } = self.instances.get(key)?;
        Some(Kept { record: record.clone(), body: body.clone()? })
    }

    pub(super) fn history(&self, key: &InstanceKey, page: PageRequest<u64>) -> Page<HistoryEntry, u64> {
        let entries = self.instances.get(key).into_iter().flat_map(|instance| instance.history.iter().rev());
        let behind = entries.filter(|entry| page.after.is_none_or(|after| entry.number < after)).cloned();
        Page::cut(behind, page.limit, |entry| entry.number)
    }

    pub(super) fn deliveries(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryCursor>,
    ) -> Page<DeliveryRecord, DeliveryCursor> {
        let mut found: Vec<_> = self
            .of(app)
            .filter(|instance| filter.matches(&instance.record))
            .map(|Instance { number, record, .. }| (DeliveryCursor::of(record, *number), record.clone()))
            .filter(|(cursor, _)| page.after.is_none_or(|after| *cursor < after))
            .collect();
        found.sort_by_key(|(cursor, _)| std::cmp::Reverse(*cursor));
        let Page { items, next } = Page::cut(found, page.limit, |(cursor, _)| *cursor);
        Page { items: items.into_iter().map(|(_, record)| record).collect(), next }
    }

    pub(super) fn summary(&self, app: &AppName) -> Summary {
        let mut summary = Summary::default();
        for record in self.records(app) {
            if let Some(state) = record.state {
                *summary.counts.entry((state, record.lane.class())).or_default() += 1;
            }
        }
        summary.oldest_pending = self.records(app).filter_map(|record| record.pending_since).min();
        summary
    }

    pub(super) fn due(&self, app: &AppName, lane: Lane, limit: usize, now: Timestamp) -> Vec<CallerDue> {
        if let Some(id) = lane.import() {
            let import = self.imports.get(&(app.clone(), id));
            if import.is_none_or(|import| import.state != ImportState::Running) {
                return Vec::new();
            }
        }
        let of_lane = || self.of(app).filter(|instance| instance.record.lane == lane);
        let due_at = |record: &DeliveryRecord| record.due_at;
        if lane.import().is_some() {
            let due = due(of_lane(), limit, now, due_at);
            return if due == Due::default() { Vec::new() } else { vec![CallerDue { caller: None, due }] };
        }
        let waits = of_lane().filter(|instance| instance.record.due_at.is_some());
        let callers: BTreeSet<_> = waits.map(|instance| &instance.record.caller).collect();
        let of_caller = |caller: &Option<String>| {
            due(of_lane().filter(|instance| instance.record.caller == *caller), limit, now, due_at)
        };
        callers
            .into_iter()
            .map(|caller| CallerDue { due: of_caller(caller), caller: caller.clone() })
            .collect()
    }

    pub(super) fn check_due(&self, app: &AppName, limit: usize, now: Timestamp) -> Due<InstanceKey> {
        due(self.of(app), limit, now, |record| record.check_at)
    }

    pub(super) fn create_import(&mut self, app: &AppName, import: NewImport, now: Timestamp) -> ImportRecord {
        self.last_import += 1;
        let import = ImportRecord::new(ImportId(self.last_import), import, now);
        self.imports.insert((app.clone(), import.id), import.clone());
        import
    }

    pub(super) fn import(&self, app: &AppName, id: ImportId) -> Option<ImportRecord> {
        self.imports.get(&(app.clone(), id)).cloned()
    }

    pub(super) fn imports(&self, app: &AppName, page: PageRequest<ImportId>) -> Page<ImportRecord, ImportId> {
        let newest_first = self.imports_of(app).rev();
        let behind = newest_first.filter(|import| page.after.is_none_or(|after| import.id < after)).cloned();
        Page::cut(behind, page.limit, |import| import.id)
    }

    pub(super) fn running_imports(&self, app: &AppName) -> Vec<ImportRecord> {
        let runs =
            |import: &&ImportRecord| import.state == ImportState::Running && import.counts.pending() > 0;
        self.imports_of(app).filter(runs).cloned().collect()
    }

    pub(super) fn update_import(
        &mut self,
        app: &AppName,
        id: ImportId,
        update: ImportUpdate,
        now: Timestamp,
    ) -> Result<ImportRecord, ImportError> {
        let import = self.imports.get_mut(&(app.clone(), id)).ok_or(ImportError::NotFound)?;
        import.apply(update, now)?;
        if import.state == ImportState::Canceled {
            let waits = |instance: &&Instance| {
                instance.record.lane == Lane::Import(id)
                    && instance.record.state == Some(DeliveryState::Pending)
            };
            let withdraw =
                |instance: &Instance| rules::withdraw(&instance.record, instance.earlier.clone(), now);
            let changes: Vec<_> = self.of(app).filter(waits).map(withdraw).collect();
            changes.into_iter().for_each(|change| self.write(change));
        }
        self.import(app, id).ok_or(ImportError::NotFound)
    }

    pub(super) fn put_definition(&mut self, app: &AppName, definition: DefinitionRecord) {
        self.definitions.insert((app.clone(), definition.definition_key.clone()), definition);
    }

    pub(super) fn definitions(
        &self,
        app: &AppName,
        page: &PageRequest<String>,
    ) -> Page<DefinitionRecord, String> {
        let of_app = self.definitions.iter().filter(|((of, _), _)| of == app);
        let behind = of_app.filter(|((_, key), _)| page.after.as_ref().is_none_or(|after| key > after));
        let definitions = behind.map(|(_, definition)| definition.clone());
        Page::cut(definitions, page.limit, |definition| definition.definition_key.clone())
    }

    pub(super) fn sweep(&mut self, app: &AppName, retention: Retention) -> Swept {
        let expired = |record: &&DeliveryRecord| {
            record.settled_at.is_some_and(|settled| settled < retention.documents_before)
        };
        let changes: Vec<_> = self.records(app).filter(expired).map(rules::drop_document).collect();
        let documents = changes.len() as u64;
        changes.into_iter().for_each(|change| self.write(change));
        let before = self.instances.len();
        self.instances.retain(|key, instance| {
            key.app != *app || !rules::is_outdated(&instance.record, retention.records_before)
        });
        self.sweep_cards(app, retention.documents_before);
        let named: BTreeSet<_> = self.records(app).filter_map(|record| record.lane.import()).collect();
        self.imports.retain(|(of, id), import| {
            of != app || import.created_at >= retention.records_before || named.contains(id)
        });
        Swept { documents, records: (before - self.instances.len()) as u64, has_more: false }
    }

    /// The clock was set back.
    pub(super) fn shift(&mut self, by_millis: i64, now: Timestamp) {
        self.instances.values_mut().for_each(|instance| rules::shift(&mut instance.record, by_millis, now));
        self.events.values_mut().for_each(|event| rules::shift_event(event, by_millis, now));
        self.cards.values_mut().for_each(|card| rules::shift_card(card, by_millis, now));
    }

    fn of(&self, app: &AppName) -> impl Iterator<Item = &Instance> {
        self.instances.values().filter(move |instance| instance.record.key.app == *app)
    }

    /// The tasks that are known of an app, with their instances.
    pub(super) fn tasks_of(&self, app: &AppName) -> impl Iterator<Item = (&str, &StoredTask)> {
        self.of(app).flat_map(|instance| {
            instance.tasks.iter().map(|task| (instance.record.key.instance_id.as_str(), task))
        })
    }

    fn records(&self, app: &AppName) -> impl Iterator<Item = &DeliveryRecord> {
        self.of(app).map(|instance| &instance.record)
    }

    fn imports_of(&self, app: &AppName) -> impl DoubleEndedIterator<Item = &ImportRecord> {
        self.imports.iter().filter(move |((of, _), _)| of == app).map(|(_, import)| import)
    }

    pub(super) fn write(&mut self, change: Change) {
        let Change {
            record,
            body,
            tasks,
            earlier,
            erases_history,
            entries,
            not_superseded,
            counts,
            events,
            cards,
        } = change;
        if erases_history {
            self.forget_events(&record.key);
            self.forget_cards(&record.key);
        }
        for card in cards {
            self.write_card(&record.key, card);
        }
        for event in events {
            self.add_event(&record.key.app, event);
        }
        for (id, counts) in counts {
            if let Some(import) = self.imports.get_mut(&(record.key.app.clone(), id)) {
                ImportCounts::add(&mut import.counts, counts);
            }
        }
        let instance = self.instances.entry(record.key.clone()).or_insert_with(|| {
            self.last_number += 1;
            let (body, tasks, earlier, history) = Default::default();
            Instance { number: self.last_number, record: record.clone(), body, tasks, earlier, history }
        });
        match earlier {
            EarlierChange::Keep => {}
            EarlierChange::Save => {
                let (record, body) = (instance.record.clone(), instance.body.clone());
                instance.earlier = body.map(|body| Kept { record, body });
            }
            EarlierChange::Drop => instance.earlier = None,
        }
        match body {
            BodyChange::Keep => {}
            BodyChange::Put(body) => instance.body = Some(body),
            BodyChange::Drop => {
                instance.body = None;
                instance.tasks.clear();
            }
        }
        if let Some(tasks) = tasks {
            instance.tasks = rules::tasks(&instance.tasks, &tasks, record.revision);
        }
        if erases_history {
            instance.history.clear();
        }
        if let Some(revision) = not_superseded {
            let is_it =
                |entry: &HistoryEntry| entry.event == HistoryEvent::Superseded && entry.revision == revision;
            instance.history.retain(|entry| !is_it(entry));
        }
        instance.history.extend(entries);
        let kept_from = record.history_entries.saturating_sub(LONGEST_HISTORY);
        instance.history.retain(|entry| entry.number > kept_from);
        instance.record = record;
    }
}

/// Those whose time has come, by the time that `at` tells, and when the next one's comes.
fn due<'a>(
    instances: impl Iterator<Item = &'a Instance>,
    limit: usize,
    now: Timestamp,
    at: impl Fn(&DeliveryRecord) -> Option<Timestamp>,
) -> Due<InstanceKey> {
    let mut waiting: Vec<_> = instances
        .filter_map(|instance| Some((at(&instance.record)?, instance.number, &instance.record.key)))
        .collect();
    waiting.sort_unstable();
    Due::of(waiting.into_iter().take(limit).map(|(at, _, key)| (Some(at), key.clone())), now)
}
