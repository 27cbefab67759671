//! The approval gateway: a flat approval document goes in, Feishu shows it.
//!
//! Layers look down only: [`http`] → [`delivery`] → [`feishu`] → [`domain`], with [`document`] reading the caller's
//! document into the domain. [`sandbox`] stands apart: it is a second, independent reading of Feishu's contract and shares
//! no wire type with [`feishu`]. `docs/architecture.md` holds the map and the reasons.

pub mod app;
pub mod callbacks;
pub mod callers;
pub mod cli;
pub mod commands;
pub mod config;
pub mod delivery;
pub mod document;
pub mod domain;
pub mod feishu;
pub mod http;
pub mod http_client;
pub mod ledger;
#[cfg(feature = "mcp")]
pub mod mcp;
pub mod metrics;
pub mod pages;
pub mod sandbox;
pub mod schema;
pub mod server;
pub mod support;
pub mod telemetry;
