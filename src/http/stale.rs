//! What Feishu has in another version than somebody believes.

use serde::Serialize;

use crate::domain::Timestamp;
use crate::feishu::{StaleInstance, StaleTask, VersionState};

/// One instance of which Feishu has something else, as in `checkInstances`.
#[derive(Debug, Serialize)]
pub(super) struct StaleEntry {
    instance_id: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feishu_updated_at: Option<Timestamp>,
    tasks: Vec<StaleTaskEntry>,
}

#[derive(Debug, Serialize)]
struct StaleTaskEntry {
    task_id: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feishu_updated_at: Option<Timestamp>,
}

impl From<StaleInstance> for StaleEntry {
    fn from(StaleInstance { instance_id, state, feishu_updated_at, tasks }: StaleInstance) -> Self {
        Self {
            instance_id,
            state: word(state),
            feishu_updated_at,
            tasks: tasks.into_iter().map(StaleTaskEntry::from).collect(),
        }
    }
}

impl From<StaleTask> for StaleTaskEntry {
    fn from(StaleTask { task_id, state, feishu_updated_at }: StaleTask) -> Self {
        Self { task_id, state: word(state), feishu_updated_at }
    }
}

fn word(state: VersionState) -> &'static str {
    match state {
        VersionState::Missing => "missing",
        VersionState::Behind => "behind",
        VersionState::Ahead => "ahead",
        VersionState::Current => "current",
    }
}
