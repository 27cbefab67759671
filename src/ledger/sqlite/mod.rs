//! The ledger on SQLite: one file, one thread that writes, a few connections that read.
//!
//! Callers that come while the thread commits share the next commit (`writer`). What a command does is decided by the
//! rules that all stores share; `transaction` loads and saves what they need.

mod cards;
mod check;
mod columns;
mod commands;
mod error;
mod events;
mod examine;
mod filesystem;
mod imports;
mod migrations;
mod offline;
mod open;
mod queries;
mod reader;
mod rows;
mod tasks;
#[cfg(test)]
mod tests;
mod tickets;
mod tidy;
mod time_seen;
mod transaction;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use self::reader::Readers;
use self::writer::{Writer, WriterParts};
use super::acceptance::{AcceptError, Acceptance, Accepted, IfMatch, Kept};
use super::action::{ActionKey, ActionRecord};
use super::clock_watch::ClockWatch;
use super::definition::DefinitionRecord;
use super::due::{CallerDue, Due};
use super::error::{Cause, LedgerError};
use super::filter::DeliveryFilter;
use super::history::{HistoryEntry, HistoryNote, RequestedBy};
use super::import::{ImportError, ImportId, ImportRecord, ImportUpdate, NewImport};
use super::lease::Leases;
use super::metrics::LedgerMetrics;
use super::page::{DeliveryCursor, Page, PageRequest};
use super::record::{DeliveryRecord, InstanceKey, Lane};
use super::report::{Report, ReportError, Reported};
use super::store::{Forgotten, Ledger};
use super::summary::{LedgerSize, Retention, Summary, Swept};
use super::task::{TaskClue, TaskRecord};
use super::words::ImportState;
use crate::domain::{AppName, Timestamp};
use crate::support::clock::Clock;

pub use self::check::check;
pub use self::examine::{Standing, examine, kept_tickets};
pub use self::offline::{BackupError, backup, export, restore};
pub use self::open::OpenError;
pub(in crate::ledger) use self::rows::{RowReader, RowWriter};

/// The ledger in a SQLite database. It holds the database's lock until it is closed or dropped.
pub struct SqliteLedger {
    path: PathBuf,
    clock: Clock,
    watch: ClockWatch,
    writer: Writer,
    readers: Readers,
}

