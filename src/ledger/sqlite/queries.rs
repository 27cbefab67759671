//! What is read of instances, page by page.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::columns::{Reader, all};
use super::error::classify;
use super::transaction::{self, Stored, select};
use crate::domain::{AppName, Timestamp, Word as _};
use crate::ledger::acceptance::Kept;
use crate::ledger::app_ticket::AppTicket;
use crate::ledger::columns::{ColumnReader as _, unreadable};
use crate::ledger::definition::DefinitionRecord;
use crate::ledger::due::{CallerDue, Due};
use crate::ledger::error::LedgerError;
use crate::ledger::filter::DeliveryFilter;
use crate::ledger::history::HistoryEntry;
use crate::ledger::page::{DeliveryCursor, Page, PageRequest};
use crate::ledger::record::{InstanceKey, Lane};
use crate::ledger::summary::Summary;
use crate::ledger::words::DeliveryState;

/// Most rows that are looked at for one page: a rare filter gives short pages, and stops nobody.
const LONGEST_LOOK: usize = 10_000;

/// The condition of the index of instances that need something; a statement must repeat it to use it.
const OPEN: &str = "state in ('pending', 'refused', 'conflict')";

/// Instances of a lane and a caller by the time when they are due.
pub(super) const DUE: &str = "select due_at, instance_id from instance where app = ?1 and class = ?2 and caller is ?3 \
     and due_at is not null and import_no is null order by due_at, instance_no limit ?4";

/// The next caller by name who has something that waits in a lane: one step along the index of what is due.
pub(super) const NEXT_CALLER: &str = "select caller from instance where app = ?1 and class = ?2 and caller > ?3 \
     and due_at is not null and import_no is null order by caller limit 1";

/// Instances of an import by the time when they are due.
pub(super) const DUE_OF_IMPORT: &str = "select due_at, instance_id from instance \
     where import_no = ?1 and due_at is not null order by due_at, instance_no limit ?2";

/// Instances by the time when Feishu is to be asked about them.
pub(super) const CHECK_DUE: &str = "select check_at, instance_id from instance \
     where app = ?1 and check_at is not null order by check_at, instance_no limit ?2";

/// When the one that has been pending for the longest time began to be.
pub(super) const OLDEST_PENDING: &str = "select min(pending_since) from instance \
     where app = ?1 and pending_since is not null";

/// The counts of an app.
pub(super) const TALLY: &str = "select state, class, count from tally where app = ?1 and count > 0";

/// The history of an instance behind a number.
pub(super) const HISTORY: &str = "select number, at, event, revision, version, caller, request_id, problem_code, \
     problem, log_id, detail from history where instance_no = ?1 and number < ?2 order by number desc limit ?3";

/// Definitions behind a key.
pub(super) const DEFINITIONS: &str = "select definition_key, approval_code, json, caller, updated_at from definition \
     where app = ?1 and definition_key > ?2 order by definition_key limit ?3";

/// Deliveries behind a position, newest acceptance first.
pub(super) fn all_behind() -> String {
    select(
        "where app = ?1 and accepted_at <= ?2 and (accepted_at < ?2 or instance_no < ?3) and accepted_at >= ?4 \
         order by accepted_at desc, instance_no desc limit ?5",
    )
}

/// Those in one state that needs something.
pub(super) fn open_behind() -> String {
    select(&format!(
        "where app = ?1 and state = ?6 and {OPEN} and accepted_at <= ?2 and (accepted_at < ?2 or instance_no < ?3) \
         and accepted_at >= ?4 order by accepted_at desc, instance_no desc limit ?5"
    ))
}

/// The kept document.
pub(super) fn document(connection: &Connection, key: &InstanceKey) -> Result<Option<Kept>, LedgerError> {
    let Some(Stored { number, record }) = transaction::record(connection, key)? else { return Ok(None) };
    Ok(transaction::body(connection, number)?.map(|body| Kept { record, body }))
}

