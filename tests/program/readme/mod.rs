//! What the READMEs and docs/ say is true: commands run, answers are those shown, tables are complete.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod alike;
mod commands;
mod fields;
mod links;
mod markdown;
mod sessions;
mod tables;
mod translation;
