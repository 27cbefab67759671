//! Tests of the whole gateway over real HTTP, in this process, in front of the sandbox or of an upstream that misbehaves.
#![expect(clippy::disallowed_methods, reason = "callers have HTTP clients of their own")]

mod apps;
mod callbacks;
mod deliveries;
mod durable;
mod edge;
mod harness;
mod http_surface;
mod imports;
#[cfg(feature = "mcp")]
mod mcp;
mod messages;
mod openapi_served;
mod people;
mod reads;
mod sandbox;
mod service;
mod store_apps;
mod visibility;
