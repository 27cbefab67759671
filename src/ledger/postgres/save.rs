//! Writes what commands about different instances change, with one statement a table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tokio_postgres::types::Type;

use super::cards;
use super::columns::{Column, columns};
use super::error::{Fault, overtaken};
use super::events;
use super::load::Stored;
use super::session::{Parameter, Session};
use super::tasks::{self, TaskChange};
use crate::domain::Word as _;
use crate::ledger::body::Body;
use crate::ledger::columns::signed;
use crate::ledger::history::{HistoryEntry, LONGEST_HISTORY};
use crate::ledger::import::{ImportCounts, ImportId};
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{DeliveryRecord, InstanceKey};
use crate::ledger::rows::COLUMNS;
use crate::ledger::rules::{BodyChange, Change, EarlierChange};
use crate::ledger::words::HistoryEvent;

/// Columns of the history behind the number of the instance.
const HISTORY: &str =
    "number, at, event, revision, version, caller, request_id, problem_code, problem, log_id, detail";

/// `$1, $2, …`.
fn placeholders(from: usize, count: usize) -> String {
    (from..from + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// New instances with their documents and first entries; those that somebody else has made meanwhile are left out.
static INSERT: LazyLock<String> = LazyLock::new(|| {
    let names = COLUMNS.join(", ");
    let records = COLUMNS.len() + 2;
    format!(
        "with made as (insert into instance (app, instance_id, {names}) \
         select app, instance_id, {names} from unnest({}) as r(app, instance_id, {names}) order by app, instance_id \
         on conflict (app, instance_id) do nothing returning instance_no, app, instance_id), \
         documents as (insert into document (instance_no, format, body) select made.instance_no, d.format, d.body \
         from made join unnest({}) as d(app, instance_id, format, body) using (app, instance_id)), \
         entries as (insert into history (instance_no, {HISTORY}) select made.instance_no, {HISTORY} \
         from made join unnest({}) as h(app, instance_id, {HISTORY}) using (app, instance_id)) \
         select count(*) from made",
        placeholders(1, records),
        placeholders(records + 1, 4),
        placeholders(records + 5, 13),
    )
});

/// Known instances.
pub(super) static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let set = COLUMNS.map(|column| format!("{column} = r.{column}")).join(", ");
    format!(
        "update instance as i set {set} from unnest({}) as r(instance_no, {}) where i.instance_no = r.instance_no",
        placeholders(1, COLUMNS.len() + 1),
        COLUMNS.join(", ")
    )
});

/// What stands before an import's document takes its place.
static SAVE_EARLIER: LazyLock<String> = LazyLock::new(|| {
    let names = COLUMNS.join(", ");
    let set = COLUMNS.map(|column| format!("{column} = excluded.{column}")).join(", ");
    format!(
        "insert into earlier (instance_no, {names}, format, body) select instance_no, {names}, format, body \
         from instance join document using (instance_no) where instance_no = any($1) \
         on conflict (instance_no) do update set {set}, format = excluded.format, body = excluded.body"
    )
});

pub(super) const DROP_EARLIER: &str = "delete from earlier where instance_no = any($1)";

const PUT_DOCUMENTS: &str = "insert into document (instance_no, format, body) select * from unnest($1, $2, $3) \
     on conflict (instance_no) do update set format = excluded.format, body = excluded.body";

pub(super) const DROP_DOCUMENTS: &str = "delete from document where instance_no = any($1)";

const ERASE_HISTORY: &str = "delete from history where instance_no = any($1)";

const NOT_SUPERSEDED: &str = "delete from history as h using unnest($1, $2) as r(instance_no, revision) \
     where h.instance_no = r.instance_no and h.revision = r.revision and h.event = $3";

static ADD_HISTORY: LazyLock<String> = LazyLock::new(|| {
    format!("insert into history (instance_no, {HISTORY}) select * from unnest({})", placeholders(1, 12))
});

/// Entries that are too many.
pub(super) const CUT_HISTORY: &str = "delete from history as h using unnest($1, $2) as r(instance_no, number) \
     where h.instance_no = r.instance_no and h.number <= r.number";

