//! Imports, over real connections: lines in, results out, and what becomes of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod changes;
mod command;
mod lines;
pub(crate) mod support;
mod uploads;
