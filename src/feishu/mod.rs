//! The Feishu client: APIs, payloads, token, limits, retries and errors.
//!
//! [`FeishuClient`] has one method an API (`apis`). Each is a `call`: it takes a permit (`limits`, `token`) and makes attempts
//! until one decides. An `exchange` is one attempt: the `transport` sends it, and `classify` says what the answer means.
//! [`wire`] holds the payloads' types, letter for letter Feishu's; [`translate`] makes them of domain values, without any I/O.

mod api;
mod apis;
mod call;
mod classify;
mod client;
mod context;
mod credentials;
mod echo;
mod encoding;
mod envelope;
mod exchange;
mod failure;
mod failure_table;
mod foreign_answer;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod limits;
mod metrics;
mod probe;
mod redaction;
mod renewable_client;
mod report;
mod scrolled_pages;
mod secrets;
mod tickets;
mod token;
mod trace;
pub mod translate;
mod transport;
pub mod wire;

pub use api::{Api, MessageApi, TaskStatusApi};
pub use apis::{
    Batch, FoundPeople, ListError, Listing, MOST_OF_A_KIND, Page, Position, Search, SearchFilter,
    StaleInstance, StaleTask, Target, TaskStatusFilter, TaskStatuses, TimeRange, UserTasks, VersionState,
    Walk,
};
pub use call::Permit;
#[doc(hidden)]
pub use classify::read_push_answer;
pub use client::FeishuClient;
pub use context::CallContext;
pub use credentials::Credentials;
pub use envelope::{ErrorDetails, FieldViolation};
pub use failure::{CallError, Failure, Refusal};
pub use failure_table::{Class, Outcome, ReportedAs};
pub use limits::pacing::{Allowance, EarlierCalls, Rate, UntoldCalls};
pub use metrics::FeishuMetrics;
pub use probe::Greeting;
pub use report::{CallReport, Called};
pub use tickets::{Received, TicketStore, TicketStoreError, Tickets};
pub use token::TokenCache;
pub use trace::TARGET as UPSTREAM_LOG_TARGET;
pub use transport::{ATTEMPT_LIMIT, Origins, TransportError};
