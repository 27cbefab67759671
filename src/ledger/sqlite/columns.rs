//! Records as rows: one list of columns for reading, inserting and comparing.

use rusqlite::Row;
use rusqlite::types::{FromSql, ValueRef};

use super::error::classify;
use crate::domain::{AppName, InstanceStatus, Mode, Timestamp, Word};
use crate::ledger::error::LedgerError;
use crate::ledger::import::ImportId;
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{Attempt, ContentHash, DeliveryRecord, InstanceKey, Lane, Revision, Sent};
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

/// Reads a record whose columns begin with this one.
pub(super) fn record(row: &Row<'_>, key: InstanceKey, first: usize) -> Result<DeliveryRecord, LedgerError> {
    let mut reader = Reader { row, next: first };
    let reader = &mut reader;
    Ok(DeliveryRecord {
        key,
        approval_code: reader.value()?,
        status: reader.word::<InstanceStatus>()?,
        is_whole: reader.value()?,
        mode: reader.word::<Mode>()?,
        revision: Revision(reader.count()?),
        version: reader.time()?,
        clock: reader.time()?,
        hash: reader.value::<Option<[u8; 32]>>()?.map(ContentHash),
        accepted_at: reader.time()?,
        caller: reader.value()?,
        lane: reader.lane()?,
        state: reader.optional_word()?,
        due_at: reader.optional_time()?,
        pending_since: reader.optional_time()?,
        attempts: reader.value()?,
        failing_since: reader.optional_time()?,
        problem: reader.problem()?,
        sent: reader.sent()?,
        log_id: reader.value()?,
        confirmed_at: reader.optional_time()?,
        check_at: reader.optional_time()?,
        checks: reader.value()?,
        doubt_at: reader.optional_time()?,
        drifts: reader.value()?,
        drifts_since: reader.optional_time()?,
        is_repair: reader.value()?,
        is_promised: reader.value()?,
        has_document: reader.value()?,
        settled_at: reader.optional_time()?,
        history_entries: reader.count()?,
    })
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

    pub(super) fn value<T: FromSql>(&mut self) -> Result<T, LedgerError> {
        self.next += 1;
        self.row.get(self.next - 1).map_err(classify)
    }

    pub(super) fn count(&mut self) -> Result<u64, LedgerError> {
        stored_count(self.value()?)
    }

    pub(super) fn optional_word<W: Word>(&mut self) -> Result<Option<W>, LedgerError> {
        self.next += 1;
        let value = self.row.get_ref(self.next - 1).map_err(classify)?;
        let unreadable = LedgerError::Unreadable { what: W::NAME };
        match value.as_str_or_null() {
            Ok(None) => Ok(None),
            Ok(Some(word)) => W::parse(word).map(Some).ok_or(unreadable),
            Err(_) => Err(unreadable),
        }
    }

    pub(super) fn word<W: Word>(&mut self) -> Result<W, LedgerError> {
        self.optional_word()?.ok_or(LedgerError::Unreadable { what: W::NAME })
    }

    pub(super) fn optional_time(&mut self) -> Result<Option<Timestamp>, LedgerError> {
        let millis: Option<i64> = self.value()?;
        millis.map(stored_time).transpose()
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, LedgerError> {
        stored_time(self.value()?)
    }

    pub(super) fn problem(&mut self) -> Result<Option<StoredProblem>, LedgerError> {
        let (code, json): (Option<String>, Option<String>) = (self.value()?, self.value()?);
        Ok(code.zip(json).map(|(code, json)| StoredProblem::new(code, json)))
    }

    fn lane(&mut self) -> Result<Lane, LedgerError> {
        let (class, import): (String, Option<i64>) = (self.value()?, self.value()?);
        match (class.as_str(), import) {
            ("interactive", None) => Ok(Lane::Interactive),
            ("repair", None) => Ok(Lane::Repair),
            ("import", Some(import)) => Ok(Lane::Import(ImportId(import))),
            _ => Err(LedgerError::Unreadable { what: "class" }),
        }
    }

    fn sent(&mut self) -> Result<Option<Sent>, LedgerError> {
        let revision: Option<i64> = self.value()?;
        let revision = revision.map(stored_count).transpose()?;
        let (version, at) = (self.optional_time()?, self.optional_time()?);
        Ok(revision.zip(version).zip(at).map(|((revision, version), at)| {
            let attempt = Attempt { revision: Revision(revision), version };
            Sent { attempt, at }
        }))
    }
}

/// A time as it was stored.
pub(super) fn stored_time(millis: i64) -> Result<Timestamp, LedgerError> {
    Timestamp::from_unix_millis(millis).ok_or(LedgerError::Unreadable { what: "time" })
}

fn stored_count(count: i64) -> Result<u64, LedgerError> {
    u64::try_from(count).map_err(|_| LedgerError::Unreadable { what: "count" })
}

/// The key of an instance of this app.
pub(super) fn key(app: &AppName, row: &Row<'_>, column: usize) -> Result<InstanceKey, LedgerError> {
    Ok(InstanceKey::new(app.clone(), row.get::<_, String>(column).map_err(classify)?))
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

/// A count as SQLite stores it.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
