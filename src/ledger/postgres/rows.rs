//! The rows of a database, to be carried to another one, and an empty database that is filled with them.

use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::columns::Column;
use super::error::{Fault, classify};
use super::leases::is_alive;
use super::open::{self, OpenError};
use super::session::{Parameter, Session};
use super::settings::{Place, PostgresSettings};
use super::time::StoreClock;
use crate::domain::Timestamp;
use crate::ledger::lease::LEASE_TIME;
use crate::ledger::rows::{Kind, NEVER, PAGE, Table, Value, tables};
use crate::support::clock::Clock;

/// Nobody writes to the tables while they are carried.
const READ_ALONE: &str = "share";

/// Nobody else has the tables while they are filled.
const WRITE_ALONE: &str = "access exclusive";

/// Locks all that is carried, or fails.
fn lock(mode: &str) -> String {
    let names: Vec<_> = tables().iter().map(|table| table.name).collect();
    format!("lock table {} in {mode} mode nowait", names.join(", "))
}

/// Whether there is anything in what is carried.
fn is_filled() -> String {
    let any: Vec<_> = tables().iter().map(|table| format!("exists (select 1 from {})", table.name)).collect();
    format!("select {}", any.join(" or "))
}

/// What is to be pushed, or was, is asked about first.
const CHECK_FIRST: &str = "update instance set check_at = $1, due_at = case when due_at is null then null else $2 end \
     where has_document and state in ('pending', 'delivered', 'confirmed')";

/// A database that is read while no gateway works with it.
pub(in crate::ledger) struct RowReader {
    place: Place,
    session: Session,
}

impl RowReader {
    /// Opens it; `None` when a gateway works with it.
    pub(in crate::ledger) async fn open(settings: &PostgresSettings) -> Result<Option<Self>, OpenError> {
        let (place, mut session) = open::connect(settings).await?;
        open::require_ledger(&session, &place).await?;
        let failed = |fault| open::failed(&place, fault);
        // What is locked before the first question is what every question sees.
        session.execute_all("begin isolation level repeatable read").await.map_err(failed)?;
        session.wait_without_end().await.map_err(failed)?;
        session.execute_all(&lock(READ_ALONE)).await.map_err(failed)?;
        let is_used = is_used(&session).await.map_err(failed)?;
        Ok((!is_used).then_some(Self { place, session }))
    }

