//! The REST API: reading requests, answering them, failing well.
//!
//! How one request travels, from top to bottom:
//!
//! 1. hyper reads the head. What is no HTTP never gets further: a malformed request line is answered 400, a head that is
//!    too large 431, one that is too slow 408 and a URI of 64 KiB or more 414; the documents are those of [`unread`].
//! 2. [`router`] finds the route, or one of the fallbacks for an unknown path or method.
//! 3. [`layers`] give it an id, open its log span, and stand ready to turn a failure or panic into a document.
//! 4. Routes of the API ask for the caller's key ([`layers::AuthPolicy`]) and for room ([`layers::Shares`]); health and
//!    catalogue do neither.
//! 5. [`extract`] reads path, query, deadline and body, and refuses what cannot be read.
//!    `state` hands the caller's app to handlers whose scope the key has.
//! 6. The handler parses, makes one call, and wraps the result: [`JsonResponse`], or a [`problem::Problem`].
//! 7. On the way back the problem, if any, is logged and written as RFC 9457 JSON in one place, and the access log
//!    writes its line.
//!
//! `HEAD` works wherever `GET` does. `OPTIONS` is no route: the API is called by servers. Where browsers are
//! let in, their preflights are answered around the router ([`layers::with_cors`]).

mod checks;
mod cursor;
mod definition_view;
mod definitions;
pub mod extract;
mod failure;
mod found_items;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod health;
mod instances;
mod json_response;
pub mod layers;
mod listing;
mod metrics;
mod ndjson;
pub mod openapi;
pub mod problem;
mod receipt;
mod rejection;
pub mod router;
mod searches;
mod stale;
mod state;
mod status_items;
mod task_statuses;
pub mod unread;
mod user_tasks;
mod view;

use checks::CheckReport;
pub use cursor::CursorKey;
use definition_view::Definition;
use definitions::DefinitionReceipt;
use found_items::{CcItem, InstanceItem, TaskItem};
pub use json_response::JsonResponse;
use receipt::InstanceReceipt;
pub use state::{ApiState, ServedApp};
use status_items::TaskStatusItem;
use user_tasks::UserTaskItem;

/// Every route of the API that asks for a caller's key.
pub fn api_routes(state: ApiState) -> axum::Router {
    let operations = instances::routes()
        .merge(checks::routes())
        .merge(definitions::routes())
        .merge(searches::routes())
        .merge(task_statuses::routes())
        .merge(user_tasks::routes());
    layers::operation(operations, state.clone()).with_state(state)
}
