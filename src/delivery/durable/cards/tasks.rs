//! What the tasks of a document mean for cards.

use crate::domain::{ApprovalInstance, ApprovalTask, Id, InstanceStatus, MessageStatus, TaskStatus};
use crate::ledger::{CardPerson, DeliveredTask, DeliveredTasks};

/// The tasks of a document that Feishu takes. `by_default` is whether those get a card that say nothing about it; `is_import`,
/// whether it is a line of an import, of which nobody is told.
pub(in crate::delivery::durable) fn delivered_tasks(
    instance: &ApprovalInstance<'_>,
    by_default: bool,
    is_import: bool,
) -> DeliveredTasks {
    let task = |task: &ApprovalTask<'_>| DeliveredTask {
        task_id: Id::as_str(&task.task_id).to_owned(),
        person: CardPerson {
            user_id: task.approver.user_id().map(str::to_owned),
            open_id: task.approver.open_id().map(str::to_owned),
        },
        closed: closed(task.status, instance.status),
        wants_card: task.notify.unwrap_or(by_default) && !is_import,
    };
    let gone = match instance.status {
        InstanceStatus::Canceled => MessageStatus::Canceled,
        _ => MessageStatus::Deleted,
    };
    DeliveredTasks { tasks: instance.tasks.iter().flatten().map(task).collect(), gone }
}

/// What the card of a task says; nothing while the task waits for its person.
fn closed(task: TaskStatus, instance: InstanceStatus) -> Option<MessageStatus> {
    match (task, instance) {
        (TaskStatus::Approved, _) => Some(MessageStatus::Approved),
        (TaskStatus::Rejected, _) => Some(MessageStatus::Rejected),
        (TaskStatus::Transferred, _) => Some(MessageStatus::Transferred),
        // What nobody decided ends with its instance.
        (TaskStatus::Done | TaskStatus::Pending, InstanceStatus::Canceled) => Some(MessageStatus::Canceled),
        // Feishu shows such instances to nobody.
        (TaskStatus::Done | TaskStatus::Pending, InstanceStatus::Deleted | InstanceStatus::Hidden) => {
            Some(MessageStatus::Deleted)
        }
        (TaskStatus::Done, _) | (TaskStatus::Pending, InstanceStatus::Terminated) => {
            Some(MessageStatus::Processed)
        }
        // Feishu leaves such a task in its person's list.
        (
            TaskStatus::Pending,
            InstanceStatus::Pending | InstanceStatus::Approved | InstanceStatus::Rejected,
        ) => None,
    }
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
    fn a_card_says(task: TaskStatus, instance: InstanceStatus) -> Option<MessageStatus> {
        closed(task, instance)
    }
}
