//! `POST external_instances/check`: which versions differ from the last effective ones (contract §5).

use serde::{Deserialize, Serialize};

use super::documents::Instance;
use super::instances::Instances;
use super::int64::Int64;

/// The body.
#[derive(Debug, Deserialize)]
pub(super) struct CheckRequest {
    instances: Vec<InstanceVersion>,
}

/// `data` of the answer.
#[derive(Debug, Serialize)]
pub(super) struct CheckAnswer {
    diff_instances: Vec<InstanceVersion>,
}

/// An instance with the versions of its tasks, in both directions.
#[derive(Debug, Serialize, Deserialize)]
struct InstanceVersion {
    instance_id: String,
    update_time: Int64,
    tasks: Vec<TaskVersion>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TaskVersion {
    task_id: String,
    update_time: Int64,
}

/// Compares by equality, lists only what differs, and lets differing tasks of one instance share an entry.
pub(super) fn check(instances: &Instances, app_id: &str, request: CheckRequest) -> CheckAnswer {
    let diff_instances = request
        .instances
        .into_iter()
        .filter_map(|asked| {
            let stored = instances.get(app_id, &asked.instance_id).map(|stored| &*stored.instance);
            difference(asked, stored)
        })
        .collect();
    CheckAnswer { diff_instances }
}

fn difference(asked: InstanceVersion, stored: Option<&Instance>) -> Option<InstanceVersion> {
    let InstanceVersion { instance_id, update_time, tasks } = asked;
    let Some(stored) = stored else {
        return Some(InstanceVersion { instance_id, update_time: Int64(0), tasks: Vec::new() });
    };
    let tasks: Vec<TaskVersion> = tasks.into_iter().filter_map(|task| differing_task(task, stored)).collect();
    let differs = !tasks.is_empty() || update_time != stored.update_time;
    differs.then_some(InstanceVersion { instance_id, update_time: stored.update_time, tasks })
}

fn differing_task(asked: TaskVersion, stored: &Instance) -> Option<TaskVersion> {
    let known = stored.tasks().iter().find(|task| task.task_id == asked.task_id);
    let update_time = known.map_or(Int64(0), |task| stored.version_of(task));
    // An unknown task is listed whatever version was asked about, even "0".
    (known.is_none() || update_time != asked.update_time)
        .then_some(TaskVersion { task_id: asked.task_id, update_time })
}