/// A page of an instance's history.
pub(super) fn history(
    connection: &Connection,
    key: &InstanceKey,
    page: PageRequest<u64>,
) -> Result<Page<HistoryEntry, u64>, LedgerError> {
    let Some(Stored { number, .. }) = transaction::record(connection, key)? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let after = page.after.and_then(|after| i64::try_from(after).ok()).unwrap_or(i64::MAX);
    let parameters = params![number, after, limit(page.limit)];
    let found = all(connection, HISTORY, parameters, |reader| reader.history_entry())?;
    Ok(Page::cut(found, page.limit, |entry| entry.number))
}

/// A page of an app's deliveries, with their numbers.
pub(super) fn deliveries(
    connection: &Connection,
    app: &AppName,
    filter: &DeliveryFilter,
    page: PageRequest<DeliveryCursor>,
) -> Result<Page<Stored, DeliveryCursor>, LedgerError> {
    if let Some(instance_id) = &filter.instance_id {
        let stored = transaction::record(connection, &InstanceKey::new(app.clone(), instance_id.as_str()))?;
        let meant =
            stored.filter(|Stored { number, record }| filter.matches_behind(page.after, record, *number));
        return Ok(Page { items: meant.into_iter().collect(), next: None });
    }
    let mut found = Vec::new();
    let mut looked_to = None;
    if filter.states.is_empty() || filter.states.iter().any(|state| !is_open(*state)) {
        looked_to = walk(connection, app, filter, page, None, &mut found)?;
    } else {
        let mut states = filter.states.clone();
        states.sort_unstable();
        states.dedup();
        for state in states {
            // The walk that stopped nearest to the beginning decides: behind it something may be missing.
            looked_to = looked_to.max(walk(connection, app, filter, page, Some(state), &mut found)?);
        }
        found.sort_by_key(|(cursor, _)| std::cmp::Reverse(*cursor));
        found.retain(|(cursor, _)| looked_to.is_none_or(|to| *cursor >= to));
    }
    let Page { items, next } = Page::cut(found, page.limit, |(cursor, _)| *cursor);
    Ok(Page { items: items.into_iter().map(|(_, stored)| stored).collect(), next: next.or(looked_to) })
}

/// Gathers one page and one more; says where it stopped when it did not come to the end.
fn walk(
    connection: &Connection,
    app: &AppName,
    filter: &DeliveryFilter,
    page: PageRequest<DeliveryCursor>,
    state: Option<DeliveryState>,
    found: &mut Vec<(DeliveryCursor, Stored)>,
) -> Result<Option<DeliveryCursor>, LedgerError> {
    let end = DeliveryCursor { accepted_at: i64::MAX, instance_no: i64::MAX };
    let before =
        filter.accepted_to.map_or(end, |to| DeliveryCursor { accepted_at: to.unix_millis(), instance_no: 0 });
    let after = page.after.unwrap_or(end).min(before);
    let from = filter.accepted_from.map_or(0, Timestamp::unix_millis);
    let look = limit(LONGEST_LOOK);
    let sql = if state.is_some() { open_behind() } else { all_behind() };
    let mut statement = connection.prepare_cached(&sql).map_err(classify)?;
    let shared = params![app.as_str(), after.accepted_at, after.instance_no, from, look];
    let mut rows = match state {
        None => statement.query(shared),
        Some(state) => statement.query(params![
            app.as_str(),
            after.accepted_at,
            after.instance_no,
            from,
            look,
            state.as_str()
        ]),
    }
    .map_err(classify)?;
    let (mut looked, mut wanted) = (0, page.limit);
    while let Some(row) = rows.next().map_err(classify)? {
        let stored = Stored::read(&mut Reader::new(row), app)?;
        let cursor = DeliveryCursor::of(&stored.record, stored.number);
        looked += 1;
        if filter.matches(&stored.record) {
            found.push((cursor, stored));
            if wanted == 0 {
                // One more than the page: whoever cuts it sees that there is more.
                return Ok(None);
            }
            wanted -= 1;
        }
        if looked == LONGEST_LOOK {
            return Ok(Some(cursor));
        }
    }
    Ok(None)
}

fn is_open(state: DeliveryState) -> bool {
    matches!(state, DeliveryState::Pending | DeliveryState::Refused | DeliveryState::Conflict)
}

