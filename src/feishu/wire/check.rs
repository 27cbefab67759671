//! `POST /open-apis/approval/v4/external_instances/check` (contract §5).

use serde::{Deserialize, Serialize};

use super::Millis;

/// The request's body.
#[derive(Debug, Serialize)]
pub struct CheckRequest<'a> {
    /// What the caller believes Feishu has.
    pub instances: Vec<CheckInstance<'a>>,
}

/// `instances[]`.
#[derive(Debug, Serialize)]
pub struct CheckInstance<'a> {
    /// The caller's id.
    pub instance_id: &'a str,
    /// The version believed.
    pub update_time: Millis,
    /// Required, may be empty.
    pub tasks: Vec<CheckTask<'a>>,
}

/// `instances[].tasks[]`.
#[derive(Debug, Serialize)]
pub struct CheckTask<'a> {
    /// The caller's id.
    pub task_id: &'a str,
    /// The version believed.
    pub update_time: Millis,
}

/// `data` of the answer: only what differs is listed.
#[derive(Debug, Deserialize)]
pub struct CheckAnswer {
    /// Empty when all is well.
    pub diff_instances: Vec<DiffInstance>,
}

/// `diff_instances[]`.
#[derive(Debug, Deserialize)]
pub struct DiffInstance {
    /// The caller's id.
    pub instance_id: String,
    /// The version that Feishu has; 0 when it has none.
    pub update_time: Millis,
    /// Only tasks that differ.
    #[serde(default)]
    pub tasks: Vec<DiffTask>,
}

/// `diff_instances[].tasks[]`.
#[derive(Debug, Deserialize)]
pub struct DiffTask {
    /// The caller's id.
    pub task_id: String,
    /// The version that Feishu has; 0 when it has none.
    pub update_time: Millis,
}
