//! Records as rows: one list of columns for reading, inserting and comparing.

use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, Params, Row};

use super::error::classify;
use crate::domain::{AppName, Timestamp, Word};
use crate::ledger::body::Body;
use crate::ledger::columns::{ColumnReader, signed};
use crate::ledger::error::LedgerError;
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::DeliveryRecord;
use crate::ledger::rows::COLUMNS;

/// The values of a record, in the order of [`COLUMNS`].
pub(super) fn values(record: &DeliveryRecord) -> [ValueRef<'_>; COLUMNS.len()] {
    let problem = record.problem.as_ref();
    let attempt = record.sent.map(|sent| sent.attempt);
    [
        text(&record.approval_code),
        text(record.status.as_str()),
        flag(record.is_whole),
        text(record.mode.as_str()),
        number(record.revision.0),
        time(record.version),
        time(record.clock),
        record.hash.as_ref().map_or(ValueRef::Null, |hash| ValueRef::Blob(&hash.0)),
        time(record.accepted_at),
        optional_text(record.caller.as_deref()),
        text(record.lane.class()),
        record.lane.import().map_or(ValueRef::Null, |import| ValueRef::Integer(import.0)),
        optional_text(record.state.map(Word::as_str)),
        optional_time(record.due_at),
        optional_time(record.pending_since),
        number(record.attempts.into()),
        optional_time(record.failing_since),
        optional_text(problem.map(StoredProblem::code)),
        optional_text(problem.map(StoredProblem::json)),
        attempt.map_or(ValueRef::Null, |attempt| number(attempt.revision.0)),
        optional_time(attempt.map(|attempt| attempt.version)),
        optional_time(record.sent.map(|sent| sent.at)),
        record.open_tasks.as_ref().map_or(ValueRef::Null, |open| ValueRef::Blob(open.bytes())),
        record.people.as_ref().map_or(ValueRef::Null, |people| ValueRef::Blob(people.bytes())),
        optional_text(record.log_id.as_deref()),
        optional_time(record.confirmed_at),
        optional_time(record.check_at),
        number(record.checks.into()),
        optional_time(record.doubt_at),
        number(record.drifts.into()),
        optional_time(record.drifts_since),
        flag(record.is_repair),
        flag(record.is_promised),
        flag(record.has_document),
        optional_time(record.settled_at),
        number(record.history_entries),
    ]
}

/// Reads the columns of a row one after the other.
pub(super) struct Reader<'a, 'r> {
    row: &'a Row<'r>,
    next: usize,
}

impl<'a, 'r> Reader<'a, 'r> {
    /// From the first column on.
    pub(super) fn new(row: &'a Row<'r>) -> Self {
        Self { row, next: 0 }
    }

    fn value<T: FromSql>(&mut self) -> Result<T, LedgerError> {
        self.next += 1;
        self.row.get(self.next - 1).map_err(classify)
    }
}

impl ColumnReader for Reader<'_, '_> {
    type Error = LedgerError;

    fn optional_text(&mut self) -> Result<Option<String>, LedgerError> {
        self.value()
    }

    fn optional_number(&mut self) -> Result<Option<i64>, LedgerError> {
        self.value()
    }

    fn optional_bytes(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        self.value()
    }

    fn flag(&mut self) -> Result<bool, LedgerError> {
        self.value()
    }
}

/// Reads all rows that a statement gives.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl Fn(&mut Reader<'_, '_>) -> Result<T, LedgerError>,
) -> Result<Vec<T>, LedgerError> {
    let mut statement = connection.prepare_cached(sql).map_err(classify)?;
    let mut rows = statement.query(parameters).map_err(classify)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(classify)? {
        found.push(read(&mut Reader::new(row))?);
    }
    Ok(found)
}

/// How many rows of an app one statement counts, and the time that another one finds.
pub(super) fn count_and_oldest(
    connection: &Connection,
    app: &AppName,
    count: &str,
    oldest: &str,
) -> Result<(u64, Option<Timestamp>), LedgerError> {
    let count = all(connection, count, [app.as_str()], |reader| reader.count())?.pop();
    let oldest = all(connection, oldest, [app.as_str()], |reader| reader.time())?.pop();
    Ok((count.unwrap_or(0), oldest))
}

/// Reads format and bytes of a document.
pub(super) fn body(reader: &mut Reader<'_, '_>) -> Result<Body, LedgerError> {
    Ok(Body::stored(reader.value()?, reader.value::<Vec<u8>>()?))
}

fn text(text: &str) -> ValueRef<'_> {
    ValueRef::Text(text.as_bytes())
}

fn optional_text(value: Option<&str>) -> ValueRef<'_> {
    value.map_or(ValueRef::Null, text)
}

fn time(time: Timestamp) -> ValueRef<'static> {
    ValueRef::Integer(time.unix_millis())
}

fn optional_time(at: Option<Timestamp>) -> ValueRef<'static> {
    at.map_or(ValueRef::Null, time)
}

fn flag(is_set: bool) -> ValueRef<'static> {
    ValueRef::Integer(is_set.into())
}

fn number(number: u64) -> ValueRef<'static> {
    ValueRef::Integer(signed(number))
}
