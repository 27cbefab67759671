//! The shapes of log lines.

/// Shape of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One flat JSON object a line, for log collectors.
    Json,
}
