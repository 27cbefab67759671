//! Callbacks of Feishu: what is taken, what is relayed, and what whoever tapped is told.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod answers;
mod bad_input;
mod cards;
mod definitions;
mod knowledge;
mod relaying;
mod repeats;
pub(crate) mod support;
mod taps;
