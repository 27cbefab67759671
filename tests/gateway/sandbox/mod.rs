//! The sandbox against the rules of the contract, called as a client would call it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test that fails is a test that fails")]
#![expect(clippy::needless_pass_by_value, reason = "documents are built where they are passed")]

mod access;
mod check;
mod control;
mod definitions;
mod faults;
mod inbox;
mod messages;
mod page;
mod people;
mod samples;
mod schema;
mod search;
mod store_app;
mod support;
mod sync;
mod task_list;
mod tokens;
mod user_tasks;
