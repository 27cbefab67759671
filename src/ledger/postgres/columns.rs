//! Records as rows and as columns: one list of columns for reading and for writing many at once.

use bytes::BytesMut;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::error::{Fault, classify};
use super::session::Parameter;
use crate::domain::{Timestamp, Word};
use crate::ledger::columns::{ColumnReader, signed};
use crate::ledger::delivered_tasks::OpenTasks;
use crate::ledger::kept_people::KeptPeople;
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::DeliveryRecord;

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
        Column::Bytes(
            records.iter().map(|record| record.open_tasks.as_ref().map(OpenTasks::bytes)).collect(),
        ),
        Column::Bytes(records.iter().map(|record| record.people.as_ref().map(KeptPeople::bytes)).collect()),
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
}

impl ColumnReader for Reader<'_> {
    type Error = Fault;

    fn optional_text(&mut self) -> Result<Option<String>, Fault> {
        self.value()
    }

    fn optional_number(&mut self) -> Result<Option<i64>, Fault> {
        self.value()
    }

    fn optional_bytes(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        self.value()
    }

    fn flag(&mut self) -> Result<bool, Fault> {
        self.value()
    }
}