const COUNT: &str = "update import as i set accepted = i.accepted + c.accepted, unchanged = i.unchanged + c.unchanged, \
     invalid = i.invalid + c.invalid, superseded = i.superseded + c.superseded, delivered = i.delivered + c.delivered, \
     refused = i.refused + c.refused, canceled = i.canceled + c.canceled \
     from unnest($1, $2, $3, $4, $5, $6, $7, $8) as c(import_no, accepted, unchanged, invalid, superseded, delivered, \
     refused, canceled) where i.import_no = c.import_no";

/// Imports are locked in the order of their numbers, behind all instances.
const LOCK_IMPORTS: &str =
    "select 1 from import where import_no = any($1) order by import_no for no key update";

/// Writes changes of different instances. All statements are on the way before the first answer comes.
///
/// # Errors
/// Nothing of the transaction may be committed then; `overtaken` when an instance was made by another one meanwhile.
pub(super) async fn save(
    session: &Session,
    changes: &[(Option<Stored>, Change)],
    changed_tasks: &[TaskChange],
) -> Result<(), Fault> {
    let known = || changes.iter().filter_map(|(before, change)| Some((before.as_ref()?, change)));
    let numbers = |is_meant: fn(&Change) -> bool| -> Vec<i64> {
        known().filter(|(_, change)| is_meant(change)).map(|(before, _)| before.number).collect()
    };
    let counts = counts(changes);
    let (saved, dropped) = (
        numbers(|change| change.earlier == EarlierChange::Save),
        numbers(|change| change.earlier == EarlierChange::Drop),
    );
    let erased = numbers(|change| change.erases_history);
    let without_document = numbers(|change| change.body == BodyChange::Drop);
    let new_events: Vec<_> = changes
        .iter()
        .flat_map(|(_, change)| change.events.iter().map(|event| (&change.record.key.app, event)))
        .map(|(app, event)| (app, events::record_of(event.clone())))
        .collect();
    let forgotten: Vec<_> = changes
        .iter()
        .filter(|(_, change)| change.erases_history)
        .map(|(_, change)| &change.record.key)
        .collect();
    // The order of the statements is that of the list.
    tokio::try_join!(
        biased;
        of_numbers(session, &SAVE_EARLIER, &saved),
        of_numbers(session, ERASE_HISTORY, &erased),
        not_superseded(session, known()),
        update(session, known()),
        insert(session, changes),
        of_numbers(session, DROP_EARLIER, &dropped),
        put_documents(session, known()),
        of_numbers(session, DROP_DOCUMENTS, &without_document),
        of_numbers(session, tasks::DROP, &without_document),
        tasks::save(session, changed_tasks),
        add_history(session, known()),
        cut_history(session, known()),
        events::save(session, &new_events, &forgotten),
        of_numbers(session, cards::FORGET, &erased),
        cards::save(session, known().map(|(before, change)| (before.number, change))),
        lock_imports(session, &counts),
        count(session, &counts),
    )?;
    Ok(())
}

type Known<'a> = (&'a Stored, &'a Change);

async fn of_numbers(session: &Session, sql: &str, numbers: &[i64]) -> Result<(), Fault> {
    if numbers.is_empty() {
        return Ok(());
    }
    session.execute(sql, &[(&numbers, Type::INT8_ARRAY)]).await.map(drop)
}

async fn update(session: &Session, known: impl Iterator<Item = Known<'_>>) -> Result<(), Fault> {
    let changed = known.filter(|(before, change)| before.record != change.record);
    let (numbers, records): (Vec<_>, Vec<_>) =
        changed.map(|(before, change)| (before.number, &change.record)).unzip();
    if numbers.is_empty() {
        return Ok(());
    }
    let columns = columns(&records);
    let mut parameters: Vec<Parameter<'_>> = vec![(&numbers, Type::INT8_ARRAY)];
    parameters.extend(columns.iter().map(Column::parameter));
    session.execute(&UPDATE, &parameters).await.map(drop)
}

