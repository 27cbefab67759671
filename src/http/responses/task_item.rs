//! A task that a search found.

use super::extra::Extra;
use super::instance_identity::InstanceIdentity;
use super::open_word::OpenWord;
use crate::domain::{FoundTaskStatus, Timestamp};
use crate::feishu::wire::{Found, FoundTask};
use crate::schema::shapes::open_words;
use crate::schema::shown;

shown! {
    /// A task that a search found.
    pub(in crate::http) struct TaskItem {
        flatten {
            /// Which instance it belongs to.
            identity: InstanceIdentity,
            /// What was pushed beside it.
            extra: Extra,
        }
        /// Your id of the task.
        task_id: Option<String> { example: "\"leave-1001-t1\"" },
        /// Feishu's id of the task.
        feishu_task_id: Option<String> { example: "\"7303544286651929637\"" },
        /// The approver.
        user_id: Option<String> { example: "\"bob\"" },
        /// Where it stands.
        status: Option<&'static str> { example: "\"pending\"", words: Some(open_words::<FoundTaskStatus>) },
        /// Feishu's word, when `status` is `other`.
        status_raw: Option<String> { example: "\"ARCHIVED\"" },
        /// What people read.
        title: Option<String> { example: "\"主管审批\"" },
        /// When it was given to the approver.
        started_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
        /// When it ended; absent while it is open.
        ended_at: Option<Timestamp> { example: "\"2026-11-21T02:00:00.000Z\"" },
        /// Its version.
        updated_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
        /// Where it opens on a computer.
        pc_link: Option<String> { example: "\"https://oa.example.com/leave/1001\"" },
        /// Where it opens on a phone.
        mobile_link: Option<String> { example: "\"https://oa.example.com/m/leave/1001\"" },
    }
}

impl From<Found> for TaskItem {
    fn from(Found { approval, group, mut instance, task, cc: _ }: Found) -> Self {
        let FoundTask {
            user_id,
            start_time,
            end_time,
            status,
            title,
            extra,
            link,
            task_id,
            update_time,
            task_external_id,
        } = task;
        let OpenWord { word, raw } = OpenWord::of::<FoundTaskStatus>(&status);
        Self {
            identity: InstanceIdentity::new(approval, group, &mut instance),
            task_id: task_external_id.0,
            feishu_task_id: task_id.0,
            user_id: user_id.0,
            status: word,
            status_raw: raw,
            title: title.0,
            started_at: start_time.time(),
            ended_at: end_time.time(),
            updated_at: update_time.time(),
            extra: Extra::of(extra),
            pc_link: link.pc_link.0,
            mobile_link: link.mobile_link.0,
        }
    }
}
