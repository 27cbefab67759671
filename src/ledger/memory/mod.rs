//! A ledger in memory: the model that other stores are compared with, and a quick one for tests.

mod state;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::state::State;
use super::acceptance::{AcceptError, Acceptance, Accepted, Kept};
use super::clock_watch::ClockWatch;
use super::definition::DefinitionRecord;
use super::error::LedgerError;
use super::filter::DeliveryFilter;
use super::history::{HistoryEntry, HistoryNote};
use super::import::{ImportError, ImportId, ImportRecord, ImportUpdate, NewImport};
use super::page::{DeliveryCursor, Page, PageRequest};
use super::record::{DeliveryRecord, InstanceKey, Lane};
use super::report::{Report, Reported};
use super::store::{Forgotten, Ledger};
use super::summary::{Due, LedgerSize, Retention, Summary, Swept};
use crate::domain::{AppName, Timestamp};
use crate::support::clock::Clock;

/// A ledger that is gone with the process.
pub struct MemoryLedger {
    clock: Clock,
    watch: ClockWatch,
    state: Mutex<State>,
    failure: Mutex<Option<LedgerError>>,
}

impl fmt::Debug for MemoryLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLedger").finish_non_exhaustive()
    }
}

impl MemoryLedger {
    /// An empty ledger on this clock.
    pub fn new(clock: Clock) -> Self {
        let watch = ClockWatch::new(clock.clone());
        Self { clock, watch, state: Mutex::default(), failure: Mutex::default() }
    }

    /// Lets everything fail with this error from now on, or work again.
    pub fn fail_with(&self, failure: Option<LedgerError>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, LedgerError> {
        match &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(failure) => Err(failure.clone()),
            None => Ok(self.state.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::of_clock(self.clock.unix_millis())
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, AcceptError> {
        self.state()?.accept(&acceptance, self.now())
    }

    async fn report(&self, report: Report) -> Result<Option<Reported>, LedgerError> {
        Ok(self.state()?.report(&report, self.now()))
    }

    async fn note(&self, key: &InstanceKey, note: HistoryNote) -> Result<bool, LedgerError> {
        Ok(self.state()?.note(key, note, self.now()))
    }

    async fn forget(&self, key: &InstanceKey) -> Result<Forgotten, LedgerError> {
        Ok(self.state()?.forget(key))
    }

    async fn retry(&self, app: &AppName, filter: &DeliveryFilter) -> Result<u64, LedgerError> {
        Ok(self.state()?.retry(app, filter, self.now()))
    }

    async fn delivery(&self, key: &InstanceKey) -> Result<Option<DeliveryRecord>, LedgerError> {
        Ok(self.state()?.record(key).filter(|record| record.state.is_some()).cloned())
    }

    async fn document(&self, key: &InstanceKey) -> Result<Option<Kept>, LedgerError> {
        Ok(self.state()?.kept(key))
    }

    async fn history(
        &self,
        key: &InstanceKey,
        page: PageRequest<u64>,
    ) -> Result<Page<HistoryEntry, u64>, LedgerError> {
        Ok(self.state()?.history(key, page))
    }

    async fn deliveries(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryCursor>,
    ) -> Result<Page<DeliveryRecord, DeliveryCursor>, LedgerError> {
        Ok(self.state()?.deliveries(app, filter, page))
    }

    async fn summary(&self, app: &AppName) -> Result<Summary, LedgerError> {
        Ok(self.state()?.summary(app))
    }

    async fn due(&self, app: &AppName, lane: Lane, limit: usize) -> Result<Due, LedgerError> {
        let mut state = self.state()?;
        if let Some(by) = self.watch.stepped_back() {
            state.shift(by, self.now());
        }
        Ok(state.due(app, lane, limit, self.now()))
    }

    async fn check_due(&self, app: &AppName, limit: usize) -> Result<Due, LedgerError> {
        Ok(self.state()?.check_due(app, limit, self.now()))
    }

    async fn create_import(&self, app: &AppName, import: NewImport) -> Result<ImportRecord, LedgerError> {
        Ok(self.state()?.create_import(app, import, self.now()))
    }

    async fn import(&self, app: &AppName, id: ImportId) -> Result<Option<ImportRecord>, LedgerError> {
        Ok(self.state()?.import(app, id))
    }

    async fn imports(
        &self,
        app: &AppName,
        page: PageRequest<ImportId>,
    ) -> Result<Page<ImportRecord, ImportId>, LedgerError> {
        Ok(self.state()?.imports(app, page))
    }

    async fn running_imports(&self, app: &AppName) -> Result<Vec<ImportRecord>, LedgerError> {
        Ok(self.state()?.running_imports(app))
    }

    async fn update_import(
        &self,
        app: &AppName,
        id: ImportId,
        update: ImportUpdate,
    ) -> Result<ImportRecord, ImportError> {
        self.state()?.update_import(app, id, update, self.now())
    }

    async fn put_definition(&self, app: &AppName, definition: DefinitionRecord) -> Result<(), LedgerError> {
        self.state()?.put_definition(app, definition);
        Ok(())
    }

    async fn definitions(
        &self,
        app: &AppName,
        page: PageRequest<String>,
    ) -> Result<Page<DefinitionRecord, String>, LedgerError> {
        Ok(self.state()?.definitions(app, &page))
    }

    async fn sweep(&self, app: &AppName, retention: Retention) -> Result<Swept, LedgerError> {
        Ok(self.state()?.sweep(app, retention))
    }

    async fn size(&self) -> Result<LedgerSize, LedgerError> {
        self.state().map(|_| LedgerSize::default())
    }

    async fn broken(&self) -> LedgerError {
        std::future::pending().await
    }

    async fn close(&self) {
        self.fail_with(Some(LedgerError::Closed));
    }
}