async fn insert(session: &Session, changes: &[(Option<Stored>, Change)]) -> Result<(), Fault> {
    let new: Vec<&Change> =
        changes.iter().filter(|(before, _)| before.is_none()).map(|(_, change)| change).collect();
    if new.is_empty() {
        return Ok(());
    }
    let records: Vec<&DeliveryRecord> = new.iter().map(|change| &change.record).collect();
    let bodies: Vec<(&InstanceKey, &Body)> = new
        .iter()
        .filter_map(|change| match &change.body {
            BodyChange::Put(body) => Some((&change.record.key, body)),
            BodyChange::Keep | BodyChange::Drop => None,
        })
        .collect();
    let entries: Vec<(&InstanceKey, &HistoryEntry)> = new
        .iter()
        .flat_map(|change| change.entries.iter().map(|entry| (&change.record.key, entry)))
        .collect();
    let keys = key_columns(records.iter().map(|record| &record.key));
    let columns = columns(&records);
    let body_keys = key_columns(bodies.iter().map(|(key, _)| *key));
    let formats: Vec<i16> = bodies.iter().map(|(_, body)| body.format().into()).collect();
    let bytes = Column::Bytes(bodies.iter().map(|(_, body)| Some(&body.bytes()[..])).collect());
    let entry_keys = key_columns(entries.iter().map(|(key, _)| *key));
    let history = history_columns(&entries.iter().map(|(_, entry)| *entry));
    let mut parameters: Vec<Parameter<'_>> = Vec::with_capacity(COLUMNS.len() + 19);
    parameters.extend(keys.iter().chain(&columns).chain(&body_keys).map(Column::parameter));
    parameters.extend([(&formats as _, Type::INT2_ARRAY), bytes.parameter()]);
    parameters.extend(entry_keys.iter().chain(&history).map(Column::parameter));
    let rows = session.query(&INSERT, &parameters).await?;
    let made: i64 = match rows.first() {
        Some(row) => row.try_get(0).map_err(super::error::classify)?,
        None => 0,
    };
    if made == new.len() as i64 { Ok(()) } else { Err(overtaken()) }
}

fn key_columns<'a>(keys: impl Iterator<Item = &'a InstanceKey> + Clone) -> [Column<'a>; 2] {
    [
        Column::Text(keys.clone().map(|key| Some(key.app.as_str())).collect()),
        Column::Text(keys.map(|key| Some(key.instance_id.as_str())).collect()),
    ]
}

