//! The reading operations before a sandbox that holds much, is strict, and sometimes lies.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod bad_input;
mod cc;
mod checks;
mod cursors;
mod definitions;
mod endless;
mod extra;
mod instance_search;
mod lie;
mod lies;
mod lines;
mod one_instance;
mod pages;
mod task_search;
mod task_statuses;
mod user_tasks;
mod world;
