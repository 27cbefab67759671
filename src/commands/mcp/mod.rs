//! `mcp`: tools for agents on standard input and output, where the program was built with them (feature `mcp`).

#[cfg(feature = "mcp")]
mod serving;

#[cfg(feature = "mcp")]
pub(super) use serving::run;

/// Says how to get a program that can do it.
#[cfg(not(feature = "mcp"))]
pub(super) fn run(_: &crate::cli::McpArgs) -> super::CommandResult {
    Err("this program was built without tools for agents; build one with: cargo build --release --features mcp".into())
}