async fn put_documents(session: &Session, known: impl Iterator<Item = Known<'_>>) -> Result<(), Fault> {
    let (mut numbers, mut formats, mut bytes) = (Vec::new(), Vec::<i16>::new(), Vec::new());
    for (before, change) in known {
        if let BodyChange::Put(body) = &change.body {
            numbers.push(before.number);
            formats.push(body.format().into());
            bytes.push(Some(&body.bytes()[..]));
        }
    }
    if numbers.is_empty() {
        return Ok(());
    }
    let bytes = Column::Bytes(bytes);
    let parameters: [Parameter<'_>; 3] =
        [(&numbers, Type::INT8_ARRAY), (&formats, Type::INT2_ARRAY), bytes.parameter()];
    session.execute(PUT_DOCUMENTS, &parameters).await.map(drop)
}

async fn not_superseded(session: &Session, known: impl Iterator<Item = Known<'_>>) -> Result<(), Fault> {
    let (numbers, revisions): (Vec<_>, Vec<_>) =
        known.filter_map(|(before, change)| Some((before.number, signed(change.not_superseded?.0)))).unzip();
    if numbers.is_empty() {
        return Ok(());
    }
    let event = HistoryEvent::Superseded.as_str();
    let parameters: [Parameter<'_>; 3] =
        [(&numbers, Type::INT8_ARRAY), (&revisions, Type::INT8_ARRAY), (&event, Type::TEXT)];
    session.execute(NOT_SUPERSEDED, &parameters).await.map(drop)
}

async fn add_history(session: &Session, known: impl Iterator<Item = Known<'_>>) -> Result<(), Fault> {
    let (numbers, entries): (Vec<_>, Vec<_>) =
        known.flat_map(|(before, change)| change.entries.iter().map(|entry| (before.number, entry))).unzip();
    if numbers.is_empty() {
        return Ok(());
    }
    let columns = history_columns(&entries.iter().copied());
    let mut parameters: Vec<Parameter<'_>> = vec![(&numbers, Type::INT8_ARRAY)];
    parameters.extend(columns.iter().map(Column::parameter));
    session.execute(&ADD_HISTORY, &parameters).await.map(drop)
}

/// The columns of [`HISTORY`].
fn history_columns<'a>(entries: &(impl Iterator<Item = &'a HistoryEntry> + Clone)) -> [Column<'a>; 11] {
    let text = |of: fn(&'a HistoryEntry) -> Option<&'a str>| Column::Text(entries.clone().map(of).collect());
    let number = |of: fn(&'a HistoryEntry) -> i64| {
        Column::Number(entries.clone().map(|entry| Some(of(entry))).collect())
    };
    [
        number(|entry| signed(entry.number)),
        number(|entry| entry.at.unix_millis()),
        text(|entry| Some(entry.event.as_str())),
        number(|entry| signed(entry.revision.0)),
        number(|entry| entry.version.unix_millis()),
        text(|entry| entry.caller.as_deref()),
        text(|entry| entry.request_id.as_deref()),
        text(|entry| entry.problem.as_ref().map(StoredProblem::code)),
        text(|entry| entry.problem.as_ref().map(StoredProblem::json)),
        text(|entry| entry.log_id.as_deref()),
        text(|entry| entry.detail.as_deref()),
    ]
}

async fn cut_history(session: &Session, known: impl Iterator<Item = Known<'_>>) -> Result<(), Fault> {
    let (numbers, outdated): (Vec<_>, Vec<_>) = known
        .filter(|(_, change)| !change.entries.is_empty() && change.record.history_entries > LONGEST_HISTORY)
        .map(|(before, change)| (before.number, signed(change.record.history_entries - LONGEST_HISTORY)))
        .unzip();
    if numbers.is_empty() {
        return Ok(());
    }
    let parameters: [Parameter<'_>; 2] = [(&numbers, Type::INT8_ARRAY), (&outdated, Type::INT8_ARRAY)];
    session.execute(CUT_HISTORY, &parameters).await.map(drop)
}

/// What is counted for each import, added up: a statement changes a row only once.
fn counts(changes: &[(Option<Stored>, Change)]) -> BTreeMap<ImportId, ImportCounts> {
    let mut counts: BTreeMap<ImportId, ImportCounts> = BTreeMap::new();
    for (import, more) in changes.iter().flat_map(|(_, change)| &change.counts) {
        counts.entry(*import).or_default().add(*more);
    }
    counts
}

async fn lock_imports(session: &Session, counts: &BTreeMap<ImportId, ImportCounts>) -> Result<(), Fault> {
    if counts.len() < 2 {
        return Ok(());
    }
    let numbers: Vec<i64> = counts.keys().map(|import| import.0).collect();
    session.query(LOCK_IMPORTS, &[(&numbers, Type::INT8_ARRAY)]).await.map(drop)
}

async fn count(session: &Session, counts: &BTreeMap<ImportId, ImportCounts>) -> Result<(), Fault> {
    if counts.is_empty() {
        return Ok(());
    }
    let mut columns: [Vec<i64>; 8] = Default::default();
    for (import, counts) in counts {
        let ImportCounts { accepted, unchanged, invalid, superseded, delivered, refused, canceled } = *counts;
        let row = [import.0, accepted, unchanged, invalid, superseded, delivered, refused, canceled];
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    let parameters: Vec<Parameter<'_>> =
        columns.iter().map(|column| (column as _, Type::INT8_ARRAY)).collect();
    session.execute(COUNT, &parameters).await.map(drop)
}
