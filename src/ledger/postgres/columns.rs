//! Records as rows and as columns: one list of columns for reading and for writing many at once.

use bytes::BytesMut;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::error::{Fault, classify};
use super::session::Parameter;
use crate::domain::{AppName, InstanceStatus, Mode, Timestamp, Word};
use crate::ledger::error::LedgerError;
use crate::ledger::import::ImportId;
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{Attempt, ContentHash, DeliveryRecord, InstanceKey, Lane, Revision, Sent};

/// One column of several rows.
#[derive(Debug)]
pub(super) enum Column<'a> {
    Text(Vec<Option<&'a str>>),
    Number(Vec<Option<i64>>),
    Small(Vec<Option<i16>>),
    Flag(Vec<bool>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl Column<'_> {
    fn of_type(&self) -> Type {
        match self {
            Self::Text(_) => Type::TEXT_ARRAY,
            Self::Number(_) => Type::INT8_ARRAY,
            Self::Small(_) => Type::INT2_ARRAY,
            Self::Flag(_) => Type::BOOL_ARRAY,
            Self::Bytes(_) => Type::BYTEA_ARRAY,
        }
    }

    /// The column as a parameter.
    pub(super) fn parameter(&self) -> Parameter<'_> {
        (self, self.of_type())
    }
}

impl ToSql for Column<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Text(values) => values.to_sql(ty, out),
            Self::Number(values) => values.to_sql(ty, out),
            Self::Small(values) => values.to_sql(ty, out),
            Self::Flag(values) => values.to_sql(ty, out),
            Self::Bytes(values) => values.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::TEXT_ARRAY, Type::INT8_ARRAY, Type::INT2_ARRAY, Type::BOOL_ARRAY, Type::BYTEA_ARRAY]
            .contains(ty)
    }

    to_sql_checked!();
}

/// The values of records, column by column, in the order of `COLUMNS`.
pub(super) fn columns<'a>(records: &[&'a DeliveryRecord]) -> Vec<Column<'a>> {
    fn text<'a>(
        records: &[&'a DeliveryRecord],
        of: impl Fn(&'a DeliveryRecord) -> Option<&'a str>,
    ) -> Column<'a> {
        Column::Text(records.iter().map(|record| of(record)).collect())
    }
    let number = |of: &dyn Fn(&DeliveryRecord) -> Option<i64>| {
        Column::Number(records.iter().map(|record| of(record)).collect())
    };
    let time = |of: &dyn Fn(&DeliveryRecord) -> Option<Timestamp>| {
        Column::Number(records.iter().map(|record| of(record).map(Timestamp::unix_millis)).collect())
    };
    let flag =
        |of: fn(&DeliveryRecord) -> bool| Column::Flag(records.iter().map(|record| of(record)).collect());
    let attempt = |record: &DeliveryRecord| record.sent.map(|sent| sent.attempt);
    vec![
        text(records, |record| Some(&record.approval_code)),
        text(records, |record| Some(record.status.as_str())),
        flag(|record| record.is_whole),
        text(records, |record| Some(record.mode.as_str())),
        number(&|record| Some(signed(record.revision.0))),
        time(&|record| Some(record.version)),
        time(&|record| Some(record.clock)),
        Column::Bytes(records.iter().map(|record| record.hash.as_ref().map(|hash| &hash.0[..])).collect()),
        time(&|record| Some(record.accepted_at)),
        text(records, |record| record.caller.as_deref()),
        text(records, |record| Some(record.lane.class())),
        number(&|record| record.lane.import().map(|import| import.0)),
        text(records, |record| record.state.map(Word::as_str)),
        time(&|record| record.due_at),
        time(&|record| record.pending_since),
        number(&|record| Some(record.attempts.into())),
        time(&|record| record.failing_since),
        text(records, |record| record.problem.as_ref().map(StoredProblem::code)),
        text(records, |record| record.problem.as_ref().map(StoredProblem::json)),
        number(&|record| attempt(record).map(|attempt| signed(attempt.revision.0))),
        time(&|record| attempt(record).map(|attempt| attempt.version)),
        time(&|record| record.sent.map(|sent| sent.at)),
        text(records, |record| record.log_id.as_deref()),
        time(&|record| record.confirmed_at),
        time(&|record| record.check_at),
        number(&|record| Some(record.checks.into())),
        time(&|record| record.doubt_at),
        number(&|record| Some(record.drifts.into())),
        time(&|record| record.drifts_since),
        flag(|record| record.is_repair),
        flag(|record| record.is_promised),
        flag(|record| record.has_document),
        time(&|record| record.settled_at),
        number(&|record| Some(signed(record.history_entries))),
    ]
}

