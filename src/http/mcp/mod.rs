//! Tools for agents over HTTP, where the program was built with them (feature `mcp`).

mod access;
#[cfg(feature = "mcp")]
mod endpoint;

pub use access::McpAccess;
#[cfg(feature = "mcp")]
pub(super) use endpoint::routes;

/// The program was built without tools, so there is no route.
#[cfg(not(feature = "mcp"))]
pub(super) fn routes(
    _: axum::Router,
    _: super::extract::RequestLimits,
    _: McpAccess,
) -> Option<axum::Router> {
    None
}
