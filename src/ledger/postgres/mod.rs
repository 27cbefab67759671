//! The ledger on PostgreSQL: any number of gateways share one database.
//!
//! A few tasks write, and callers that come while one commits share its next transaction (`writer`). What a command does is
//! decided by the rules that all stores share; `load` and `save` read and write for a whole group. Nothing is kept on
//! a connection between two transactions, so that they may go through a transaction pooler. All times are those of the
//! database (`time`): the clocks of the machines that share it may be apart.

mod actions;
mod card_queue;
mod cards;
mod check;
mod columns;
mod commands;
mod connect;
mod epochs;
mod error;
mod events;
mod examine;
mod export;
mod imports;
mod leases;
mod load;
mod migrations;
mod open;
mod outbox;
mod queries;
mod rows;
mod save;
mod session;
mod settings;
mod tasks;
#[cfg(test)]
pub(in crate::ledger) mod tests;
mod tickets;
mod time;
mod writer;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::Pool;

use self::queries::Readers;
use self::time::StoreClock;
use self::writer::Writer;
use super::acceptance::{AcceptError, Acceptance, Accepted, IfMatch, Kept};
use super::action::{ActionKey, ActionRecord};
use super::definition::DefinitionRecord;
use super::due::{CallerDue, Due};
use super::error::LedgerError;
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
pub use self::connect::TlsSetupError;
pub use self::examine::{Standing, examine, kept_tickets};
pub use self::export::export;
pub use self::open::OpenError;
pub(in crate::ledger) use self::rows::{RowReader, RowWriter};
pub use self::settings::{Place, PostgresSettings, PostgresTls};

/// The ledger in a PostgreSQL database.
pub struct PostgresLedger {
    place: Place,
    clock: Arc<StoreClock>,
    writer: Writer,
    write: Pool,
    readers: Readers,
}

impl fmt::Debug for PostgresLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresLedger").field("place", &self.place).finish_non_exhaustive()
    }
}

impl PostgresLedger {
    /// Connects to the database, and makes or changes its tables where that is needed.
    ///
    /// # Errors
    /// Says why it must not be used; it is left as it is then.
    pub async fn open(
        settings: &PostgresSettings,
        clock: Clock,
        metrics: LedgerMetrics,
    ) -> Result<Self, OpenError> {
        let clock = Arc::new(StoreClock::new(clock));
        let open::Opened { write, read } = open::open(settings, &clock).await?;
        Ok(Self {
            place: Place::of(&settings.connection),
            writer: Writer::start(&write, &clock, metrics),
            clock,
            write,
            readers: Readers(read),
        })
    }
}

#[async_trait]
impl Ledger for PostgresLedger {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn leases(&self) -> Option<&dyn Leases> {
        Some(self)
    }

    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, AcceptError> {
        self.accept_document(acceptance).await
    }

    async fn report(&self, report: Report) -> Result<Option<Reported>, ReportError> {
        self.report_result(report).await
    }

    async fn note(&self, key: &InstanceKey, note: HistoryNote) -> Result<bool, LedgerError> {
        self.add_note(key, note).await
    }

    async fn forget(&self, key: &InstanceKey, if_match: Option<&IfMatch>) -> Result<Forgotten, LedgerError> {
        self.forget_document(key, if_match).await
    }

    async fn retry(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        by: &RequestedBy,
    ) -> Result<u64, LedgerError> {
        self.retry_all(app, filter, by).await
    }

    async fn delivery(&self, key: &InstanceKey) -> Result<Option<DeliveryRecord>, LedgerError> {
        let found = self.readers.record(key).await?;
        Ok(found.map(|stored| stored.record).filter(|record| record.state.is_some()))
    }

    async fn deliveries_of(
        &self,
        app: &AppName,
        instance_ids: &[Arc<str>],
    ) -> Result<Vec<DeliveryRecord>, LedgerError> {
        self.readers.records(app, instance_ids).await
    }

