//! `GET …/external_tasks` and the historic `POST …/v2/external/list` (contract §6).

use serde::{Deserialize, Serialize};

use super::{Loose, More};

/// The filter, in the body of both generations.
#[derive(Debug, Default, Serialize)]
pub struct TaskStatusFilterBody<'a> {
    /// At most 20.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub approval_codes: &'a [String],
    /// At most 20.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub instance_ids: &'a [String],
    /// Approvers.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub user_ids: &'a [String],
    /// Of tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// Continues a list of the historic generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scroll_id: Option<&'a str>,
}

/// `data` of the current generation: the list is nested twice.
#[derive(Debug, Deserialize)]
pub struct TaskStatusPage {
    /// The instances.
    #[serde(default, deserialize_with = "super::lenient::null_as_default")]
    pub data: Vec<InstanceStatusNode>,
    /// Where it goes on.
    #[serde(flatten)]
    pub more: More,
}

/// `data` of the historic generation.
#[derive(Debug, Deserialize)]
pub struct LegacyTaskStatusPage {
    /// The instances.
    #[serde(default, deserialize_with = "super::lenient::null_as_default")]
    pub data: Vec<InstanceStatusNode>,
    /// Empty at the end.
    #[serde(default)]
    pub scroll_id: Loose,
}

/// One instance; times are strings now and were numbers before.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct InstanceStatusNode {
    /// The caller's id.
    pub instance_id: Loose,
    /// Feishu's id of the definition.
    pub approval_id: Loose,
    /// The real code.
    pub approval_code: Loose,
    /// `PENDING` …
    pub status: Loose,
    /// The version.
    pub update_time: Loose,
    /// Its tasks.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub tasks: Vec<TaskStatusNode>,
}

/// One task; its id is called `id` here.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct TaskStatusNode {
    /// The caller's id.
    pub id: Loose,
    /// `PENDING` …
    pub status: Loose,
    /// The version.
    pub update_time: Loose,
}
