//! Imports as rows.

use std::sync::LazyLock;

use tokio_postgres::Row;

use super::columns::Reader;
use super::error::Fault;
use crate::domain::AppName;
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::import::ImportRecord;

const COLUMNS: &str = "import_no, created_at, ended_at, caller, request_id, per_minute, state, accepted, unchanged, \
     invalid, superseded, delivered, refused, canceled";

/// Imports by their numbers, with their apps, locked in the order of the numbers.
pub(super) static LOCK: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select app, {COLUMNS} from import where import_no = any($1) order by import_no for no key update"
    )
});

/// One import of an app.
pub(super) static ONE: LazyLock<String> =
    LazyLock::new(|| format!("select {COLUMNS} from import where import_no = $1 and app = $2"));

/// Imports of an app behind a number, newest first.
pub(super) static BEHIND: LazyLock<String> = LazyLock::new(|| {
    format!("select {COLUMNS} from import where app = $1 and import_no < $2 order by import_no desc limit $3")
});

/// Imports in a state that have something to deliver.
pub(super) static WAITING: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {COLUMNS} from import where app = $1 and state = $2 \
         and accepted - superseded - delivered - refused - canceled > 0 order by import_no"
    )
});

/// Begins one.
pub(super) const CREATE: &str = "insert into import (app, created_at, caller, request_id, per_minute, state) \
     values ($1, $2, $3, $4, $5, 'running') returning import_no";

/// Changes one, which is locked.
pub(super) const UPDATE: &str =
    "update import set state = $2, per_minute = $3, invalid = $4, ended_at = $5 where import_no = $1";

/// Drops old ones that nothing waits for or was refused for.
pub(super) const DROP: &str = "delete from import where app = $1 and created_at < $2 \
     and not exists (select 1 from instance where instance.import_no = import.import_no)";

/// Reads an import.
pub(super) fn read(row: &Row) -> Result<ImportRecord, Fault> {
    Reader::new(row).import()
}

/// Reads an app and its import.
pub(super) fn of_app(row: &Row) -> Result<(AppName, ImportRecord), Fault> {
    let mut reader = Reader::new(row);
    Ok((reader.app()?, reader.import()?))
}
