//! What the tasks of a document mean for cards.

use crate::domain::{ApprovalInstance, ApprovalTask, Id, InstanceStatus, MessageStatus};
use crate::ledger::{CardPerson, DeliveredTask, DeliveredTasks};

/// The tasks of a document that Feishu takes. `by_default` is whether those get a card that say nothing about it; `is_import`,
/// whether it is a line of an import.
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
        closed: task.status.ending(instance.status),
        wants_card: task.notify.unwrap_or(by_default),
    };
    let gone = match instance.status {
        InstanceStatus::Canceled => MessageStatus::Canceled,
        _ => MessageStatus::Deleted,
    };
    DeliveredTasks { tasks: instance.tasks.iter().flatten().map(task).collect(), gone, is_import }
}
