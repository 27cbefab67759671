//! Which flat documents are taken, which are refused, where and why; and what a few of them become.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

mod bad_input;
mod definition_accepted;
mod definition_refused;
mod hints;
mod instance_accepted;
mod instance_refused;
mod lists_refused;
mod payload_others;
mod payload_rich;
mod payload_size;
mod support;
