//! The outbox of a store: what other systems are to be told, written together with what it tells of.

use async_trait::async_trait;

use super::due::Due;
use super::error::LedgerError;
use super::event::{
    EventFilter, EventNumber, EventRecord, EventResult, EventRetention, EventSummary, EventsSwept, NewEvent,
};
use super::page::{Page, PageRequest};
use super::record::{InstanceKey, Revision};
use crate::domain::AppName;

/// Keeps the outgoing events of each app until they were taken.
///
/// A report that [announces](super::Report::announces) writes its event in its own transaction. Of those that are pending about one
/// instance only the first is due, and likewise of those about the app: so each is told behind the ones before it.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Notes that whoever sent this revision was told that it will be delivered: an event tells when it is. It is written at
    /// once when that has happened already.
    async fn promise(&self, key: &InstanceKey, revision: Revision) -> Result<(), LedgerError>;

    /// Adds an event about the app.
    async fn add_event(&self, app: &AppName, event: NewEvent) -> Result<(), LedgerError>;

    /// The events that are to be sent now, at most `limit`, and of each instance the first only: the next one waits for it. Those
    /// under way are among them.
    async fn events_due(&self, app: &AppName, limit: usize) -> Result<Due<EventRecord>, LedgerError>;

    /// Writes what became of an attempt; `attempts` are those that were made before. `None` when the event is not there any
    /// more, or was sent or put back meanwhile: then nothing is changed.
    async fn report_event(
        &self,
        app: &AppName,
        number: EventNumber,
        attempts: u32,
        result: EventResult,
    ) -> Result<Option<EventRecord>, LedgerError>;

    /// Events of an app, newest first; the cursor is the number of the last one seen.
    async fn events(
        &self,
        app: &AppName,
        filter: &EventFilter,
        page: PageRequest<EventNumber>,
    ) -> Result<Page<EventRecord, EventNumber>, LedgerError>;

    /// Puts events that were given up back to pending; those that were delivered are sent once more when the filter names that
    /// state, and those that wait are due at once when it names `pending`. Returns how many.
    async fn retry_events(&self, app: &AppName, filter: &EventFilter) -> Result<u64, LedgerError>;

    /// Counts of an app's events.
    async fn event_summary(&self, app: &AppName) -> Result<EventSummary, LedgerError>;

    /// Drops what is old, and gives up what is too much: one bounded step.
    async fn sweep_events(
        &self,
        app: &AppName,
        retention: EventRetention,
    ) -> Result<EventsSwept, LedgerError>;
}
