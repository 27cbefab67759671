//! One approver's part in an instance.

use super::{DisplayMethod, Extra, GenerateType, Id, Links, Person, Reason, TaskStatus, Text, Timestamp};

/// A task of an instance (design §2.1, contract §4.1 `task_list[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalTask<'a> {
    /// Unique among the ids of the document.
    pub task_id: Id<'a>,
    /// The approver.
    pub approver: Person<'a>,
    /// Name of the step.
    pub title: Option<Text<'a>>,
    /// Where the approver handles it; the instance's links when absent.
    pub links: Option<Links<'a>>,
    /// Where the task stands.
    pub status: TaskStatus,
    /// When it was given to the approver.
    pub created_at: Timestamp,
    /// Its version; the instance's when absent.
    pub updated_at: Option<Timestamp>,
    /// When it ended; `None` means not yet while the task is pending, else the time of its version.
    pub ended_at: Option<Timestamp>,
    /// Free-form data, `complete_reason` included.
    pub extra: Option<Extra<'a>>,
    /// Handed back unchanged by a quick-approval callback.
    pub action_context: Option<Id<'a>>,
    /// Buttons of a quick approval, at most two; `None` leaves the field out.
    pub actions: Option<Vec<Action<'a>>>,
    /// How the links open.
    pub display_method: Option<DisplayMethod>,
    /// The node of the flow.
    pub node_id: Option<Id<'a>>,
    /// The node's name.
    pub node_name: Option<Text<'a>>,
    /// Left out of efficiency statistics.
    pub exclude_from_statistics: Option<bool>,
    /// Why the task came to be.
    pub generate_type: Option<GenerateType>,
    /// Whether its approver gets a card; what the operator has chosen when absent.
    pub notify: Option<bool>,
}

/// A button of a quick approval (contract §4.1 `action_configs[]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action<'a> {
    /// What a tap means.
    pub kind: ActionKind<'a>,
    /// Whether the approver gives a reason.
    pub reason: Reason,
    /// Whether the approver must attach a file.
    pub attachment: bool,
}

impl<'a> Action<'a> {
    /// What the button says, unless that is left to Feishu.
    pub fn label(&self) -> Option<&Text<'a>> {
        match &self.kind {
            ActionKind::Approve { label } | ActionKind::Reject { label } => label.as_ref(),
            ActionKind::Custom { key: _, label } => Some(label),
        }
    }
}

/// What a tap on a button means, and what the button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind<'a> {
    /// Approve; Feishu has a name for it.
    Approve {
        /// Overrides Feishu's name.
        label: Option<Text<'a>>,
    },
    /// Reject; Feishu has a name for it.
    Reject {
        /// Overrides Feishu's name.
        label: Option<Text<'a>>,
    },
    /// Anything else, called back under its own key.
    Custom {
        /// Sent and called back as it is.
        key: Id<'a>,
        /// Feishu has no name for it, so the caller gives one.
        label: Text<'a>,
    },
}
