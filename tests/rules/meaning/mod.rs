//! Random documents must keep their meaning on the way to Feishu.
//!
//! `generate` writes valid flat documents, `document` says what they mean by the rules of the design, and `reader` says
//! what the payload means by Feishu's documents. Neither knows the gateway's code; both must find the same.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

mod document;
mod gateway;
mod generate;
mod hostile;
mod json;
mod kept;
mod keys;
mod model;
mod mutate;
mod pointer;
mod reader;
mod reader_refuses;
