//! What people did in Feishu a short while ago, so that the same is not relayed twice.

use std::time::Duration;

use super::words::ActionState;
use crate::domain::Timestamp;

/// How long an action is known.
pub const ACTION_KNOWN_FOR: Duration = Duration::from_secs(600);

/// Recognises an action that is repeated: a hash of who did what in which round of which task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionKey(pub [u8; 32]);

/// An action that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRecord {
    /// How far it has come.
    pub state: ActionState,
    /// How it was answered, as opaque JSON.
    pub answer: Option<String>,
    /// Until when this counts.
    pub until: Timestamp,
}

impl ActionRecord {
    /// Whether this still counts.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.counts_within(now, ACTION_KNOWN_FOR)
    }

    /// Whether this still counts, which nothing does for longer than `known_for`: what lies further ahead was written before the
    /// clock was set back.
    pub fn counts_within(&self, now: Timestamp, known_for: Duration) -> bool {
        let ahead = self.until.unix_millis() - now.unix_millis();
        u128::try_from(ahead).is_ok_and(|ahead| ahead > 0 && ahead <= known_for.as_millis())
    }

    /// Whether an equal action must wait for this one, or be answered like it; otherwise it begins anew.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.state != ActionState::Failed && self.counts(now)
    }
}
