//! The ledger: keeps every accepted document, and how far its delivery to Feishu has come.
//!
//! One record an instance holds the desired, the sent and the confirmed revision: the shape of a controller, not of a job
//! queue. [`Ledger`] is what every store can do: [`memory`] for tests, [`sqlite`] for a file, [`postgres`] for many gateways. What a document, a
//! result or a retry changes is decided in `rules`, once for all stores; a store loads a record, applies a rule and
//! saves what it gave, in one transaction. Documents and problems are opaque here.

mod acceptance;
mod action;
mod app_ticket;
mod body;
mod card;
mod clock_watch;
mod columns;
mod definition;
mod delivered_tasks;
mod due;
mod error;
mod event;
mod filter;
mod findings;
mod history;
mod import;
mod kept_people;
mod lease;
pub mod memory;
mod metrics;
mod moving;
mod outbox;
mod page;
pub mod postgres;
mod problem;
mod record;
mod report;
mod rows;
mod rules;
pub mod sqlite;
mod store;
#[cfg(test)]
mod suite;
mod summary;
mod task;
mod words;

pub use acceptance::{
    AcceptError, Acceptance, Accepted, AcceptedAs, DocumentSource, IfMatch, Kept, MakeDocument, NewDocument,
    Rejection,
};
pub use action::{ACTION_KNOWN_FOR, ActionKey, ActionRecord};
pub use app_ticket::{AppTicket, AppTickets};
pub use body::Body;
pub use card::{CardNumber, CardRecord, CardResult, CardSummary, Cards, NewCard};
pub use definition::DefinitionRecord;
pub use delivered_tasks::{CardPerson, DeliveredTask, DeliveredTasks, OpenTasks};
pub use due::{CallerDue, Due};
pub use error::{Cause, LedgerError};
pub use event::{
    EVENT_TRIED_FOR, EventFilter, EventNumber, EventRecord, EventResult, EventRetention, EventSummary,
    EventsSwept, NewEvent,
};
pub use filter::DeliveryFilter;
pub use findings::Findings;
pub use history::{HistoryEntry, HistoryNote, LONGEST_HISTORY, RequestedBy};
pub use import::{ImportCounts, ImportError, ImportId, ImportRecord, ImportUpdate, NewImport};
pub use kept_people::KeptPeople;
pub use lease::{Epoch, HolderNote, LEASE_TIME, Lease, Leases, NotedHold, ReplicaId};
pub use metrics::LedgerMetrics;
pub use moving::{MoveError, move_to_postgres, move_to_sqlite};
pub use outbox::Outbox;
pub use page::{DeliveryCursor, Page, PageRequest};
pub use problem::StoredProblem;
pub use record::{Attempt, ContentHash, DeliveryRecord, InstanceKey, Lane, Revision, Sent};
pub use report::{DeliveryResult, Report, ReportError, Reported};
pub use rows::Moved;
pub use store::{Forgotten, Ledger};
pub use summary::{LedgerSize, Retention, Summary, Swept};
pub use task::{ContextHash, NewTask, TaskClue, TaskRecord};
pub use words::{ActionState, CardState, DeliveryState, HistoryEvent, ImportState};
