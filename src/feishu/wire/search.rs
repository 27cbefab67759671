//! `instances/query`, `tasks/search` and `instances/search_cc` (contract §7.1 – §7.3).

use serde::{Deserialize, Serialize};

use super::{Loose, Millis, More};

/// The filters of all three searches; each leaves the others' own fields out.
#[derive(Debug, Default, Serialize)]
pub struct SearchBody<'a> {
    /// A person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<&'a str>,
    /// The real code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_code: Option<&'a str>,
    /// Feishu's code of an instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_code: Option<&'a str>,
    /// The caller's id of an instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_external_id: Option<&'a str>,
    /// The caller's code of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_external_id: Option<&'a str>,
    /// The language of the texts in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'static str>,
    /// `instances/query`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_title: Option<&'a str>,
    /// `instances/query`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_status: Option<&'static str>,
    /// `instances/query`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_start_time_from: Option<Millis>,
    /// `instances/query`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_start_time_to: Option<Millis>,
    /// `tasks/search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_title: Option<&'a str>,
    /// `tasks/search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_status: Option<&'static str>,
    /// `tasks/search`; overrides `task_status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_status_list: Option<Vec<&'static str>>,
    /// `tasks/search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_start_time_from: Option<Millis>,
    /// `tasks/search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_start_time_to: Option<Millis>,
    /// `tasks/search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<u8>,
    /// `instances/search_cc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cc_title: Option<&'a str>,
    /// `instances/search_cc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_status: Option<&'static str>,
    /// `instances/search_cc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cc_create_time_from: Option<Millis>,
    /// `instances/search_cc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cc_create_time_to: Option<Millis>,
}

/// `data` of a search: the three lists have three names.
#[derive(Debug, Deserialize)]
pub struct SearchPage {
    /// What was found.
    #[serde(
        default,
        alias = "instance_list",
        alias = "task_list",
        alias = "cc_list",
        deserialize_with = "super::lenient::null_as_default"
    )]
    pub list: Vec<Found>,
    /// Where it goes on.
    #[serde(flatten)]
    pub more: More,
}

/// One hit: the definition, its group, the instance, and what was searched for.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct Found {
    /// The definition.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub approval: FoundApproval,
    /// The group that lists it.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub group: FoundGroup,
    /// The instance.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub instance: FoundInstance,
    /// The task, in `tasks/search`.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub task: FoundTask,
    /// The copy, in `instances/search_cc`.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub cc: FoundCc,
}

/// `approval`.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct FoundApproval {
    /// The real code.
    pub code: Loose,
    /// What people read.
    pub name: Loose,
    /// Whether it is a third-party one.
    pub is_external: Loose,
    /// Feishu's id.
    pub approval_id: Loose,
}

/// `group`.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct FoundGroup {
    /// The caller's code.
    pub external_id: Loose,
    /// What people read.
    pub name: Loose,
}

/// `instance`.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct FoundInstance {
    /// Feishu's code.
    pub code: Loose,
    /// The caller's id.
    pub external_id: Loose,
    /// The applicant.
    pub user_id: Loose,
    /// When it began.
    pub start_time: Loose,
    /// When it ended.
    pub end_time: Loose,
    /// `pending` …
    pub status: Loose,
    /// What people read.
    pub title: Loose,
    /// JSON, stringified.
    pub extra: Loose,
    /// Feishu's number.
    pub serial_id: Loose,
    /// Where it is looked at.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub link: FoundLink,
}

/// `task`.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct FoundTask {
    /// The approver.
    pub user_id: Loose,
    /// When it began.
    pub start_time: Loose,
    /// When it ended.
    pub end_time: Loose,
    /// `pending` …
    pub status: Loose,
    /// What people read.
    pub title: Loose,
    /// JSON, stringified.
    pub extra: Loose,
    /// Where it is handled.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub link: FoundLink,
    /// Feishu's id.
    pub task_id: Loose,
    /// The version.
    pub update_time: Loose,
    /// The caller's id.
    pub task_external_id: Loose,
}

/// `cc`; the caller's id is not returned.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct FoundCc {
    /// The reader.
    pub user_id: Loose,
    /// When it was sent.
    pub create_time: Loose,
    /// `read` or `unread`.
    pub read_status: Loose,
    /// What people read.
    pub title: Loose,
    /// JSON, stringified.
    pub extra: Loose,
    /// Where it is read.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub link: FoundLink,
}

/// `link`.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct FoundLink {
    /// On computers.
    pub pc_link: Loose,
    /// On phones.
    pub mobile_link: Loose,
}
