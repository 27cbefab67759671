//! What every store can do.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::acceptance::{AcceptError, Acceptance, Accepted, IfMatch, Kept};
use super::action::{ActionKey, ActionRecord};
use super::app_ticket::AppTickets;
use super::card::Cards;
use super::definition::DefinitionRecord;
use super::due::{CallerDue, Due};
use super::error::LedgerError;
use super::filter::DeliveryFilter;
use super::history::{HistoryEntry, HistoryNote, RequestedBy};
use super::import::{ImportError, ImportId, ImportRecord, ImportUpdate, NewImport};
use super::lease::Leases;
use super::outbox::Outbox;
use super::page::{DeliveryCursor, Page, PageRequest};
use super::record::{DeliveryRecord, InstanceKey, Lane, Revision};
use super::report::{Report, ReportError, Reported};
use super::summary::{LedgerSize, Retention, Summary, Swept};
use super::task::{TaskClue, TaskRecord};
use crate::domain::{AppName, Timestamp};

/// What became of a wish to forget a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgotten {
    /// Document and history are erased.
    Erased,
    /// There was none.
    NotFound,
    /// It still waits to be delivered, so it was left.
    Pending,
    /// Another revision is kept than was expected, so it was left.
    RevisionMismatch {
        /// The revision of the kept document; absent without one.
        kept: Option<Revision>,
    },
}

/// Keeps the documents that were accepted, and how far their delivery has come.
///
/// Each change is one transaction, on disk when its future is ready. A future that is dropped may have changed the store or
/// not. Times are those of the store's clock, which [`Ledger::now`] tells.
#[async_trait]
pub trait Ledger: Outbox + Cards + AppTickets + fmt::Debug + Send + Sync {
    /// The time of the store's clock: what is due, is due by it. A store that replicas share has one for all of them.
    fn now(&self) -> Timestamp;

    /// The leases, where several replicas may use the store at the same time.
    fn leases(&self) -> Option<&dyn Leases>;

    /// Accepts a document as the desired state of an instance.
    ///
    /// # Errors
    /// When it must not be accepted or could not be written; nothing was changed then, but for
    /// [`LedgerError::Unknown`].
    async fn accept(&self, acceptance: Acceptance) -> Result<Accepted, AcceptError>;

    /// Writes the result of a push or a check; `None` when the instance is not there any more.
    ///
    /// A result of an earlier attempt than what is desired now never marks the newer one as delivered. One of an epoch that is
    /// not the lease's changes nothing; where there are no leases, the epoch does not matter.
    async fn report(&self, report: Report) -> Result<Option<Reported>, ReportError>;

    /// Adds an entry to an instance's history; `false` when the instance is not there.
    async fn note(&self, key: &InstanceKey, note: HistoryNote) -> Result<bool, LedgerError>;

    /// Erases document and history, if what is expected is kept; revision and version clock go on counting.
    async fn forget(&self, key: &InstanceKey, if_match: Option<&IfMatch>) -> Result<Forgotten, LedgerError>;

    /// Puts refused and conflicting deliveries back to pending; those that wait for a next attempt are due at once when the
    /// filter names `pending`. The history says who wanted it. Returns how many.
    async fn retry(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        by: &RequestedBy,
    ) -> Result<u64, LedgerError>;

    /// What is known of an instance; `None` when nothing of it is desired.
    async fn delivery(&self, key: &InstanceKey) -> Result<Option<DeliveryRecord>, LedgerError>;

    /// What is known of several instances; those of which nothing is desired are left out, and the order is any.
    async fn deliveries_of(
        &self,
        app: &AppName,
        instance_ids: &[Arc<str>],
    ) -> Result<Vec<DeliveryRecord>, LedgerError>;

    /// The kept document; `None` when none is kept.
    async fn document(&self, key: &InstanceKey) -> Result<Option<Kept>, LedgerError>;

