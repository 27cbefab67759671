//! The HTTP surface around the handlers: routing, reading, auth, failures, health and logs.

mod auth;
mod bodies;
mod catalogue;
mod health;
mod logging;
mod parameters;
mod problems;
mod request_ids;
mod routing;
mod socket;
mod support;
