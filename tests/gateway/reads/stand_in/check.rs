//! `external_instances/check` (contract §5, samples 30–35).

use serde_json::{Value, json};

use super::filters::millis;
use super::{Answer, Asked, Refusal, Shared};

/// Instances of one request. The documents name no bound; this stand-in has one, so that a gateway must split.
const MAX_INSTANCES: usize = 100;

pub(crate) fn answer(shared: &Shared, asked: &Asked) -> Answer {
    asked.only(&[])?;
    let body = asked.json()?;
    let instances = only_list(&body, "instances", &["instances"])?;
    if instances.is_empty() || instances.len() > MAX_INSTANCES {
        return Err(Refusal::undocumented(format!("{} instances", instances.len())));
    }
    let mut differing = Vec::new();
    for asked in instances {
        differing.extend(compare(shared, asked)?);
    }
    // The documents promise no order.
    differing.reverse();
    Ok(json!({"diff_instances": differing}))
}

/// The documented algorithm, in its order.
fn compare(shared: &Shared, asked: &Value) -> Result<Option<Value>, Refusal> {
    let tasks = only_list(asked, "tasks", &["instance_id", "update_time", "tasks"])?;
    let (id, version) = version(asked, "instance_id")?;
    let Some(stored) = shared.world.instances.iter().find(|stored| stored.id == id) else {
        return Ok(Some(json!({"instance_id": id, "update_time": "0", "tasks": []})));
    };
    let mut differing = Vec::new();
    for task in tasks {
        only(task, &["task_id", "update_time"])?;
        let (task_id, version) = self::version(task, "task_id")?;
        let updated = stored.tasks.iter().find(|task| task.id == task_id).map_or(0, |task| task.updated);
        if updated != version {
            differing.push(json!({"task_id": task_id, "update_time": updated.to_string()}));
        }
    }
    if differing.is_empty() && stored.updated == version {
        return Ok(None);
    }
    Ok(Some(json!({"instance_id": id, "update_time": stored.updated.to_string(), "tasks": differing})))
}

fn only(value: &Value, listed: &[&str]) -> Result<(), Refusal> {
    let members = value.as_object().cloned().unwrap_or_default();
    match members.len() == listed.len() && listed.iter().all(|name| members.contains_key(*name)) {
        true => Ok(()),
        false => Err(Refusal::undocumented(format!("{value} must have exactly {listed:?}"))),
    }
}

fn only_list<'v>(value: &'v Value, name: &str, listed: &[&str]) -> Result<&'v Vec<Value>, Refusal> {
    only(value, listed)?;
    value[name].as_array().ok_or_else(|| Refusal::undocumented(format!("{name} is no list")))
}

fn version<'v>(value: &'v Value, id: &str) -> Result<(&'v str, i64), Refusal> {
    let id = value[id].as_str().filter(|id| !id.is_empty());
    let wrong = || Refusal::undocumented(format!("an id or a version of {value}"));
    Ok((id.ok_or_else(wrong)?, millis(&value["update_time"]).ok_or_else(wrong)?))
}
