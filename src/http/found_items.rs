//! What searches find, in our own words.

use serde::Serialize;

use super::view::{ExtraView, WordView};
use crate::domain::{FoundTaskStatus, InstanceStatus, Timestamp};
use crate::feishu::wire::{Found, FoundApproval, FoundCc, FoundGroup, FoundInstance, FoundTask};

/// Which instance an item belongs to.
#[derive(Debug, Serialize)]
struct InstanceIdentity {
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_external: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition_group_name: Option<String>,
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

/// An item of `listInstances` (design §2.2).
#[derive(Debug, Serialize)]
pub(super) struct InstanceItem {
    #[serde(flatten)]
    identity: InstanceIdentity,
    #[serde(skip_serializing_if = "Option::is_none")]
    applicant_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_id: Option<String>,
    #[serde(flatten)]
    extra: ExtraView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pc_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_link: Option<String>,
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

/// An item of `listTasks` (design §2.2).
#[derive(Debug, Serialize)]
pub(super) struct TaskItem {
    #[serde(flatten)]
    identity: InstanceIdentity,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feishu_task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    #[serde(flatten)]
    extra: ExtraView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pc_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_link: Option<String>,
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

/// An item of `listCc` (design §2.2); Feishu does not return the caller's id of a copy.
#[derive(Debug, Serialize)]
pub(super) struct CcItem {
    #[serde(flatten)]
    identity: InstanceIdentity,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// Absent when Feishu says neither read nor unread.
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    #[serde(flatten)]
    extra: ExtraView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pc_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_link: Option<String>,
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
