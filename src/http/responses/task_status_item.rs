//! What Feishu has of an instance: statuses and versions.

use super::open_word::OpenWord;
use crate::domain::{FoundTaskStatus, InstanceStatus, Timestamp};
use crate::feishu::wire::{InstanceStatusNode, TaskStatusNode};
use crate::schema::shapes::open_words;
use crate::schema::shown;

shown! {
    /// What Feishu has of an instance: statuses and versions.
    pub(in crate::http) struct TaskStatusItem {
        /// Your id of the instance.
        instance_id: Option<String> { example: "\"leave-1001\"" },
        /// The definition that it belongs to.
        approval_code: Option<String> { example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// Feishu's id of the definition.
        approval_id: Option<String> { example: "\"7301550094428135452\"" },
        /// Where the instance stands.
        instance_status: Option<&'static str> { example: "\"pending\"", words: Some(open_words::<InstanceStatus>) },
        /// Feishu's word, when `instance_status` is `other`.
        instance_status_raw: Option<String> { example: "\"ARCHIVED\"" },
        /// The instance's version.
        updated_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
        /// Its tasks.
        tasks: Vec<TaskStatusEntry> { required: true, max_items: 1000 },
    }

    /// What Feishu has of a task.
    struct TaskStatusEntry {
        /// Your id of the task.
        task_id: Option<String> { example: "\"leave-1001-t1\"" },
        /// Where the task stands.
        status: Option<&'static str> { example: "\"pending\"", words: Some(open_words::<FoundTaskStatus>) },
        /// Feishu's word, when `status` is `other`.
        status_raw: Option<String> { example: "\"ARCHIVED\"" },
        /// The task's version.
        updated_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
    }
}

impl From<InstanceStatusNode> for TaskStatusItem {
    fn from(node: InstanceStatusNode) -> Self {
        let InstanceStatusNode { instance_id, approval_id, approval_code, status, update_time, tasks } = node;
        let OpenWord { word: instance_status, raw: instance_status_raw } =
            OpenWord::of::<InstanceStatus>(&status);
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
        let OpenWord { word, raw } = OpenWord::of::<FoundTaskStatus>(&status);
        Self { task_id: id.0, status: word, status_raw: raw, updated_at: update_time.time() }
    }
}
