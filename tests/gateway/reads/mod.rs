//! The reading operations against an independent, strict stand-in for Feishu.
//!
//! The stand-in is written from the contract alone and shares nothing with the gateway or its sandbox. Whatever it is
//! asked that the documents do not list fails the test that asked.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod bad_input;
mod cc;
mod checks;
mod cursors;
mod definitions;
mod endless;
mod extra;
mod gateway;
mod instance_search;
mod lies;
mod lines;
mod one_instance;
mod pages;
mod stand_in;
mod task_search;
mod task_statuses;
mod trace;
mod user_tasks;
