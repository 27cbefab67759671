//! The whole gateway over real HTTP, in this process, in front of the stand-in for Feishu or of an upstream that lies.
#![expect(clippy::disallowed_methods, reason = "callers have HTTP clients of their own")]

mod apps;
mod edge;
mod harness;
mod http_surface;
mod openapi_served;
mod reads;
mod sandbox;
mod service;
