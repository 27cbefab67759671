//! The HTTP surface around the handlers: routing, reading, auth, failures, health and logs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod auth;
mod bodies;
mod catalogue;
mod console;
mod health;
mod logging;
mod parameters;
mod problems;
mod request_ids;
mod routing;
mod socket;
mod support;
