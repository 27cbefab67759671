//! Asks Feishu which versions it has (contract §5).

use std::collections::HashMap;

use crate::domain::{KnownVersions, Timestamp};
use crate::feishu::api::Api;
use crate::feishu::client::FeishuClient;
use crate::feishu::context::CallContext;
use crate::feishu::failure::CallError;
use crate::feishu::report::{CallReport, Called};
use crate::feishu::transport::Request;
use crate::feishu::wire::{CheckAnswer, CheckInstance, CheckRequest, CheckTask, DiffInstance, DiffTask};

/// Instances of one upstream call: our choice, the documented bound is unknown (contract §5).
const MAX_INSTANCES: usize = 50;

/// An instance of which Feishu has something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleInstance {
    /// The caller's id.
    pub instance_id: String,
    /// How Feishu's version compares.
    pub state: VersionState,
    /// Feishu's version; none when the instance is missing.
    pub feishu_updated_at: Option<Timestamp>,
    /// Tasks that differ.
    pub tasks: Vec<StaleTask>,
}

/// A task of which Feishu has something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleTask {
    /// The caller's id.
    pub task_id: String,
    /// How Feishu's version compares.
    pub state: VersionState,
    /// Feishu's version; none when the task is missing.
    pub feishu_updated_at: Option<Timestamp>,
}

/// How Feishu's version compares with the one asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// Feishu does not have it.
    Missing,
    /// Feishu's is older.
    Behind,
    /// Feishu's is newer.
    Ahead,
    /// The same.
    Current,
}

impl VersionState {
    fn of(feishus: Option<Timestamp>, asked: Timestamp) -> Self {
        match feishus.map(|version| version.cmp(&asked)) {
            None => Self::Missing,
            Some(std::cmp::Ordering::Less) => Self::Behind,
            Some(std::cmp::Ordering::Greater) => Self::Ahead,
            Some(std::cmp::Ordering::Equal) => Self::Current,
        }
    }
}

impl FeishuClient {
    /// Lists what differs; empty when all versions agree. Copies and contents are not compared (contract §5).
    ///
    /// # Errors
    /// When Feishu refuses the question, cannot be reached, or does not answer before the deadline.
    pub async fn check_instances(
        &self,
        known: &[KnownVersions],
        context: &CallContext,
    ) -> Result<Called<Vec<StaleInstance>>, CallError> {
        let (mut stale, mut log_id, mut report) = (Vec::new(), None, CallReport::default());
        for part in known.chunks(MAX_INSTANCES) {
            let request = CheckRequest { instances: part.iter().map(check_instance).collect() };
            let request = Request::json(Api::CheckInstances, &request);
            let called: Result<Called<CheckAnswer>, _> = self.call(request, context).await;
            let called = called.map_err(|error| error.after(&report))?;
            stale.extend(compare(part, called.data));
            (log_id, report) = (called.log_id, report.then(called.report));
        }
        Ok(Called { data: stale, log_id, report })
    }
}

fn check_instance(known: &KnownVersions) -> CheckInstance<'_> {
    let KnownVersions { instance_id, updated_at, tasks } = known;
    CheckInstance {
        instance_id,
        update_time: (*updated_at).into(),
        tasks: tasks
            .iter()
            .map(|(task_id, version)| CheckTask { task_id, update_time: (*version).into() })
            .collect(),
    }
}

/// What differs, in the order in which it was asked about; what was not asked about says nothing about what was.
fn compare(known: &[KnownVersions], answer: CheckAnswer) -> Vec<StaleInstance> {
    let mut diffs: HashMap<String, DiffInstance> =
        answer.diff_instances.into_iter().map(|diff| (diff.instance_id.clone(), diff)).collect();
    known.iter().filter_map(|asked| Some(stale_instance(asked, diffs.remove(&asked.instance_id)?))).collect()
}

fn stale_instance(asked: &KnownVersions, diff: DiffInstance) -> StaleInstance {
    let mut diffs: HashMap<String, DiffTask> =
        diff.tasks.into_iter().map(|task| (task.task_id.clone(), task)).collect();
    let tasks = asked.tasks.iter().filter_map(|(task_id, version)| {
        let feishus = Timestamp::from_unix_millis(diffs.remove(task_id)?.update_time.0);
        let state = VersionState::of(feishus, *version);
        Some(StaleTask { task_id: task_id.clone(), state, feishu_updated_at: feishus })
    });
    let tasks = tasks.collect();
    let feishus = Timestamp::from_unix_millis(diff.update_time.0);
    let state = VersionState::of(feishus, asked.updated_at);
    StaleInstance { instance_id: diff.instance_id, state, feishu_updated_at: feishus, tasks }
}