    async fn document(&self, key: &InstanceKey) -> Result<Option<Kept>, LedgerError> {
        self.readers.document(key).await
    }

    async fn history(
        &self,
        key: &InstanceKey,
        page: PageRequest<u64>,
    ) -> Result<Page<HistoryEntry, u64>, LedgerError> {
        self.readers.history(key, page).await
    }

    async fn deliveries(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryCursor>,
    ) -> Result<Page<DeliveryRecord, DeliveryCursor>, LedgerError> {
        let Page { items, next } = self.readers.deliveries(app, filter, page).await?;
        Ok(Page { items: items.into_iter().map(|stored| stored.record).collect(), next })
    }

    async fn summary(&self, app: &AppName) -> Result<Summary, LedgerError> {
        self.readers.summary(app).await
    }

    async fn due(&self, app: &AppName, lane: Lane, limit: usize) -> Result<Vec<CallerDue>, LedgerError> {
        self.follow_the_clock(app).await?;
        self.readers.due(app, lane, limit, self.now()).await
    }

    async fn check_due(&self, app: &AppName, limit: usize) -> Result<Due<InstanceKey>, LedgerError> {
        self.readers.check_due(app, limit, self.now()).await
    }

    async fn create_import(&self, app: &AppName, import: NewImport) -> Result<ImportRecord, LedgerError> {
        self.begin_import(app, import).await
    }

    async fn import(&self, app: &AppName, id: ImportId) -> Result<Option<ImportRecord>, LedgerError> {
        self.readers.import(app, id).await
    }

    async fn imports(
        &self,
        app: &AppName,
        page: PageRequest<ImportId>,
    ) -> Result<Page<ImportRecord, ImportId>, LedgerError> {
        self.readers.imports(app, page).await
    }

    async fn running_imports(&self, app: &AppName) -> Result<Vec<ImportRecord>, LedgerError> {
        self.readers.with_something_waiting(app, ImportState::Running).await
    }

    async fn update_import(
        &self,
        app: &AppName,
        id: ImportId,
        update: ImportUpdate,
    ) -> Result<ImportRecord, ImportError> {
        let import = self.change_import(app, id, update).await?;
        if import.state != ImportState::Canceled {
            return Ok(import);
        }
        while self.withdraw(app, id).await? {}
        self.readers.import(app, id).await?.ok_or(ImportError::NotFound)
    }

    async fn put_definition(&self, app: &AppName, definition: DefinitionRecord) -> Result<(), LedgerError> {
        self.keep_definition(app, &definition).await
    }

    async fn definitions(
        &self,
        app: &AppName,
        page: PageRequest<String>,
    ) -> Result<Page<DefinitionRecord, String>, LedgerError> {
        self.readers.definitions(app, page).await
    }

    async fn find_tasks(&self, app: &AppName, clue: &TaskClue) -> Result<Vec<TaskRecord>, LedgerError> {
        self.tasks_of_clue(app, clue).await
    }

    async fn action(&self, app: &AppName, key: ActionKey) -> Result<Option<ActionRecord>, LedgerError> {
        self.known_action(app, key).await
    }

    async fn begin_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
    ) -> Result<Option<ActionRecord>, LedgerError> {
        self.try_action(app, key, &record).await
    }

    async fn end_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
    ) -> Result<(), LedgerError> {
        self.finish_action(app, key, &record).await
    }

    async fn sweep(&self, app: &AppName, retention: Retention) -> Result<Swept, LedgerError> {
        self.sweep_step(app, retention).await
    }

    async fn size(&self) -> Result<LedgerSize, LedgerError> {
        self.readers.size().await
    }

    async fn broken(&self) -> LedgerError {
        // A database that is away may come back; what it was asked for fails meanwhile.
        std::future::pending().await
    }

    async fn close(&self) {
        self.writer.close().await;
        self.write.close();
        self.readers.0.close();
    }
}
