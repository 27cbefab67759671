//! A ledger in memory: the model that other stores are compared with, and a quick one for tests.

mod cards;
mod events;
mod leases;
mod state;
mod tasks;
mod tickets;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use self::leases::LeaseTable;
use self::state::State;
use super::acceptance::{AcceptError, Acceptance, Accepted, IfMatch, Kept};
use super::action::{ActionKey, ActionRecord};
use super::clock_watch::ClockWatch;
use super::definition::DefinitionRecord;
use super::due::{CallerDue, Due};
use super::error::LedgerError;
use super::filter::DeliveryFilter;
use super::history::{HistoryEntry, HistoryNote, RequestedBy};
use super::import::{ImportError, ImportId, ImportRecord, ImportUpdate, NewImport};
use super::lease::{HolderNote, Lease, Leases, ReplicaId};
use super::page::{DeliveryCursor, Page, PageRequest};
use super::record::{DeliveryRecord, InstanceKey, Lane};
use super::report::{Report, ReportError, Reported};
use super::store::{Forgotten, Ledger};
use super::summary::{LedgerSize, Retention, Summary, Swept};
use super::task::{TaskClue, TaskRecord};
use crate::domain::{AppName, Timestamp};
use crate::support::clock::Clock;

/// A ledger that is gone with the process. Deliveries may share it as replicas share a database.
pub struct MemoryLedger {
    clock: Clock,
    watch: ClockWatch,
    state: Mutex<State>,
    leases: Mutex<LeaseTable>,
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
        Self { clock, watch, state: Mutex::default(), leases: Mutex::default(), failure: Mutex::default() }
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

    fn lease_table(&self) -> Result<MutexGuard<'_, LeaseTable>, LedgerError> {
        self.state().map(drop)?;
        Ok(self.leases.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets time pass for the leases, and for nothing else.
    pub fn pass_for_leases(&self, time: Duration) {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).pass(time);
    }
}

#[async_trait]
impl Leases for MemoryLedger {
    async fn lease(&self, app: &AppName) -> Result<Lease, LedgerError> {
        Ok(self.lease_table()?.lease(app, Instant::now()))
    }

    async fn acquire(
        &self,
        app: &AppName,
        replica: &ReplicaId,
        note: &HolderNote,
    ) -> Result<Lease, LedgerError> {
        Ok(self.lease_table()?.acquire(app, replica, note, Instant::now()))
    }

    async fn release(
        &self,
        app: &AppName,
        replica: &ReplicaId,
        note: &HolderNote,
    ) -> Result<(), LedgerError> {
        self.lease_table()?.release(app, replica, note, Instant::now());
        Ok(())
    }

    async fn heartbeat(&self, replica: &ReplicaId) -> Result<u32, LedgerError> {
        Ok(self.lease_table()?.heartbeat(replica, Instant::now()))
    }

    async fn leave(&self, replica: &ReplicaId) -> Result<(), LedgerError> {
        self.lease_table()?.leave(replica);
        Ok(())
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    fn now(&self) -> Timestamp {
        Timestamp::of_clock(self.clock.unix_millis())
    }

    fn leases(&self) -> Option<&dyn Leases> {
        Some(self)
    }

    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, AcceptError> {
        self.state()?.accept(&acceptance, self.now())
    }

    async fn report(&self, report: Report) -> Result<Option<Reported>, ReportError> {
        // Nobody takes the lease while the result is written.
        let leases = self.lease_table()?;
        if report.epoch.is_some_and(|epoch| epoch != leases.epoch(&report.key.app)) {
            return Err(ReportError::LeaseLost);
        }
        Ok(self.state()?.report(&report, self.now()))
    }

    async fn note(&self, key: &InstanceKey, note: HistoryNote) -> Result<bool, LedgerError> {
        Ok(self.state()?.note(key, note, self.now()))
    }

    async fn forget(&self, key: &InstanceKey, if_match: Option<&IfMatch>) -> Result<Forgotten, LedgerError> {
        Ok(self.state()?.forget(key, if_match))
    }

    async fn retry(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        by: &RequestedBy,
    ) -> Result<u64, LedgerError> {
        Ok(self.state()?.retry(app, filter, by, self.now()))
    }

    async fn delivery(&self, key: &InstanceKey) -> Result<Option<DeliveryRecord>, LedgerError> {
        Ok(self.state()?.record(key).filter(|record| record.state.is_some()).cloned())
    }

    async fn deliveries_of(
        &self,
        app: &AppName,
        instance_ids: &[Arc<str>],
    ) -> Result<Vec<DeliveryRecord>, LedgerError> {
        let state = self.state()?;
        let keys = instance_ids.iter().map(|id| InstanceKey::new(app.clone(), &**id));
        let found = keys.filter_map(|key| state.record(&key).cloned());
        Ok(found.filter(|record| record.state.is_some()).collect())
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

    async fn due(&self, app: &AppName, lane: Lane, limit: usize) -> Result<Vec<CallerDue>, LedgerError> {
        let mut state = self.state()?;
        if let Some(by) = self.watch.stepped_back() {
            state.shift(by, self.now());
        }
        Ok(state.due(app, lane, limit, self.now()))
    }

    async fn check_due(&self, app: &AppName, limit: usize) -> Result<Due<InstanceKey>, LedgerError> {
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

    async fn find_tasks(&self, app: &AppName, clue: &TaskClue) -> Result<Vec<TaskRecord>, LedgerError> {
        Ok(self.state()?.find_tasks(app, clue))
    }

    async fn action(&self, app: &AppName, key: ActionKey) -> Result<Option<ActionRecord>, LedgerError> {
        Ok(self.state()?.action(app, key))
    }

    async fn begin_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
    ) -> Result<Option<ActionRecord>, LedgerError> {
        Ok(self.state()?.begin_action(app, key, record, self.now()))
    }

    async fn end_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
    ) -> Result<(), LedgerError> {
        self.state()?.write_action(app, key, record);
        Ok(())
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
