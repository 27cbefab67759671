//! One command inside the writer's transaction: loads what a rule needs, and saves what it gave.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params, params_from_iter};

use super::columns::{self, Reader, all};
use super::error::classify;
use crate::domain::{AppName, Timestamp, Word as _};
use crate::ledger::acceptance::Kept;
use crate::ledger::body::Body;
use crate::ledger::columns::{ColumnReader as _, signed};
use crate::ledger::error::LedgerError;
use crate::ledger::history::{HistoryEntry, LONGEST_HISTORY};
use crate::ledger::import::{ImportCounts, ImportId};
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{DeliveryRecord, InstanceKey};
use crate::ledger::rows::COLUMNS;
use crate::ledger::rules::{BodyChange, Change, EarlierChange};
use crate::ledger::words::HistoryEvent;

/// The writer's transaction, as one command sees it.
pub(super) struct Transaction<'a> {
    /// The writer's connection.
    pub(super) connection: &'a Connection,
    /// When the command runs.
    pub(super) now: Timestamp,
}

/// A record with its number in the database.
pub(super) struct Stored {
    /// The number.
    pub(super) number: i64,
    /// The record.
    pub(super) record: DeliveryRecord,
}

impl Stored {
    /// Reads number, instance id and record, in this order.
    pub(super) fn read(reader: &mut Reader<'_, '_>, app: &AppName) -> Result<Self, LedgerError> {
        let (number, key) = (reader.number()?, InstanceKey::new(app.clone(), reader.text()?));
        Ok(Self { number, record: reader.record(key)? })
    }
}

/// `select` of what [`Stored::read`] reads, with what follows `from instance`.
pub(super) fn select(conditions: &str) -> String {
    format!("select instance_no, instance_id, {} from instance {conditions}", COLUMNS.join(", "))
}

/// The record of an instance.
pub(super) fn record(connection: &Connection, key: &InstanceKey) -> Result<Option<Stored>, LedgerError> {
    let sql = select("where app = ?1 and instance_id = ?2");
    let parameters = params![key.app.as_str(), key.instance_id];
    Ok(all(connection, &sql, parameters, |reader| Stored::read(reader, &key.app))?.pop())
}

/// The document of an instance.
pub(super) fn body(connection: &Connection, number: i64) -> Result<Option<Body>, LedgerError> {
    let sql = "select format, body from document where instance_no = ?1";
    Ok(all(connection, sql, [number], columns::body)?.pop())
}