impl fmt::Debug for SqliteLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteLedger").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteLedger {
    /// Opens the database, and makes it when it is missing. Blocks while it migrates and looks at the file.
    ///
    /// # Errors
    /// Says why it must not be used; it is left as it is then.
    pub fn open(path: &Path, clock: Clock, metrics: LedgerMetrics) -> Result<Self, OpenError> {
        let opened = open::open(path)?;
        let seen =
            time_seen::catch_up(&opened.connection, &clock).map_err(|error| open::sqlite(path, error))?;
        let parts = WriterParts {
            connection: opened.connection,
            lock: opened.lock,
            suspicion: open::suspicion(path),
            clock: clock.clone(),
            seen,
            metrics,
        };
        let writer =
            Writer::start(parts).map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
        let watch = ClockWatch::new(clock.clone());
        Ok(Self { path: path.to_owned(), clock, watch, writer, readers: Readers::new(path.to_owned()) })
    }

    /// The path of the database.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Brings what lies ahead nearer when the clock was set back.
    async fn shift_if_set_back(&self) -> Result<(), LedgerError> {
        match self.watch.stepped_back() {
            Some(by) => self.writer.run(move |transaction| transaction.shift(by)).await,
            None => Ok(()),
        }
    }

    #[cfg(test)]
    fn metrics(&self) -> &LedgerMetrics {
        self.writer.metrics()
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    fn now(&self) -> Timestamp {
        Timestamp::of_clock(self.clock.unix_millis())
    }

    fn leases(&self) -> Option<&dyn Leases> {
        // The lock of its file keeps other processes away.
        None
    }

    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, AcceptError> {
        self.writer.run(move |transaction| transaction.accept(&acceptance)).await
    }

    async fn report(&self, report: Report) -> Result<Option<Reported>, ReportError> {
        Ok(self.writer.run::<_, LedgerError>(move |transaction| transaction.report(&report)).await?)
    }

    async fn note(&self, key: &InstanceKey, note: HistoryNote) -> Result<bool, LedgerError> {
        let key = key.clone();
        self.writer.run(move |transaction| transaction.note(&key, note)).await
    }

    async fn forget(&self, key: &InstanceKey, if_match: Option<&IfMatch>) -> Result<Forgotten, LedgerError> {
        let (key, if_match) = (key.clone(), if_match.cloned());
        self.writer.run(move |transaction| transaction.forget(&key, if_match.as_ref())).await
    }

    async fn retry(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        by: &RequestedBy,
    ) -> Result<u64, LedgerError> {
        let (mut count, mut after) = (0, None);
        loop {
            let (app, filter, by) = (app.clone(), filter.clone(), by.clone());
            let step = move |transaction: &transaction::Transaction<'_>| {
                transaction.retry(&app, &filter, &by, after)
            };
            let (retried, next) = self.writer.run::<_, LedgerError>(step).await?;
            (count, after) = (count + retried, next);
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    async fn delivery(&self, key: &InstanceKey) -> Result<Option<DeliveryRecord>, LedgerError> {
        let key = key.clone();
        let found = self.readers.read(move |connection| transaction::record(connection, &key)).await?;
        Ok(found.map(|stored| stored.record).filter(|record| record.state.is_some()))
    }

    async fn deliveries_of(
        &self,
        app: &AppName,
        instance_ids: &[Arc<str>],
    ) -> Result<Vec<DeliveryRecord>, LedgerError> {
        let keys: Vec<_> = instance_ids.iter().map(|id| InstanceKey::new(app.clone(), &**id)).collect();
        let read = move |connection: &rusqlite::Connection| {
            let found = keys.iter().map(|key| transaction::record(connection, key));
            found.filter_map(Result::transpose).map(|stored| Ok(stored?.record)).collect()
        };
        let found: Vec<DeliveryRecord> = self.readers.read(read).await?;
        Ok(found.into_iter().filter(|record| record.state.is_some()).collect())
    }

    async fn document(&self, key: &InstanceKey) -> Result<Option<Kept>, LedgerError> {
        let key = key.clone();
        self.readers.read(move |connection| queries::document(connection, &key)).await
    }

    async fn history(
        &self,
        key: &InstanceKey,
        page: PageRequest<u64>,
    ) -> Result<Page<HistoryEntry, u64>, LedgerError> {
        let key = key.clone();
        self.readers.read(move |connection| queries::history(connection, &key, page)).await
    }

    async fn deliveries(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryCursor>,
    ) -> Result<Page<DeliveryRecord, DeliveryCursor>, LedgerError> {
        let (app, filter) = (app.clone(), filter.clone());
        let read = move |connection: &rusqlite::Connection| {
            let Page { items, next } = queries::deliveries(connection, &app, &filter, page)?;
            Ok(Page { items: items.into_iter().map(|stored| stored.record).collect(), next })
        };
        self.readers.read(read).await
    }

    async fn summary(&self, app: &AppName) -> Result<Summary, LedgerError> {
        let app = app.clone();
        self.readers.read(move |connection| queries::summary(connection, &app)).await
    }

    async fn due(&self, app: &AppName, lane: Lane, limit: usize) -> Result<Vec<CallerDue>, LedgerError> {
        self.shift_if_set_back().await?;
        let (app, now) = (app.clone(), self.now());
        self.readers.read(move |connection| queries::due(connection, &app, lane, limit, now)).await
    }

    async fn check_due(&self, app: &AppName, limit: usize) -> Result<Due<InstanceKey>, LedgerError> {
        let (app, now) = (app.clone(), self.now());
        self.readers.read(move |connection| queries::check_due(connection, &app, limit, now)).await
    }

    async fn create_import(&self, app: &AppName, import: NewImport) -> Result<ImportRecord, LedgerError> {
        let app = app.clone();
        self.writer.run(move |transaction| transaction.create_import(&app, import)).await
    }

    async fn import(&self, app: &AppName, id: ImportId) -> Result<Option<ImportRecord>, LedgerError> {
        let app = app.clone();
        self.readers.read(move |connection| imports::import(connection, &app, id)).await
    }

    async fn imports(
        &self,
        app: &AppName,
        page: PageRequest<ImportId>,
    ) -> Result<Page<ImportRecord, ImportId>, LedgerError> {
        let app = app.clone();
        self.readers.read(move |connection| imports::imports(connection, &app, page)).await
    }

    async fn running_imports(&self, app: &AppName) -> Result<Vec<ImportRecord>, LedgerError> {
        let app = app.clone();
        let running = ImportState::Running;
        self.readers.read(move |connection| imports::with_something_waiting(connection, &app, running)).await
    }

    async fn update_import(
        &self,
        app: &AppName,
        id: ImportId,
        update: ImportUpdate,
    ) -> Result<ImportRecord, ImportError> {
        let of = app.clone();
        let import = self.writer.run(move |transaction| transaction.update_import(&of, id, update)).await?;
        if import.state != ImportState::Canceled {
            return Ok(import);
        }
        loop {
            let of = app.clone();
            let has_more = self.writer.run::<_, LedgerError>(move |step| step.withdraw(&of, id)).await?;
            if !has_more {
                return self.import(app, id).await?.ok_or(ImportError::NotFound);
            }
        }
    }

    async fn put_definition(&self, app: &AppName, definition: DefinitionRecord) -> Result<(), LedgerError> {
        let app = app.clone();
        self.writer.run(move |transaction| transaction.put_definition(&app, &definition)).await
    }

    async fn definitions(
        &self,
        app: &AppName,
        page: PageRequest<String>,
    ) -> Result<Page<DefinitionRecord, String>, LedgerError> {
        let app = app.clone();
        self.readers.read(move |connection| queries::definitions(connection, &app, &page)).await
    }

    async fn find_tasks(&self, app: &AppName, clue: &TaskClue) -> Result<Vec<TaskRecord>, LedgerError> {
        let (app, clue) = (app.clone(), clue.clone());
        self.readers.read(move |connection| tasks::find(connection, &app, &clue)).await
    }

    async fn action(&self, app: &AppName, key: ActionKey) -> Result<Option<ActionRecord>, LedgerError> {
        let app = app.clone();
        self.readers.read(move |connection| tasks::action(connection, &app, key)).await
    }

    async fn begin_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
    ) -> Result<Option<ActionRecord>, LedgerError> {
        let app = app.clone();
        self.writer.run(move |transaction| transaction.begin_action(&app, key, &record)).await
    }

    async fn end_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
    ) -> Result<(), LedgerError> {
        let app = app.clone();
        self.writer.run(move |transaction| transaction.write_action(&app, key, &record)).await
    }

    async fn sweep(&self, app: &AppName, retention: Retention) -> Result<Swept, LedgerError> {
        let app = app.clone();
        self.writer.run(move |transaction| transaction.sweep(&app, retention)).await
    }

    async fn size(&self) -> Result<LedgerSize, LedgerError> {
        let path = self.path.clone();
        let measure = move || {
            let length = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
            let disk = filesystem::disk(&open::directory(&path));
            LedgerSize {
                database: length(&path),
                wal: length(&open::beside(&path, "-wal")),
                disk_free: disk.map(|(free, _)| free),
                disk_total: disk.map(|(_, total)| total),
            }
        };
        tokio::task::spawn_blocking(measure).await.map_err(|error| LedgerError::Failed(Cause::new(error)))
    }

    async fn broken(&self) -> LedgerError {
        self.writer.broken().await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
