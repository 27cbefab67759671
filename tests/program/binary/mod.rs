//! The built binary, as operators, containers and scripts use it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod access_log;
mod admin;
mod approval_centre;
mod blocked_log;
mod cards;
mod collector;
mod commands;
mod doctor;
pub(crate) mod documents;
mod healthcheck;
mod keys;
mod log_filter;
mod proxy;
mod secrets;
mod serving;
mod shutdown;
mod start_up;
mod tls;
mod traces;
mod translate;
mod upstream_tls;
mod upstream_trace;
