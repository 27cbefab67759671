//! The edge of the gateway on real sockets: limits, gone callers, crowds, TLS, and the way out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod cors;
mod crowd;
mod drain;
mod gone_callers;
mod slow_callers;
mod support;
mod tls;
mod unauthenticated;
mod unread;
