//! Tasks of the kept documents, found by what a callback of Feishu tells of them.

use sha2::{Digest as _, Sha256};

use super::record::Revision;

/// A task of a document to accept, as far as callbacks ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// The caller's id of it.
    pub task_id: String,
    /// Whether it waits for its approver.
    pub is_open: bool,
    /// What callbacks hand back of it.
    pub context: Option<ContextHash>,
}

/// Hash of an `action_context`, which may be of any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextHash(pub [u8; 16]);

impl ContextHash {
    /// The hash of this context.
    pub fn of(context: &str) -> Self {
        let mut hash = [0; 16];
        hash.copy_from_slice(&Sha256::digest(context.as_bytes())[..16]);
        Self(hash)
    }
}

/// A task as it is stored with its instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredTask {
    pub(super) task: NewTask,
    pub(super) round: Revision,
}

/// A task that the ledger knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRecord {
    /// The instance that it belongs to.
    pub instance_id: String,
    /// The caller's id of it.
    pub task_id: String,
    /// The revision in which it became open the last time: each time is a round of its own.
    pub round: Revision,
    /// Whether it was found by a card that waits no more, whatever the task does by now.
    pub is_card_over: bool,
}

/// What a callback tells of a task; each alone may be enough to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskClue {
    /// Both ids.
    Ids {
        /// The caller's id of the instance.
        instance_id: String,
        /// The caller's id of the task.
        task_id: String,
    },
    /// The task's id alone.
    TaskId(String),
    /// Feishu's id of the card whose button was pressed.
    MessageId(String),
    /// What the task says that callbacks shall hand back.
    Context(ContextHash),
}
