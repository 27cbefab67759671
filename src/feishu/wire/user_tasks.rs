//! `GET …/tasks/query`: one user's lists (contract §7.4). Numbers and strings are mixed up in its documents.

use serde::Deserialize;

use super::{Loose, More};

/// `data`.
#[derive(Debug, Deserialize)]
pub struct UserTaskPage {
    /// The entries.
    #[serde(default, deserialize_with = "super::lenient::null_as_default")]
    pub tasks: Vec<UserTaskNode>,
    /// Where it goes on.
    #[serde(flatten)]
    pub more: More,
}

/// `tasks[]`.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct UserTaskNode {
    /// `1` to-do …
    pub topic: Loose,
    /// Whose list it is.
    pub user_id: Loose,
    /// What people read.
    pub title: Loose,
    /// Where it is handled.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub urls: UserTaskUrls,
    /// The caller's id of the instance.
    pub process_external_id: Loose,
    /// The caller's id of the task.
    pub task_external_id: Loose,
    /// `1` to-do …
    pub status: Loose,
    /// `1` running …
    pub process_status: Loose,
    /// The real code.
    pub definition_code: Loose,
    /// Applicants.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub initiators: Vec<Loose>,
    /// Their names.
    #[serde(deserialize_with = "super::lenient::null_as_default")]
    pub initiator_names: Vec<Loose>,
    /// Feishu's id.
    pub task_id: Loose,
    /// Feishu's id of the instance.
    pub process_id: Loose,
    /// Feishu's code of the instance.
    pub process_code: Loose,
    /// Feishu's id of the group.
    pub definition_group_id: Loose,
    /// What people read.
    pub definition_group_name: Loose,
    /// Feishu's id of the definition.
    pub definition_id: Loose,
    /// What people read.
    pub definition_name: Loose,
}

/// `urls`.
#[derive(Debug, Clone, Default, Hash, Deserialize)]
#[serde(default)]
pub struct UserTaskUrls {
    /// On phones.
    pub mobile: Loose,
    /// On computers.
    pub pc: Loose,
}
