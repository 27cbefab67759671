//! The rows of a database, to be carried to another one, and a new database that is made of them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::types::{Type, Value as Stored};
use rusqlite::{Connection, Row, params_from_iter};

use super::open::{self, OpenError, beside};
use crate::domain::Timestamp;
use crate::ledger::rows::{Kind, NEVER, PAGE, Table, Value};

/// A database that is read while nobody else has it open.
pub(in crate::ledger) struct RowReader {
    path: PathBuf,
    connection: Connection,
    _lock: File,
}

impl RowReader {
    /// Opens it for nobody else.
    pub(in crate::ledger) fn open(path: &Path) -> Result<Self, OpenError> {
        if open::is_to_be_made(path)? {
            let source = io::Error::from(io::ErrorKind::NotFound);
            return Err(OpenError::Io { path: path.to_owned(), source });
        }
        let opened = open::open(path)?;
        Ok(Self { path: path.to_owned(), connection: opened.connection, _lock: opened.lock })
    }

    /// The rows of a table behind a key; from the beginning without one.
    pub(in crate::ledger) fn page(
        &self,
        table: &Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Vec<Value>>, OpenError> {
        self.read(table, after).map_err(|error| open::sqlite(&self.path, error))
    }

    fn read(&self, table: &Table, after: Option<&[Value]>) -> rusqlite::Result<Vec<Vec<Value>>> {
        let (names, key) = (table.names(), table.key_names());
        let behind = match after {
            Some(key_values) => format!("where ({key}) > ({})", vec!["?"; key_values.len()].join(", ")),
            None => String::new(),
        };
        let sql = format!("select {names} from {} {behind} order by {key} limit {PAGE}", table.name);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters = after.into_iter().flatten().map(stored);
        let rows = statement.query_map(params_from_iter(parameters), |row| values(table, row))?;
        rows.collect()
    }

    /// The highest number that an import ever had.
    pub(in crate::ledger) fn last_import(&self) -> Result<i64, OpenError> {
        let sql = "select coalesce(max(seq), 0) from sqlite_sequence where name = 'import'";
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|error| open::sqlite(&self.path, error))
    }
}

fn values(table: &Table, row: &Row<'_>) -> rusqlite::Result<Vec<Value>> {
    let value = |(index, (_, kind)): (usize, &(&str, Kind))| {
        Ok(match (kind, row.get::<_, Stored>(index)?) {
            (_, Stored::Null) => Value::Null,
            (Kind::Flag, Stored::Integer(number)) => Value::Flag(number != 0),
            (Kind::Number | Kind::Small, Stored::Integer(number)) => Value::Number(number),
            (Kind::Text, Stored::Text(text)) => Value::Text(text),
            (Kind::Bytes, Stored::Blob(bytes)) => Value::Bytes(bytes),
            (_, other) => {
                return Err(rusqlite::Error::InvalidColumnType(
                    index,
                    table.name.to_owned(),
                    kind_of(&other),
                ));
            }
        })
    };
    table.columns.iter().enumerate().map(value).collect()
}

fn kind_of(value: &Stored) -> Type {
    value.data_type()
}

fn stored(value: &Value) -> Stored {
    match value {
        Value::Null => Stored::Null,
        Value::Number(number) => Stored::Integer(*number),
        Value::Flag(flag) => Stored::Integer((*flag).into()),
        Value::Text(text) => Stored::Text(text.clone()),
        Value::Bytes(bytes) => Stored::Blob(bytes.clone()),
    }
}

/// A database that is being made; it gets its name when it is complete and on disk.
pub(in crate::ledger) struct RowWriter {
    path: PathBuf,
    partial: PathBuf,
    connection: Option<Connection>,
    _locks: [File; 2],
}

impl Drop for RowWriter {
    fn drop(&mut self) {
        drop(self.connection.take());
        for suffix in ["", "-wal", "-shm", ".lock"] {
            // Half of one, or a name too many.
            let _ = fs::remove_file(beside(&self.partial, suffix));
        }
    }
}

impl RowWriter {
    /// Begins a database where there is none; `None` when something is there.
    pub(in crate::ledger) fn create(path: &Path) -> Result<Option<Self>, OpenError> {
        if !open::is_to_be_made(path)? || path.exists() {
            return Ok(None);
        }
        let lock = open::lock(path)?;
        let partial = beside(path, ".partial");
        for suffix in ["", "-wal", "-shm"] {
            match fs::remove_file(beside(&partial, suffix)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(open::refused(path, error));
                }
                _ => {}
            }
        }
        let opened = open::open(&partial)?;
        Ok(Some(Self {
            path: path.to_owned(),
            partial,
            connection: Some(opened.connection),
            _locks: [lock, opened.lock],
        }))
    }

    /// Adds rows to a table.
    pub(in crate::ledger) fn add(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), OpenError> {
        self.insert(table, rows).map_err(|error| open::sqlite(&self.path, error))
    }

    fn insert(&self, table: &Table, rows: &[Vec<Value>]) -> rusqlite::Result<()> {
        let Some(connection) = &self.connection else { return Ok(()) };
        let places = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("insert into {} ({}) values ({places})", table.name, table.names());
        connection.execute_batch("begin immediate")?;
        let mut statement = connection.prepare_cached(&sql)?;
        for row in rows {
            statement.execute(params_from_iter(row.iter().map(stored)))?;
        }
        connection.execute_batch("commit")
    }

    /// Lets everything be checked before it is pushed, and puts the database in its place.
    pub(in crate::ledger) fn finish(mut self, last_import: i64, now: Timestamp) -> Result<(), OpenError> {
        let failed = |error| open::sqlite(&self.path, error);
        let Some(connection) = self.connection.take() else { return Ok(()) };
        let prepare = || {
            connection.execute("delete from sqlite_sequence where name = 'import'", [])?;
            connection
                .execute("insert into sqlite_sequence (name, seq) values ('import', ?1)", [last_import])?;
            connection.execute(CHECK_FIRST, [now.unix_millis(), NEVER])?;
            connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
        };
        prepare().map_err(failed)?;
        connection.close().map_err(|(_, error)| failed(error))?;
        File::open(&self.partial)
            .and_then(|file| file.sync_all())
            // A link, unlike a renaming, writes over nothing.
            .and_then(|()| fs::hard_link(&self.partial, &self.path))
            .and_then(|()| open::sync_directory(&self.path))
            .map_err(|error| open::refused(&self.path, error))
    }
}

/// What is to be pushed, or was, is asked about first.
pub(super) const CHECK_FIRST: &str = "update instance \
     set check_at = ?1, due_at = iif(due_at is null, null, ?2) \
     where has_document and state in ('pending', 'delivered', 'confirmed')";
