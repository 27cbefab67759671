//! Whether an operation whose token was refused may be sent again with another one.

use std::sync::Arc;

use super::Token;

/// Replays of one operation at most: what is refused again and again does not get better.
const MAX_REPLAYS: u32 = 2;

/// What a refused token is replaced with.
#[derive(Debug)]
pub(in crate::feishu) struct Replacement {
    pub(in crate::feishu) token: Arc<Token>,
    /// Whether it was asked for after the refusal. One that was on its way already, as a renewal is, may have been
    /// revoked together with the refused one.
    pub(super) is_fresh: bool,
}

/// The replays of one operation: one with a fresh token, and one more when the first token was not fresh.
#[derive(Debug, Default)]
pub(in crate::feishu) struct Replays {
    count: u32,
    was_fresh: bool,
}

impl Replays {
    /// Whether there may be another.
    pub(in crate::feishu) fn may_replay(&self) -> bool {
        !self.was_fresh && self.count < MAX_REPLAYS
    }

    /// Notes that the operation is sent again with this replacement.
    pub(in crate::feishu) fn note(&mut self, replacement: &Replacement) {
        self.count += 1;
        self.was_fresh |= replacement.is_fresh;
    }
}
