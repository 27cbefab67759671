//! The outbox: events as rows, written in the transaction of what they tell.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::SqliteLedger;
use super::columns::{self, Reader};
use super::commands::STEP;
use super::error::classify;
use super::transaction::Transaction;
use crate::domain::{AppName, EventState, Timestamp, Word as _};
use crate::ledger::columns::{ColumnReader as _, signed};
use crate::ledger::due::Due;
use crate::ledger::error::LedgerError;
use crate::ledger::event::{
    EventFilter, EventNumber, EventRecord, EventResult, EventRetention, EventSummary, EventsSwept,
    NO_INSTANCE, NewEvent,
};
use crate::ledger::outbox::Outbox;
use crate::ledger::page::{Page, PageRequest};
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{InstanceKey, Revision};
use crate::ledger::rules;
use crate::ledger::store::Ledger as _;

/// Most rows that are looked at for one page.
const LONGEST_LOOK: usize = 10_000;

/// The columns of an event, in the order in which they are read.
const COLUMNS: &str = "event_no, event_id, type, at, instance_id, revision, approval_code, problem_code, problem, state, \
     attempts, due_at, tried_until, ended_at, last_error";

/// `select` of an event, with what follows `from event`.
fn select(conditions: &str) -> String {
    format!("select {COLUMNS} from event {conditions}")
}

/// One event.
pub(super) fn by_number() -> String {
    select("where event_no = ?1 and app = ?2")
}

/// Events by the time when they are due.
pub(super) fn due() -> String {
    select("where app = ?1 and due_at is not null order by due_at, event_no limit ?2")
}

/// Events in a state behind a number, newest first.
pub(super) fn in_state() -> String {
    select("where app = ?1 and state = ?2 and event_no < ?3 order by event_no desc limit ?4")
}

/// Events about an instance behind a number, newest first.
pub(super) fn of_instance() -> String {
    select("where app = ?1 and instance_id = ?2 and event_no < ?3 order by event_no desc limit ?4")
}

/// The first of those that wait about the same.
const FIRST: &str =
    "select min(event_no) from event where app = ?1 and instance_id = ?2 and state = 'pending'";

/// Of those that wait about the same, those behind the first are not due.
pub(super) fn hold_back() -> String {
    format!(
        "update event set due_at = null \
         where app = ?1 and instance_id = ?2 and state = 'pending' and due_at is not null and event_no > ({FIRST})"
    )
}

/// The first of those that wait about the same is due, if it was not.
pub(super) fn move_up() -> String {
    format!("update event set due_at = ?3 where event_no = ({FIRST}) and due_at is null")
}

/// How many wait.
pub(super) const PENDING: &str = "select count(*) from event where app = ?1 and state = 'pending'";

/// When the oldest of those that wait happened.
pub(super) const OLDEST: &str =
    "select at from event where app = ?1 and state = 'pending' order by event_no limit 1";

/// The newest of those that are too many.
pub(super) const NEWEST_TOO_MANY: &str = "select event_no from event where app = ?1 and state = 'pending' order by event_no desc limit 1 offset ?2";

/// Those that wait, up to a number, oldest first.
pub(super) fn waiting_up_to() -> String {
    select("where app = ?1 and state = 'pending' and event_no <= ?2 order by event_no limit ?3")
}

/// Those that ended long ago.
pub(super) const ENDED: &str = "select event_no from event \
     where app = ?1 and state = ?2 and ended_at is not null and ended_at < ?3 order by ended_at limit ?4";

/// Those of an instance that have ended.
pub(super) const FORGET: &str =
    "delete from event where app = ?1 and instance_id = ?2 and state <> 'pending'";

#[async_trait]
impl Outbox for SqliteLedger {
    async fn promise(&self, key: &InstanceKey, revision: Revision) -> Result<(), LedgerError> {
        let key = key.clone();
        self.writer.run(move |transaction| transaction.promise(&key, revision)).await
    }

    async fn add_event(&self, app: &AppName, event: NewEvent) -> Result<(), LedgerError> {
        let app = app.clone();
        self.writer.run(move |transaction| transaction.add_event(&app, &event)).await
    }