/// Reads a record from the columns that come next.
pub(super) fn record(reader: &mut Reader<'_>, key: InstanceKey) -> Result<DeliveryRecord, Fault> {
    Ok(DeliveryRecord {
        key,
        approval_code: reader.value()?,
        status: reader.word::<InstanceStatus>()?,
        is_whole: reader.value()?,
        mode: reader.word::<Mode>()?,
        revision: Revision(reader.count()?),
        version: reader.time()?,
        clock: reader.time()?,
        hash: reader.hash()?,
        accepted_at: reader.time()?,
        caller: reader.value()?,
        lane: reader.lane()?,
        state: reader.optional_word()?,
        due_at: reader.optional_time()?,
        pending_since: reader.optional_time()?,
        attempts: reader.small_count()?,
        failing_since: reader.optional_time()?,
        problem: reader.problem()?,
        sent: reader.sent()?,
        log_id: reader.value()?,
        confirmed_at: reader.optional_time()?,
        check_at: reader.optional_time()?,
        checks: reader.small_count()?,
        doubt_at: reader.optional_time()?,
        drifts: reader.small_count()?,
        drifts_since: reader.optional_time()?,
        is_repair: reader.value()?,
        is_promised: reader.value()?,
        has_document: reader.value()?,
        settled_at: reader.optional_time()?,
        history_entries: reader.count()?,
    })
}

/// Reads the columns of a row one after the other.
pub(super) struct Reader<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Reader<'a> {
    /// From the first column on.
    pub(super) fn new(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn value<T: FromSql<'a>>(&mut self) -> Result<T, Fault> {
        self.next += 1;
        self.row.try_get(self.next - 1).map_err(classify)
    }

    pub(super) fn count(&mut self) -> Result<u64, Fault> {
        stored_count(self.value()?)
    }

    fn small_count(&mut self) -> Result<u32, Fault> {
        u32::try_from(self.value::<i64>()?).map_err(|_| unreadable("count"))
    }

    /// A number that the API bounds to 32 bits.
    pub(super) fn optional_small_count(&mut self) -> Result<Option<u32>, Fault> {
        let number: Option<i64> = self.value()?;
        number.map(|number| u32::try_from(number).map_err(|_| unreadable("count"))).transpose()
    }

    pub(super) fn optional_word<W: Word>(&mut self) -> Result<Option<W>, Fault> {
        let word: Option<&str> = self.value()?;
        word.map(|word| W::parse(word).ok_or_else(|| unreadable(W::NAME))).transpose()
    }

    pub(super) fn word<W: Word>(&mut self) -> Result<W, Fault> {
        self.optional_word()?.ok_or_else(|| unreadable(W::NAME))
    }

    pub(super) fn optional_time(&mut self) -> Result<Option<Timestamp>, Fault> {
        let millis: Option<i64> = self.value()?;
        millis.map(stored_time).transpose()
    }

    pub(super) fn time(&mut self) -> Result<Timestamp, Fault> {
        stored_time(self.value()?)
    }

    pub(super) fn problem(&mut self) -> Result<Option<StoredProblem>, Fault> {
        let (code, json): (Option<String>, Option<String>) = (self.value()?, self.value()?);
        Ok(code.zip(json).map(|(code, json)| StoredProblem::new(code, json)))
    }

    pub(super) fn app(&mut self) -> Result<AppName, Fault> {
        self.value::<&str>()?.parse().map_err(|_| unreadable("app"))
    }

    fn hash(&mut self) -> Result<Option<ContentHash>, Fault> {
        let hash: Option<&[u8]> = self.value()?;
        let hash = hash.map(|bytes| bytes.try_into().map(ContentHash)).transpose();
        hash.map_err(|_| unreadable("hash"))
    }

    fn lane(&mut self) -> Result<Lane, Fault> {
        let (class, import): (&str, Option<i64>) = (self.value()?, self.value()?);
        match (class, import) {
            ("interactive", None) => Ok(Lane::Interactive),
            ("repair", None) => Ok(Lane::Repair),
            ("import", Some(import)) => Ok(Lane::Import(ImportId(import))),
            _ => Err(unreadable("class")),
        }
    }

    fn sent(&mut self) -> Result<Option<Sent>, Fault> {
        let revision: Option<i64> = self.value()?;
        let revision = revision.map(stored_count).transpose()?;
        let (version, at) = (self.optional_time()?, self.optional_time()?);
        Ok(revision.zip(version).zip(at).map(|((revision, version), at)| {
            let attempt = Attempt { revision: Revision(revision), version };
            Sent { attempt, at }
        }))
    }
}

/// A value that has no meaning to this program.
pub(super) fn unreadable(what: &'static str) -> Fault {
    LedgerError::Unreadable { what }.into()
}

/// A time as it was stored.
pub(super) fn stored_time(millis: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_unix_millis(millis).ok_or_else(|| unreadable("time"))
}

fn stored_count(count: i64) -> Result<u64, Fault> {
    u64::try_from(count).map_err(|_| unreadable("count"))
}

/// A count as PostgreSQL stores it.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
