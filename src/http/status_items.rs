//! What Feishu has of an instance: statuses and versions.

use serde::Serialize;

use super::view::WordView;
use crate::domain::{FoundTaskStatus, InstanceStatus, Timestamp};
use crate::feishu::wire::{InstanceStatusNode, TaskStatusNode};

/// An item of `listTaskStatuses`, and the answer of `getInstance` (design §2.2).
#[derive(Debug, Serialize)]
pub(super) struct TaskStatusItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_status_raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    tasks: Vec<TaskStatusEntry>,
}

/// One task's status and version.
#[derive(Debug, Serialize)]
struct TaskStatusEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
}

impl From<InstanceStatusNode> for TaskStatusItem {
    fn from(node: InstanceStatusNode) -> Self {
        let InstanceStatusNode { instance_id, approval_id, approval_code, status, update_time, tasks } = node;
        let WordView { word: instance_status, raw: instance_status_raw } =
            WordView::of::<InstanceStatus>(&status);
        Self {
            instance_id: instance_id.0,
            approval_code: approval_code.0,
            approval_id: approval_id.0,
            instance_status,
            instance_status_raw,
            updated_at: update_time.time(),
            tasks: tasks.into_iter().map(TaskStatusEntry::from).collect(),
        }
    }
}

impl From<TaskStatusNode> for TaskStatusEntry {
    fn from(TaskStatusNode { id, status, update_time }: TaskStatusNode) -> Self {
        let WordView { word, raw } = WordView::of::<FoundTaskStatus>(&status);
        Self { task_id: id.0, status: word, status_raw: raw, updated_at: update_time.time() }
    }
}
