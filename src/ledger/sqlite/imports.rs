//! Imports, and what is done to all documents of one.

use rusqlite::{Connection, params};

use super::columns::all;
use super::transaction::{Stored, Transaction, select};
use crate::domain::{AppName, Word as _};
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::error::LedgerError;
use crate::ledger::import::{ImportError, ImportId, ImportRecord, ImportUpdate, NewImport};
use crate::ledger::page::{Page, PageRequest};
use crate::ledger::rules;
use crate::ledger::words::ImportState;

/// Documents that are withdrawn in one transaction.
const STEP: i64 = 200;

const COLUMNS: &str = "import_no, created_at, ended_at, caller, request_id, per_minute, state, accepted, unchanged, \
     invalid, superseded, delivered, refused, canceled";

/// The condition of the index of imports that have something to deliver.
const WAITING: &str = "accepted - superseded - delivered - refused - canceled > 0";

/// Instances that wait for an import.
pub(super) fn waiting() -> String {
    select("where import_no = ?1 and due_at is not null order by due_at, instance_no limit ?2")
}

/// The imports in a state that have something to deliver.
pub(super) fn waiting_imports() -> String {
    format!("select {COLUMNS} from import where app = ?1 and state = ?2 and {WAITING} order by import_no")
}

/// One import.
pub(super) fn import(
    connection: &Connection,
    app: &AppName,
    id: ImportId,
) -> Result<Option<ImportRecord>, LedgerError> {
    let sql = format!("select {COLUMNS} from import where import_no = ?1 and app = ?2");
    Ok(read(connection, &sql, params![id.0, app.as_str()])?.pop())
}

/// A page of imports, newest first.
pub(super) fn imports(
    connection: &Connection,
    app: &AppName,
    page: PageRequest<ImportId>,
) -> Result<Page<ImportRecord, ImportId>, LedgerError> {
    let sql = format!(
        "select {COLUMNS} from import where app = ?1 and import_no < ?2 order by import_no desc limit ?3"
    );
    let after = page.after.map_or(i64::MAX, |after| after.0);
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX).saturating_add(1);
    let found = read(connection, &sql, params![app.as_str(), after, limit])?;
    Ok(Page::cut(found, page.limit, |import| import.id))
}

/// The imports in this state that have something to deliver.
pub(super) fn with_something_waiting(
    connection: &Connection,
    app: &AppName,
    state: ImportState,
) -> Result<Vec<ImportRecord>, LedgerError> {
    read(connection, &waiting_imports(), params![app.as_str(), state.as_str()])
}

fn read(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Vec<ImportRecord>, LedgerError> {
    all(connection, sql, parameters, |reader| reader.import())
}

impl Transaction<'_> {
    /// Begins an import.
    pub(super) fn create_import(
        &self,
        app: &AppName,
        import: NewImport,
    ) -> Result<ImportRecord, LedgerError> {
        let NewImport { caller, request_id, per_minute } = &import;
        self.execute(
            "insert into import (app, created_at, caller, request_id, per_minute, state) \
             values (?1, ?2, ?3, ?4, ?5, 'running')",
            params![app.as_str(), self.now.unix_millis(), caller, request_id, per_minute],
        )?;
        Ok(ImportRecord::new(ImportId(self.connection.last_insert_rowid()), import, self.now))
    }

    /// Changes an import; what waits is left to [`Self::withdraw`].
    pub(super) fn update_import(
        &self,
        app: &AppName,
        id: ImportId,
        update: ImportUpdate,
    ) -> Result<ImportRecord, ImportError> {
        let mut changed = import(self.connection, app, id)?.ok_or(ImportError::NotFound)?;
        changed.apply(update, self.now)?;
        let ended_at = changed.ended_at.map(crate::domain::Timestamp::unix_millis);
        let (state, invalid) = (changed.state.as_str(), changed.counts.invalid);
        self.execute(
            "update import set state = ?2, per_minute = ?3, invalid = ?4, ended_at = ?5 where import_no = ?1",
            params![id.0, state, changed.per_minute, invalid, ended_at],
        )?;
        Ok(changed)
    }

    /// Withdraws some of what waits for an import; says whether there may be more.
    pub(super) fn withdraw(&self, app: &AppName, id: ImportId) -> Result<bool, LedgerError> {
        let waiting = self.stored(&waiting(), params![id.0, STEP], app)?;
        for stored in &waiting {
            let earlier = self.earlier(stored.number, &stored.record.key)?;
            self.write(Some(stored), &rules::withdraw(&stored.record, earlier, self.now))?;
        }
        Ok(waiting.len() as i64 == STEP)
    }

    /// Reads what [`select`] selects.
    pub(super) fn stored(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
        app: &AppName,
    ) -> Result<Vec<Stored>, LedgerError> {
        all(self.connection, sql, parameters, |reader| Stored::read(reader, app))
    }
}
