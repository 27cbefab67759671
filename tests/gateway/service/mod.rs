//! The whole gateway over real HTTP, in front of the sandbox: what is sent, how often, what comes back.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod breaker;
mod callers;
mod content_errors;
mod dead_connections;
mod deadlines;
mod definitions;
mod examples;
mod fault_table;
mod foreign_answers;
mod ids;
mod keyed_queue;
mod late_pushes;
mod metrics;
mod misbehaviour;
mod not_passed_on;
mod pacing;
mod pushes;
mod quoted_secrets;
mod rate_headers;
mod raw_upstream;
mod receipts;
mod retries;
pub(crate) mod shedding;
mod soak;
mod socket_faults;
mod stampede;
mod texts;
mod token;
mod token_failures;
mod versions;
