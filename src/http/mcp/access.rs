//! What agents may do.

use crate::support::clock::Clock;

/// Who may use the tools for what, beside what their keys say.
#[derive(Debug, Clone)]
pub struct McpAccess {
    /// Whether there are tools that write.
    pub allow_writes: bool,
    /// The web pages whose scripts may call; `None` when all may.
    pub origins: Option<Vec<String>>,
    /// The time of day, by which the first of two calls goes out of date.
    pub clock: Clock,
}
