//! The tasks of documents that Feishu took, as far as cards depend on them.

use crate::domain::MessageStatus;
use crate::support::hash_parts::hash_parts;

/// Somebody who has a task, by one id or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardPerson {
    /// The id inside the tenant.
    pub user_id: Option<String>,
    /// The id inside the app.
    pub open_id: Option<String>,
}

impl CardPerson {
    /// The ids that are there, each with its kind.
    fn ids(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("user_id", self.user_id.as_deref()), ("open_id", self.open_id.as_deref())]
            .into_iter()
            .filter_map(|(kind, id)| Some((kind, id?)))
    }

    /// Whether both are the same person: one id in common is enough, for a later document may name one more.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.ids().any(|id| other.ids().any(|known| known == id))
    }
}

/// A task of a document that Feishu took, as far as cards depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredTask {
    /// The caller's id of it.
    pub task_id: String,
    /// Whose task it is.
    pub person: CardPerson,
    /// What its card says when it waits no more; absent while it waits.
    pub closed: Option<MessageStatus>,
    /// Whether its person is to get a card when it begins to wait.
    pub wants_card: bool,
}

impl DeliveredTask {
    /// Hashes of the task with each id of its person.
    fn hashes(&self) -> impl Iterator<Item = [u8; HASH]> {
        self.person.ids().map(|(kind, id)| {
            let mut short = [0; HASH];
            short.copy_from_slice(&hash_parts("", [self.task_id.as_str(), kind, id])[..HASH]);
            short
        })
    }
}

/// The tasks of a document that Feishu took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredTasks {
    /// All of them.
    pub tasks: Vec<DeliveredTask>,
    /// What cards of tasks say that are not among them.
    pub gone: MessageStatus,
    /// Whether it is a line of an import, of which nobody is told; unless it took the place of a document that still waited.
    pub is_import: bool,
}

/// Bytes of a hash in [`OpenTasks`]: enough to tell apart the few tasks of one instance.
const HASH: usize = 8;

/// The tasks that waited in the document that Feishu took last, as hashes of task and person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenTasks(Vec<u8>);

impl OpenTasks {
    /// Those of a document that wait.
    pub(super) fn of(document: &DeliveredTasks) -> Self {
        let open = document.tasks.iter().filter(|task| task.closed.is_none());
        Self(open.flat_map(DeliveredTask::hashes).flatten().collect())
    }

    /// As they were stored.
    pub(super) fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// As they are stored.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this task of this person was among them.
    pub(super) fn contains(&self, task: &DeliveredTask) -> bool {
        task.hashes().any(|hash| self.0.chunks_exact(HASH).any(|known| known == hash))
    }
}