/// Instances of a lane that are to be pushed now, by caller.
pub(super) fn due(
    connection: &Connection,
    app: &AppName,
    lane: Lane,
    most: usize,
    now: Timestamp,
) -> Result<Vec<CallerDue>, LedgerError> {
    let mut found = Vec::new();
    let mut add = |caller: Option<String>, due: Due<InstanceKey>| {
        if due != Due::default() {
            found.push(CallerDue { caller, due });
        }
    };
    match lane {
        Lane::Interactive | Lane::Repair => {
            let (app_name, class) = (app.as_str(), lane.class());
            let of = |caller: Option<&str>| {
                by_time(connection, app, DUE, params![app_name, class, caller, limit(most)], most, now)
            };
            add(None, of(None)?);
            let mut next_caller = connection.prepare_cached(NEXT_CALLER).map_err(classify)?;
            let mut last = String::new();
            while let Some(caller) = next_caller
                .query_row(params![app_name, class, last], |row| row.get::<_, String>(0))
                .optional()
                .map_err(classify)?
            {
                add(Some(caller.clone()), of(Some(&caller))?);
                last = caller;
            }
        }
        Lane::Import(import) => {
            let mut runs = connection
                .prepare_cached(
                    "select 1 from import where import_no = ?1 and app = ?2 and state = 'running'",
                )
                .map_err(classify)?;
            if !runs.exists(params![import.0, app.as_str()]).map_err(classify)? {
                return Ok(found);
            }
            add(None, by_time(connection, app, DUE_OF_IMPORT, params![import.0, limit(most)], most, now)?);
        }
    }
    Ok(found)
}

/// Instances that Feishu is to be asked about now.
pub(super) fn check_due(
    connection: &Connection,
    app: &AppName,
    most: usize,
    now: Timestamp,
) -> Result<Due<InstanceKey>, LedgerError> {
    by_time(connection, app, CHECK_DUE, params![app.as_str(), limit(most)], most, now)
}

fn by_time(
    connection: &Connection,
    app: &AppName,
    sql: &str,
    parameters: &[&dyn rusqlite::ToSql],
    most: usize,
    now: Timestamp,
) -> Result<Due<InstanceKey>, LedgerError> {
    let waiting = all(connection, sql, parameters, |reader| {
        Ok((Some(reader.time()?), InstanceKey::new(app.clone(), reader.text()?)))
    })?;
    Ok(Due::of(waiting.into_iter().take(most), now))
}

/// Counts of an app's deliveries.
pub(super) fn summary(connection: &Connection, app: &AppName) -> Result<Summary, LedgerError> {
    let mut summary = Summary::default();
    let counts = all(connection, TALLY, [app.as_str()], |reader| {
        let (state, class) = (reader.word()?, reader.text()?);
        let class = Lane::CLASSES.into_iter().find(|known| *known == class);
        Ok(((state, class.ok_or(unreadable("class"))?), reader.count()?))
    })?;
    summary.counts.extend(counts);
    let oldest = all(connection, OLDEST_PENDING, [app.as_str()], |reader| reader.optional_time())?;
    summary.oldest_pending = oldest.into_iter().flatten().next();
    Ok(summary)
}

/// A limit as SQLite takes it; one more, to see whether there is more.
fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

/// Definitions of an app by their keys.
pub(super) fn definitions(
    connection: &Connection,
    app: &AppName,
    page: &PageRequest<String>,
) -> Result<Page<DefinitionRecord, String>, LedgerError> {
    let after = page.after.as_deref().unwrap_or_default();
    let parameters = params![app.as_str(), after, limit(page.limit)];
    let found = all(connection, DEFINITIONS, parameters, |reader| reader.definition())?;
    Ok(Page::cut(found, page.limit, |definition| definition.definition_key.clone()))
}

/// The ticket of a store app.
pub(super) const APP_TICKET: &str = "select ticket, issued_at from app_ticket where app_id = ?1";

/// The ticket of a store app, if there is one.
pub(super) fn app_ticket(connection: &Connection, app_id: &str) -> Result<Option<AppTicket>, LedgerError> {
    Ok(all(connection, APP_TICKET, [app_id], |reader| reader.app_ticket())?.pop().flatten())
}