    /// The history of an instance, newest first; the cursor is the number of the last entry seen.
    async fn history(
        &self,
        key: &InstanceKey,
        page: PageRequest<u64>,
    ) -> Result<Page<HistoryEntry, u64>, LedgerError>;

    /// Deliveries of an app, newest acceptance first.
    async fn deliveries(
        &self,
        app: &AppName,
        filter: &DeliveryFilter,
        page: PageRequest<DeliveryCursor>,
    ) -> Result<Page<DeliveryRecord, DeliveryCursor>, LedgerError>;

    /// Counts of an app's deliveries.
    async fn summary(&self, app: &AppName) -> Result<Summary, LedgerError>;

    /// Instances of a lane that are to be pushed now, in-flight ones included, at most `limit` of each caller; none of an
    /// import that does not run. Whoever has sent thousands hides nobody else's.
    async fn due(&self, app: &AppName, lane: Lane, limit: usize) -> Result<Vec<CallerDue>, LedgerError>;

    /// Instances that Feishu is to be asked about now.
    async fn check_due(&self, app: &AppName, limit: usize) -> Result<Due<InstanceKey>, LedgerError>;

    /// Begins an import.
    async fn create_import(&self, app: &AppName, import: NewImport) -> Result<ImportRecord, LedgerError>;

    /// One import.
    async fn import(&self, app: &AppName, id: ImportId) -> Result<Option<ImportRecord>, LedgerError>;

    /// The imports of an app, newest first; the cursor is the last one seen.
    async fn imports(
        &self,
        app: &AppName,
        page: PageRequest<ImportId>,
    ) -> Result<Page<ImportRecord, ImportId>, LedgerError>;

    /// The imports of an app that run and have something to deliver, oldest first.
    async fn running_imports(&self, app: &AppName) -> Result<Vec<ImportRecord>, LedgerError>;

    /// Changes an import. Canceling one withdraws what waits, in bounded steps; repeated, it goes on where it was broken off.
    async fn update_import(
        &self,
        app: &AppName,
        id: ImportId,
        update: ImportUpdate,
    ) -> Result<ImportRecord, ImportError>;

    /// Keeps a definition that was upserted.
    async fn put_definition(&self, app: &AppName, definition: DefinitionRecord) -> Result<(), LedgerError>;

    /// Definitions by their keys; the cursor is the last key seen.
    async fn definitions(
        &self,
        app: &AppName,
        page: PageRequest<String>,
    ) -> Result<Page<DefinitionRecord, String>, LedgerError>;

    /// The tasks of kept documents that a clue leads to; two at most, which tell that it is not unique. Only those whose
    /// acceptance asked for it are known, whether they are open or not, until their document is dropped.
    async fn find_tasks(&self, app: &AppName, clue: &TaskClue) -> Result<Vec<TaskRecord>, LedgerError>;

    /// What is known of an action; it may not count any more.
    async fn action(&self, app: &AppName, key: ActionKey) -> Result<Option<ActionRecord>, LedgerError>;

    /// Writes this record of an action, unless one is known that [holds](ActionRecord::holds): then nothing is written, and that
    /// one is returned. Of several at once, on one or several replicas, one writes. May drop records that do not count any more.
    async fn begin_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
    ) -> Result<Option<ActionRecord>, LedgerError>;

    /// Writes this record of an action, whatever is known.
    async fn end_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
    ) -> Result<(), LedgerError>;

    /// Drops what is older than the retention allows: one bounded step. Goes on with broken-off cancellations, too.
    async fn sweep(&self, app: &AppName, retention: Retention) -> Result<Swept, LedgerError>;

    /// Size of the store and of its disk.
    async fn size(&self) -> Result<LedgerSize, LedgerError>;

    /// Waits until the store is broken for good: the process should end then. Never returns while it works.
    async fn broken(&self) -> LedgerError;

    /// Finishes what was begun and closes the store; everything fails with [`LedgerError::Closed`] afterwards.
    async fn close(&self);
}