impl Transaction<'_> {
    /// Executes a statement that returns nothing; gives the number of rows that it changed.
    pub(super) fn execute(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<usize, LedgerError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(parameters))
            .map_err(classify)
    }

    /// The record of an instance.
    pub(super) fn record(&self, key: &InstanceKey) -> Result<Option<Stored>, LedgerError> {
        record(self.connection, key)
    }

    /// The document of an instance.
    pub(super) fn body(&self, number: i64) -> Result<Option<Body>, LedgerError> {
        body(self.connection, number)
    }

    /// What an import took the place of.
    pub(super) fn earlier(&self, number: i64, key: &InstanceKey) -> Result<Option<Kept>, LedgerError> {
        let sql = format!("select format, body, {} from earlier where instance_no = ?1", COLUMNS.join(", "));
        let read = |reader: &mut Reader<'_, '_>| {
            let body = columns::body(reader)?;
            Ok(Kept { record: reader.record(key.clone())?, body })
        };
        Ok(all(self.connection, &sql, [number], read)?.pop())
    }

    /// Writes a change of the instance that was loaded before, or of a new one.
    pub(super) fn write(&self, before: Option<&Stored>, change: &Change) -> Result<(), LedgerError> {
        // What counts for an import comes first: the instance may name it.
        for (import, counts) in &change.counts {
            self.count(*import, *counts)?;
        }
        let number = before.map(|before| before.number);
        if let (Some(number), EarlierChange::Save) = (number, &change.earlier) {
            self.save_earlier(number)?;
        }
        let number = match before {
            Some(before) => self.update(before, &change.record)?,
            None => self.insert(&change.record)?,
        };
        if change.earlier == EarlierChange::Drop && before.is_some() {
            self.execute("delete from earlier where instance_no = ?1", [number])?;
        }
        match &change.body {
            BodyChange::Keep => {}
            BodyChange::Put(body) => {
                self.execute(
                    "insert into document values (?1, ?2, ?3) on conflict do update set format = ?2, body = ?3",
                    params![number, body.format(), &body.bytes()[..]],
                )?;
            }
            BodyChange::Drop => {
                self.execute("delete from document where instance_no = ?1", [number])?;
                self.execute("delete from task where instance_no = ?1", [number])?;
            }
        }
        if let Some(tasks) = &change.tasks {
            self.write_tasks(number, tasks, change.record.revision)?;
        }
        self.write_history(number, change)?;
        if change.erases_history {
            self.forget_events(&change.record.key)?;
            self.forget_cards(number)?;
        }
        for card in &change.cards {
            self.write_card(&change.record.key, number, card)?;
        }
        for event in &change.events {
            self.add_event(&change.record.key.app, event)?;
        }
        Ok(())
    }

    fn insert(&self, record: &DeliveryRecord) -> Result<i64, LedgerError> {
        let sql = format!(
            "insert into instance (app, instance_id, {}) values ({})",
            COLUMNS.join(", "),
            vec!["?"; COLUMNS.len() + 2].join(", ")
        );
        let key = [
            ValueRef::Text(record.key.app.as_str().as_bytes()),
            ValueRef::Text(record.key.instance_id.as_bytes()),
        ];
        let values = key.into_iter().chain(columns::values(record)).map(ToSqlOutput::Borrowed);
        self.execute(&sql, params_from_iter(values))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Writes the columns that differ: an index of a column that is written is written, too.
    fn update(&self, before: &Stored, record: &DeliveryRecord) -> Result<i64, LedgerError> {
        let (old, new) = (columns::values(&before.record), columns::values(record));
        let changed = || (0..COLUMNS.len()).filter(|&column| old[column] != new[column]);
        let set: Vec<String> = changed().map(|column| format!("{} = ?", COLUMNS[column])).collect();
        if !set.is_empty() {
            let sql = format!("update instance set {} where instance_no = ?", set.join(", "));
            let values = changed().map(|column| new[column]).chain([ValueRef::Integer(before.number)]);
            self.execute(&sql, params_from_iter(values.map(ToSqlOutput::Borrowed)))?;
        }
        Ok(before.number)
    }

    fn save_earlier(&self, number: i64) -> Result<(), LedgerError> {
        let columns = COLUMNS.join(", ");
        let sql = format!(
            "insert or replace into earlier (instance_no, {columns}, format, body) \
             select instance_no, {columns}, format, body from instance join document using (instance_no) \
             where instance_no = ?1"
        );
        self.execute(&sql, [number]).map(drop)
    }

    fn write_history(&self, number: i64, change: &Change) -> Result<(), LedgerError> {
        if change.erases_history {
            self.execute("delete from history where instance_no = ?1", [number])?;
        }
        if let Some(revision) = change.not_superseded {
            let event = HistoryEvent::Superseded.as_str();
            self.execute(
                "delete from history where instance_no = ?1 and revision = ?2 and event = ?3",
                params![number, signed(revision.0), event],
            )?;
        }
        for entry in &change.entries {
            let HistoryEntry {
                number: entry_no,
                at,
                event,
                revision,
                version,
                caller,
                request_id,
                problem,
                log_id,
                detail,
            } = entry;
            let parameters: [&dyn ToSql; 12] = [
                &number,
                &signed(*entry_no),
                &at.unix_millis(),
                &event.as_str(),
                &signed(revision.0),
                &version.unix_millis(),
                caller,
                request_id,
                &problem.as_ref().map(StoredProblem::code),
                &problem.as_ref().map(StoredProblem::json),
                log_id,
                detail,
            ];
            self.execute("insert into history values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", &parameters[..])?;
        }
        let outdated = change.record.history_entries.saturating_sub(LONGEST_HISTORY);
        if outdated > 0 && !change.entries.is_empty() {
            self.execute(
                "delete from history where instance_no = ?1 and number <= ?2",
                params![number, signed(outdated)],
            )?;
        }
        Ok(())
    }

    fn count(&self, import: ImportId, counts: ImportCounts) -> Result<(), LedgerError> {
        let ImportCounts { accepted, unchanged, invalid, superseded, delivered, refused, canceled } = counts;
        self.execute(
            "update import set accepted = accepted + ?2, unchanged = unchanged + ?3, invalid = invalid + ?4, \
             superseded = superseded + ?5, delivered = delivered + ?6, refused = refused + ?7, \
             canceled = canceled + ?8 where import_no = ?1",
            [import.0, accepted, unchanged, invalid, superseded, delivered, refused, canceled],
        )
        .map(drop)
    }
}
