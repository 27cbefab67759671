//! Everything that knows Feishu: its payloads, its token, its errors, its ways to fail.
//!
//! [`translate`] turns domain values into payloads without any I/O; [`wire`] holds the payloads' types, letter for
//! letter Feishu's. [`FeishuClient`] carries them there: `push`, `check` and `definitions` are its operations, `call`
//! is the loop of attempts that they share, `exchange` one attempt, `transport` its HTTP, `judge` and `codes` what an answer means,
//! `token` the tenant token, `lanes` the order of one instance's pushes, `remembered` what they leave behind,
//! `guards` what holds calls back.

mod answer_room;
mod answer_time;
mod api;
mod backoff;
mod breaker;
mod call;
mod carried_on;
mod check;
mod client;
mod codes;
mod definitions;
mod echo;
mod envelope;
mod exchange;
mod failure;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod guards;
mod judge;
mod lanes;
mod listing;
mod metrics;
mod pacing;
mod pointers;
mod probe;
mod push;
mod recent_counts;
mod remembered;
mod retry_budget;
mod search;
mod task_statuses;
mod token;
mod trace;
pub mod translate;
mod transport;
mod user_tasks;
mod window;
pub mod wire;

pub use api::Api;
pub use check::{StaleInstance, StaleTask, VersionState};
pub use client::{Credentials, FeishuClient};
pub use codes::Class;
pub use definitions::UpsertedDefinition;
pub use envelope::{ErrorDetails, FieldViolation};
pub use failure::{CallError, Failure, Outcome, Refusal};
#[doc(hidden)]
pub use judge::read_push_answer;
pub use lanes::StaleUpdate;
pub use listing::{Batch, ListError, Listing, Page, Position, Walk};
pub use metrics::FeishuMetrics;
pub use pacing::{Allowance, Rate};
pub use pointers::{check_pointer, definition_pointer, instance_pointer, query_pointer};
pub use probe::Greeting;
pub use push::{Applied, PreparedPush, PushError, Pushed, Verification};
pub use search::{Search, SearchFilter, Target};
pub use task_statuses::{TaskStatusApi, TaskStatusFilter, TaskStatuses};
pub use token::TokenCache;
pub use trace::TARGET as UPSTREAM_LOG_TARGET;
pub use transport::{Origins, TransportError};
pub use user_tasks::UserTasks;
pub use window::Span;

use bytes::Bytes;

/// What is encoded in a query or a path: all but what RFC 3986 §2.3 calls unreserved, so that codes stay readable in
/// logs. The dot is encoded nevertheless: as a whole path segment it means something.
const ENCODED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// A value of a query, encoded.
fn query_value(raw: &str) -> impl std::fmt::Display + '_ {
    percent_encoding::utf8_percent_encode(raw, ENCODED)
}

/// The JSON of a request that is no payload of a push or an upsert, which write themselves.
fn encode(payload: &impl serde::Serialize) -> Bytes {
    // Payloads are structs, lists, strings, numbers: nothing that JSON cannot say. Feishu refuses an empty body.
    Bytes::from(serde_json::to_vec(payload).unwrap_or_default())
}