    /// The rows of a table behind a key; from the beginning without one.
    pub(in crate::ledger) async fn page(
        &self,
        table: &Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Vec<Value>>, OpenError> {
        self.read(table, after).await.map_err(|fault| open::failed(&self.place, fault))
    }

    async fn read(&self, table: &Table, after: Option<&[Value]>) -> Result<Vec<Vec<Value>>, Fault> {
        let (names, key) = (table.names(), table.key_names());
        let places =
            |count: usize| (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
        let behind = after
            .map_or_else(String::new, |key_values| format!("where ({key}) > ({})", places(key_values.len())));
        let sql = format!("select {names} from {} {behind} order by {key} limit {PAGE}", table.name);
        let parameters: Vec<Parameter<'_>> = after.into_iter().flatten().map(parameter).collect();
        let rows = self.session.query(&sql, &parameters).await?;
        rows.iter().map(|row| values(table, row)).collect()
    }

    /// The highest number that an import ever had.
    pub(in crate::ledger) async fn last_import(&self) -> Result<i64, OpenError> {
        let sql = "select coalesce((select last_value from pg_sequences where schemaname = current_schema() \
             and sequencename = 'import_import_no_seq'), 0)";
        let failed = |fault| open::failed(&self.place, fault);
        let rows = self.session.query(sql, &[]).await.map_err(failed)?;
        rows.first().map_or(Ok(0), |row| row.try_get(0).map_err(|error| failed(classify(error))))
    }

    /// Lets others write again.
    pub(in crate::ledger) async fn close(self) {
        self.session.roll_back(true).await;
    }
}

/// Whether a gateway works with the database: one was heard of, or is connected.
async fn is_used(session: &Session) -> Result<bool, Fault> {
    let sql = format!(
        "select exists (select 1 from replica where {}) \
         or exists (select 1 from pg_stat_activity where datname = current_database() \
         and application_name = $2 and pid <> pg_backend_pid())",
        is_alive("$1")
    );
    let (lasts, name) = (LEASE_TIME.as_millis() as f64, super::connect::APPLICATION_NAME);
    let rows = session.query(&sql, &[(&lasts, Type::FLOAT8), (&name, Type::TEXT)]).await?;
    rows.first().map_or(Ok(true), |row| row.try_get(0).map_err(classify))
}

/// An empty database that is filled, in one transaction.
pub(in crate::ledger) struct RowWriter {
    place: Place,
    session: Session,
}

impl RowWriter {
    /// Makes its tables, if need be; `None` when something is in them, or a gateway works with them.
    pub(in crate::ledger) async fn open(settings: &PostgresSettings) -> Result<Option<Self>, OpenError> {
        let place = Place::of(&settings.connection);
        let opened = open::open(settings, &StoreClock::new(Clock::System)).await?;
        opened.read.close();
        let failed = |fault| open::failed(&place, fault);
        let mut session = Session::open(&opened.write).await.map_err(failed)?;
        session.begin().await.map_err(failed)?;
        session.wait_without_end().await.map_err(failed)?;
        session.execute_all(&lock(WRITE_ALONE)).await.map_err(failed)?;
        let rows = session.query(&is_filled(), &[]).await.map_err(failed)?;
        let is_filled = rows.first().is_none_or(|row| row.try_get(0).unwrap_or(true));
        if is_filled || is_used(&session).await.map_err(failed)? {
            session.roll_back(true).await;
            return Ok(None);
        }
        Ok(Some(Self { place, session }))
    }

    /// Adds rows to a table.
    pub(in crate::ledger) async fn add(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), OpenError> {
        self.insert(table, rows).await.map_err(|fault| open::failed(&self.place, fault))
    }

    async fn insert(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), Fault> {
        let columns: Vec<Column<'_>> =
            table.columns.iter().enumerate().map(|(index, (_, kind))| column(*kind, rows, index)).collect();
        let places: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        let sql = format!(
            "insert into {} ({}) select * from unnest({})",
            table.name,
            table.names(),
            places.join(", ")
        );
        let parameters: Vec<Parameter<'_>> = columns.iter().map(Column::parameter).collect();
        self.session.execute(&sql, &parameters).await.map(drop)
    }

    /// Lets everything be checked before it is pushed, and keeps it.
    pub(in crate::ledger) async fn finish(self, last_import: i64, now: Timestamp) -> Result<(), OpenError> {
        let Self { place, session } = self;
        let failed = |fault| open::failed(&place, fault);
        let now = now.unix_millis();
        session.execute(CHECK_FIRST, &[(&now, Type::INT8), (&NEVER, Type::INT8)]).await.map_err(failed)?;
        for (table, key) in [("instance", "instance_no"), ("event", "event_no"), ("card", "card_no")] {
            let sequence = format!("pg_get_serial_sequence('{table}', '{key}')");
            let sql = format!("select setval({sequence}, greatest(max({key}), 1)) from {table}");
            session.query(&sql, &[]).await.map_err(failed)?;
        }
        if last_import > 0 {
            let sql = "select setval(pg_get_serial_sequence('import', 'import_no'), $1)";
            session.query(sql, &[(&last_import, Type::INT8)]).await.map_err(failed)?;
        }
        session.commit().await.map_err(failed)
    }
}

fn parameter(value: &Value) -> Parameter<'_> {
    const NOTHING: &Option<i64> = &None;
    match value {
        Value::Null => (NOTHING, Type::INT8),
        Value::Number(number) => (number, Type::INT8),
        Value::Flag(flag) => (flag, Type::BOOL),
        Value::Text(text) => (text as &(dyn ToSql + Sync), Type::TEXT),
        Value::Bytes(bytes) => (bytes, Type::BYTEA),
    }
}

fn values(table: &Table, row: &Row) -> Result<Vec<Value>, Fault> {
    let value = |(index, (_, kind)): (usize, &(&str, Kind))| {
        Ok(match kind {
            Kind::Number => row.try_get::<_, Option<i64>>(index)?.map(Value::Number),
            Kind::Small => row.try_get::<_, Option<i16>>(index)?.map(|small| Value::Number(small.into())),
            Kind::Flag => row.try_get::<_, Option<bool>>(index)?.map(Value::Flag),
            Kind::Text => row.try_get::<_, Option<String>>(index)?.map(Value::Text),
            Kind::Bytes => row.try_get::<_, Option<Vec<u8>>>(index)?.map(Value::Bytes),
        }
        .unwrap_or(Value::Null))
    };
    table.columns.iter().enumerate().map(value).collect::<Result<_, _>>().map_err(classify)
}

/// One column of rows; a value of another kind than the column's is none.
fn column(kind: Kind, rows: &[Vec<Value>], index: usize) -> Column<'_> {
    let of = rows.iter().map(move |row| &row[index]);
    match kind {
        Kind::Number => Column::Number(of.map(number).collect()),
        Kind::Small => Column::Small(of.map(|value| number(value).and_then(|n| n.try_into().ok())).collect()),
        Kind::Flag => Column::Flag(of.map(|value| *value == Value::Flag(true)).collect()),
        Kind::Text => Column::Text(
            of.map(|value| if let Value::Text(text) = value { Some(text.as_str()) } else { None }).collect(),
        ),
        Kind::Bytes => Column::Bytes(
            of.map(|value| if let Value::Bytes(bytes) = value { Some(&bytes[..]) } else { None }).collect(),
        ),
    }
}

fn number(value: &Value) -> Option<i64> {
    if let Value::Number(number) = value { Some(*number) } else { None }
}
