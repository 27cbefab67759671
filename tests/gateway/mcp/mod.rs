//! Agents as callers: the tools over HTTP and on standard input and output, in front of the sandbox.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod bad_input;
mod reading;
mod stdio;
mod support;
mod writing;
