//! One approver's part in an instance.

use super::{
    DisplayMethod, Extra, GenerateType, Id, InstanceStatus, Links, MessageStatus, Person, Reason, TaskStatus,
    Text, Timestamp,
};

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

impl TaskStatus {
    /// How a task in an instance of this status has ended; nothing while it waits for its person.
    pub fn ending(self, instance: InstanceStatus) -> Option<MessageStatus> {
        match (self, instance) {
            (Self::Approved, _) => Some(MessageStatus::Approved),
            (Self::Rejected, _) => Some(MessageStatus::Rejected),
            (Self::Transferred, _) => Some(MessageStatus::Transferred),
            // What nobody decided ends with its instance.
            (Self::Done | Self::Pending, InstanceStatus::Canceled) => Some(MessageStatus::Canceled),
            // Feishu shows such instances to nobody.
            (Self::Done | Self::Pending, InstanceStatus::Deleted | InstanceStatus::Hidden) => {
                Some(MessageStatus::Deleted)
            }
            (Self::Done, _) | (Self::Pending, InstanceStatus::Terminated) => Some(MessageStatus::Processed),
            // Feishu leaves such a task in its person's list.
            (
                Self::Pending,
                InstanceStatus::Pending | InstanceStatus::Approved | InstanceStatus::Rejected,
            ) => None,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(TaskStatus::Pending, InstanceStatus::Pending => None; "it waits")]
    #[test_case(TaskStatus::Pending, InstanceStatus::Approved => None; "it was left open, and Feishu shows it")]
    #[test_case(TaskStatus::Pending, InstanceStatus::Canceled => Some(MessageStatus::Canceled); "withdrawn")]
    #[test_case(TaskStatus::Done, InstanceStatus::Canceled => Some(MessageStatus::Canceled); "withdrawn and cleared away")]
    #[test_case(TaskStatus::Approved, InstanceStatus::Canceled => Some(MessageStatus::Approved); "approved before")]
    #[test_case(TaskStatus::Pending, InstanceStatus::Terminated => Some(MessageStatus::Processed); "ended from outside")]
    #[test_case(TaskStatus::Pending, InstanceStatus::Hidden => Some(MessageStatus::Deleted); "hidden")]
    #[test_case(TaskStatus::Rejected, InstanceStatus::Rejected => Some(MessageStatus::Rejected); "rejected")]
    #[test_case(TaskStatus::Transferred, InstanceStatus::Pending => Some(MessageStatus::Transferred); "handed on")]
    #[test_case(TaskStatus::Done, InstanceStatus::Pending => Some(MessageStatus::Processed); "done without this person")]
    fn a_task_ends(task: TaskStatus, instance: InstanceStatus) -> Option<MessageStatus> {
        task.ending(instance)
    }
}
