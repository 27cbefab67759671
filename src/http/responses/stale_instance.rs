//! What Feishu has in another version than somebody believes.

use crate::domain::Timestamp;
use crate::feishu::{self, VersionState};
use crate::schema::shown;

shown! {
    /// An instance of which Feishu has another version than the one asked about.
    pub(in crate::http) struct StaleInstance {
        /// Your id of the instance.
        instance_id: String { required: true, example: "\"leave-1001\"" },
        /// How Feishu's version compares: `missing`, `behind`, `ahead`, or `current` when only tasks differ. Push again
        /// what is missing or behind.
        state: &'static str { required: true, example: "\"behind\"", words: Some(states) },
        /// Feishu's version; absent when the instance is missing.
        feishu_updated_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
        /// Tasks of which Feishu has another version.
        tasks: Vec<StaleTask> { required: true, max_items: MAX_TASKS },
    }

    /// A task of which Feishu has another version than the one asked about.
    pub(in crate::http) struct StaleTask {
        /// Your id of the task.
        task_id: String { required: true, example: "\"leave-1001-t1\"" },
        /// How Feishu's version compares: `missing`, `behind` or `ahead`.
        state: &'static str { required: true, example: "\"missing\"", words: Some(states) },
        /// Feishu's version; absent when the task is missing.
        feishu_updated_at: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
    }
}

/// Contract §12.3.
const MAX_TASKS: usize = 300;

fn states() -> Vec<(&'static str, &'static str)> {
    vec![
        ("missing", "Feishu does not have it."),
        ("behind", "Feishu's is older."),
        ("ahead", "Feishu's is newer."),
        ("current", "The same."),
    ]
}

impl From<feishu::StaleInstance> for StaleInstance {
    fn from(stale: feishu::StaleInstance) -> Self {
        let feishu::StaleInstance { instance_id, state, feishu_updated_at, tasks } = stale;
        Self {
            instance_id,
            state: word(state),
            feishu_updated_at,
            tasks: tasks.into_iter().map(StaleTask::from).collect(),
        }
    }
}

impl From<feishu::StaleTask> for StaleTask {
    fn from(stale: feishu::StaleTask) -> Self {
        let feishu::StaleTask { task_id, state, feishu_updated_at } = stale;
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
