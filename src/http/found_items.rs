//! What searches find, in our own words.

use super::view::{ExtraView, WordView};
use crate::domain::{FoundTaskStatus, InstanceStatus, Timestamp};
use crate::feishu::wire::{Found, FoundApproval, FoundCc, FoundGroup, FoundInstance, FoundTask};
use crate::schema::shapes::open_words;
use crate::schema::shown;

shown! {
    /// Which instance an item belongs to.
    struct InstanceIdentity {
        /// Your id of the instance.
        instance_id: Option<String> { example: "\"leave-1001\"" },
        /// Feishu's code of the instance.
        instance_code: Option<String> { example: "\"9089752A-E7E4-753C-6337-83856BA21146\"" },
        /// The definition that it belongs to.
        approval_code: Option<String> { example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// The definition's name.
        approval_name: Option<String> { example: "\"请假\"" },
        /// Feishu's id of the definition.
        approval_id: Option<String> { example: "\"7301550094428135452\"" },
        /// Whether it is a third-party approval.
        is_external: Option<bool> { example: "true" },
        /// Your code of the group that lists the definition.
        definition_group: Option<String> { example: "\"hr\"" },
        /// The group's name.
        definition_group_name: Option<String> { example: "\"人事\"" },
    }
}

impl InstanceIdentity {
    fn new(approval: FoundApproval, group: FoundGroup, instance: &mut FoundInstance) -> Self {
        let FoundApproval { code, name, is_external, approval_id } = approval;
        let FoundGroup { external_id, name: group_name } = group;
        Self {
            instance_id: instance.external_id.0.take(),
            instance_code: instance.code.0.take(),
            approval_code: code.0,
            approval_name: name.0,
            approval_id: approval_id.0,
            is_external: is_external.flag(),
            definition_group: external_id.0,
            definition_group_name: group_name.0,
        }
    }
}

shown! {
    /// An instance that a search found.
    pub(super) struct InstanceItem {
        flatten {
            /// Which instance it belongs to.
            identity: InstanceIdentity,
            /// What was pushed beside it.
            extra: ExtraView,
        }
        /// The applicant.
        applicant_user_id: Option<String> { example: "\"alice\"" },
        /// Where it stands.
        status: Option<&'static str> { example: "\"pending\"", words: Some(open_words::<InstanceStatus>) },
        /// Feishu's word, when `status` is `other`.
        status_raw: Option<String> { example: "\"ARCHIVED\"" },
        /// What people read.
        title: Option<String> { example: "\"年假申请\"" },
        /// When it was asked for.
        started_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
        /// When it ended; absent while it is open.
        ended_at: Option<Timestamp> { example: "\"2026-11-21T02:00:00.000Z\"" },
        /// Feishu's number of it.
        serial_id: Option<String> { example: "\"202611200001\"" },
        /// Where it opens on a computer.
        pc_link: Option<String> { example: "\"https://oa.example.com/leave/1001\"" },
        /// Where it opens on a phone.
        mobile_link: Option<String> { example: "\"https://oa.example.com/m/leave/1001\"" },
    }
}

impl From<Found> for InstanceItem {
    fn from(Found { approval, group, mut instance, task: _, cc: _ }: Found) -> Self {
        let identity = InstanceIdentity::new(approval, group, &mut instance);
        let WordView { word: status, raw: status_raw } = WordView::of::<InstanceStatus>(&instance.status);
        Self {
            identity,
            applicant_user_id: instance.user_id.0,
            status,
            status_raw,
            title: instance.title.0,
            started_at: instance.start_time.time(),
            ended_at: instance.end_time.time(),
            serial_id: instance.serial_id.0,
            extra: ExtraView::of(instance.extra),
            pc_link: instance.link.pc_link.0,
            mobile_link: instance.link.mobile_link.0,
        }
    }
}

shown! {
    /// A task that a search found.
    pub(super) struct TaskItem {
        flatten {
            /// Which instance it belongs to.
            identity: InstanceIdentity,
            /// What was pushed beside it.
            extra: ExtraView,
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
        let WordView { word, raw } = WordView::of::<FoundTaskStatus>(&status);
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
            extra: ExtraView::of(extra),
            pc_link: link.pc_link.0,
            mobile_link: link.mobile_link.0,
        }
    }
}

shown! {
    /// A copy that a search found; Feishu does not return your id of it.
    pub(super) struct CcItem {
        flatten {
            /// Which instance it belongs to.
            identity: InstanceIdentity,
            /// What was pushed beside it.
            extra: ExtraView,
        }
        /// The reader.
        user_id: Option<String> { example: "\"carol\"" },
        /// Whether it was read; absent when Feishu says neither.
        read: Option<bool> { example: "false" },
        /// What people read.
        title: Option<String> { example: "\"年假抄送\"" },
        /// When it was sent.
        created_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
        /// Where it opens on a computer.
        pc_link: Option<String> { example: "\"https://oa.example.com/leave/1001\"" },
        /// Where it opens on a phone.
        mobile_link: Option<String> { example: "\"https://oa.example.com/m/leave/1001\"" },
    }
}

impl From<Found> for CcItem {
    fn from(Found { approval, group, mut instance, task: _, cc }: Found) -> Self {
        let FoundCc { user_id, create_time, read_status, title, extra, link } = cc;
        let read = read_status.0.and_then(|word| match word.to_ascii_lowercase().as_str() {
            "read" => Some(true),
            "unread" => Some(false),
            _ => None,
        });
        Self {
            identity: InstanceIdentity::new(approval, group, &mut instance),
            user_id: user_id.0,
            read,
            title: title.0,
            created_at: create_time.time(),
            extra: ExtraView::of(extra),
            pc_link: link.pc_link.0,
            mobile_link: link.mobile_link.0,
        }
    }
}
