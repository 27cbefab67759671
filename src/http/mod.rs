//! The REST API: reading requests, answering them, failing well.
//!
//! How one request travels, from top to bottom:
//!
//! 1. hyper reads the head. What is no HTTP never gets further: hyper answers a malformed request line with 400, a head
//!    that is too large with 431 and a URI of 64 KiB or more with 414, without a document.
//! 2. [`router`] finds the route, or one of the fallbacks for an unknown path or method.
//! 3. [`middleware`] gives it an id and an entry in the access log, and stands ready to turn a failure or panic into a
//!    document.
//! 4. Routes of the API ask for the caller's key ([`middleware::AuthPolicy`]) and for a permit of the
//!    [`load_shedder`]; health and catalogue do neither.
//! 5. [`extract`] reads path, query, deadline and body, and refuses what cannot be read.
//!    `state` hands the caller's app to handlers whose scope the key has.
//! 6. The handler in `routes` parses, makes one call, and wraps the result: one of `responses`, or a
//!    [`problem::Problem`].
//! 7. On the way back the problem, if any, is logged and written as RFC 9457 JSON in one place, and the access log
//!    gets its entry.
//!
//! `HEAD` works wherever `GET` does. `OPTIONS` is no route: the API is called by servers. Where browsers are
//! let in, their preflights are answered before any route ([`middleware::cors`]).

mod console;
mod cursor;
mod definition_patch;
mod delivered;
pub mod extract;
mod failure;
mod fallback;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod health;
mod in_time;
mod json_response;
mod kept_listing;
mod known_definitions;
mod listing;
pub mod load_shedder;
mod mcp;
mod metrics;
pub mod middleware;
mod ndjson;
pub mod openapi;
mod operation;
pub mod problem;
mod reason_catalogue;
mod rejection;
mod request_context;
mod request_id;
mod requester;
mod responses;
pub mod router;
mod routes;
mod sent_messages;
mod state;
mod stored_problem;
mod trouble;
mod unauthenticated_limit;

pub use cursor::CursorKey;
pub use json_response::JsonResponse;
pub use mcp::McpAccess;
pub use state::{ApiState, ServedApp};
pub use trouble::describe as describe_trouble;
pub use unauthenticated_limit::UnauthenticatedLimit;
