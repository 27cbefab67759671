//! Several apps behind one gateway, each with a stand-in for Feishu of its own, and callers whose keys decide.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod gateway;
mod isolation;
mod metrics;
mod routing;
mod scopes;