    async fn events_due(&self, app: &AppName, limit: usize) -> Result<Due<EventRecord>, LedgerError> {
        self.shift_if_set_back().await?;
        let (app, now) = (app.clone(), self.now());
        let read = move |connection: &Connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let waiting = all(connection, &due(), params![app.as_str(), limit])?;
            Ok(Due::of(waiting.into_iter().map(|record: EventRecord| (record.due_at, record)), now))
        };
        self.readers.read(read).await
    }

    async fn report_event(
        &self,
        app: &AppName,
        number: EventNumber,
        attempts: u32,
        result: EventResult,
    ) -> Result<Option<EventRecord>, LedgerError> {
        let app = app.clone();
        self.writer.run(move |transaction| transaction.report_event(&app, number, attempts, result)).await
    }

    async fn events(
        &self,
        app: &AppName,
        filter: &EventFilter,
        page: PageRequest<EventNumber>,
    ) -> Result<Page<EventRecord, EventNumber>, LedgerError> {
        let (app, filter) = (app.clone(), filter.clone());
        self.readers.read(move |connection| events(connection, &app, &filter, page)).await
    }

    async fn retry_events(&self, app: &AppName, filter: &EventFilter) -> Result<u64, LedgerError> {
        let (mut count, mut after) = (0, None);
        loop {
            let (app, filter) = (app.clone(), filter.clone());
            let step = move |transaction: &Transaction<'_>| transaction.retry_events(&app, &filter, after);
            let (retried, next) = self.writer.run::<_, LedgerError>(step).await?;
            (count, after) = (count + retried, next);
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    async fn event_summary(&self, app: &AppName) -> Result<EventSummary, LedgerError> {
        let app = app.clone();
        self.readers.read(move |connection| summary(connection, &app)).await
    }

    async fn sweep_events(
        &self,
        app: &AppName,
        retention: EventRetention,
    ) -> Result<EventsSwept, LedgerError> {
        let app = app.clone();
        self.writer.run(move |transaction| transaction.sweep_events(&app, retention)).await
    }
}

fn all(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Vec<EventRecord>, LedgerError> {
    columns::all(connection, sql, parameters, |reader| reader.event())
}

/// A page of an app's events, newest first; a rare filter gives short pages, and stops nobody.
fn events(
    connection: &Connection,
    app: &AppName,
    filter: &EventFilter,
    page: PageRequest<EventNumber>,
) -> Result<Page<EventRecord, EventNumber>, LedgerError> {
    let after = page.after.map_or(i64::MAX, |number| number.0);
    let (app, look) = (app.as_str(), i64::try_from(LONGEST_LOOK).unwrap_or(i64::MAX));
    let mut found = Vec::new();
    let mut looked_to = None;
    let mut walk = |sql: &str, of: &str| -> Result<(), LedgerError> {
        let mut statement = connection.prepare_cached(sql).map_err(classify)?;
        let mut rows = statement.query(params![app, of, after, look]).map_err(classify)?;
        let (mut looked, mut matching) = (0, 0);
        while let Some(row) = rows.next().map_err(classify)? {
            let record = Reader::new(row).event()?;
            looked += 1;
            if looked == LONGEST_LOOK {
                // Behind this place something may be missing.
                looked_to = looked_to.max(Some(record.number));
            }
            if filter.matches(&record) {
                found.push(record);
                matching += 1;
            }
            if matching > page.limit {
                break;
            }
        }
        Ok(())
    };
    match &filter.instance_id {
        Some(instance_id) => walk(&of_instance(), instance_id)?,
        None => {
            let is_wanted = |state: &&EventState| filter.states.is_empty() || filter.states.contains(state);
            for state in EventState::ALL.iter().filter(is_wanted) {
                walk(&in_state(), state.as_str())?;
            }
        }
    }
    found.sort_by_key(|record| std::cmp::Reverse(record.number));
    found.retain(|record| looked_to.is_none_or(|to| record.number >= to));
    let Page { items, next } = Page::cut(found, page.limit, |record| record.number);
    Ok(Page { items, next: next.or(looked_to) })
}

fn summary(connection: &Connection, app: &AppName) -> Result<EventSummary, LedgerError> {
    let (pending, oldest) = columns::count_and_oldest(connection, app, PENDING, OLDEST)?;
    Ok(EventSummary { pending, oldest })
}

impl Transaction<'_> {
    fn promise(&self, key: &InstanceKey, revision: Revision) -> Result<(), LedgerError> {
        let Some(before) = self.record(key)? else { return Ok(()) };
        match rules::promise(&before.record, revision, self.now) {
            Some(change) => self.write(Some(&before), &change),
            None => Ok(()),
        }
    }

    /// Adds an event behind those that wait about the same.
    pub(super) fn add_event(&self, app: &AppName, event: &NewEvent) -> Result<(), LedgerError> {
        // The store gives the number.
        let EventRecord { number: _, event, state, attempts, due_at, tried_until, ended_at, last_error } =
            rules::new_event(event.clone(), EventNumber(0));
        let NewEvent { id, kind, at, instance_id, revision, approval_code, problem } = event;
        let instance_id = instance_id.as_deref().unwrap_or(NO_INSTANCE);
        self.execute(
            "insert into event (app, event_id, type, at, instance_id, revision, approval_code, problem_code, problem, \
             state, attempts, due_at, tried_until, ended_at, last_error) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            params![
                app.as_str(),
                id,
                kind.as_str(),
                at.unix_millis(),
                instance_id,
                revision.map(|revision| signed(revision.0)),
                approval_code,
                problem.as_ref().map(StoredProblem::code),
                problem.as_ref().map(StoredProblem::json),
                state.as_str(),
                attempts,
                due_at.map(Timestamp::unix_millis),
                tried_until.unix_millis(),
                ended_at.map(Timestamp::unix_millis),
                last_error,
            ],
        )?;
        self.keep_order(app, instance_id)
    }

    /// Drops what has nothing to wait for of an instance that is forgotten.
    pub(super) fn forget_events(&self, key: &InstanceKey) -> Result<(), LedgerError> {
        self.execute(FORGET, params![key.app.as_str(), key.instance_id]).map(drop)
    }

    fn report_event(
        &self,
        app: &AppName,
        number: EventNumber,
        attempts: u32,
        result: EventResult,
    ) -> Result<Option<EventRecord>, LedgerError> {
        let before = all(self.connection, &by_number(), params![number.0, app.as_str()])?.pop();
        let after = before.and_then(|before| rules::event_result(&before, attempts, result, self.now));
        if let Some(record) = &after {
            self.put_event(app, record)?;
        }
        Ok(after)
    }

    fn retry_events(
        &self,
        app: &AppName,
        filter: &EventFilter,
        after: Option<EventNumber>,
    ) -> Result<(u64, Option<EventNumber>), LedgerError> {
        let page = PageRequest { after, limit: usize::try_from(STEP).unwrap_or(usize::MAX) };
        let Page { items, next } = events(self.connection, app, filter, page)?;
        let mut count = 0;
        for record in items.iter().filter_map(|record| rules::retry_event(record, filter, self.now)) {
            self.put_event(app, &record)?;
            count += 1;
        }
        Ok((count, next))
    }

    fn sweep_events(&self, app: &AppName, retention: EventRetention) -> Result<EventsSwept, LedgerError> {
        let EventRetention { delivered_before, dead_before, most_pending } = retention;
        let mut has_more = false;
        for (state, before) in [(EventState::Delivered, delivered_before), (EventState::Dead, dead_before)] {
            let dropped = self.execute(
                &format!("delete from event where event_no in ({ENDED})"),
                params![app.as_str(), state.as_str(), before.unix_millis(), STEP],
            )?;
            has_more |= i64::try_from(dropped) == Ok(STEP);
        }
        let mut newest = self.connection.prepare_cached(NEWEST_TOO_MANY).map_err(classify)?;
        let newest: Option<i64> = newest
            .query_row(params![app.as_str(), signed(most_pending)], |row| row.get(0))
            .optional()
            .map_err(classify)?;
        let mut given_up = 0;
        if let Some(newest) = newest {
            for record in all(self.connection, &waiting_up_to(), params![app.as_str(), newest, STEP])? {
                self.put_event(app, &rules::give_up_event(&record, self.now))?;
                given_up += 1;
            }
        }
        has_more |= i64::try_from(given_up) == Ok(STEP);
        Ok(EventsSwept { given_up, has_more })
    }

    fn put_event(&self, app: &AppName, record: &EventRecord) -> Result<(), LedgerError> {
        let EventRecord { number, event, state, attempts, due_at, tried_until, ended_at, last_error } =
            record;
        self.execute(
            "update event set state = ?2, attempts = ?3, due_at = ?4, tried_until = ?5, ended_at = ?6, last_error = ?7 \
             where event_no = ?1",
            params![
                number.0,
                state.as_str(),
                attempts,
                due_at.map(Timestamp::unix_millis),
                tried_until.unix_millis(),
                ended_at.map(Timestamp::unix_millis),
                last_error,
            ],
        )?;
        self.keep_order(app, event.instance_id.as_deref().unwrap_or(NO_INSTANCE))
    }

    /// Of those that wait about the same, only the first is due.
    fn keep_order(&self, app: &AppName, instance_id: &str) -> Result<(), LedgerError> {
        self.execute(&hold_back(), params![app.as_str(), instance_id])?;
        self.execute(&move_up(), params![app.as_str(), instance_id, self.now.unix_millis()]).map(drop)
    }
}
