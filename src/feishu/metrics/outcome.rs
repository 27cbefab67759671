//! Outcome of one exchange, as a metric's label.

use crate::feishu::failure::Failure;

/// What became of one exchange, or of a fetch of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feishu) struct AttemptOutcome(&'static str);

impl AttemptOutcome {
    /// The outcome of what succeeded or failed so: `ok`, or the label of the failure's class.
    pub(in crate::feishu) fn of<T>(result: &Result<T, Failure>) -> Self {
        Self(result.as_ref().map_or_else(|failure| failure.row().label, |_| "ok"))
    }

    /// The word in labels.
    pub(in crate::feishu) fn as_str(self) -> &'static str {
        self.0
    }
}
