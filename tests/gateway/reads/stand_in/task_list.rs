//! `external_tasks` and the historic `external/list` (contract §6.1, §6.2, samples 40–46).

use serde_json::{Map, Value, json};

use super::world::Instance;
use super::{Answer, Asked, Count, Refusal, Shared};

/// Instances of one batch of the historic list: the documents leave it to Feishu.
const SCROLL_SIZE: usize = 3;

const STATUSES: [&str; 5] = ["PENDING", "APPROVED", "REJECTED", "TRANSFERRED", "DONE"];

pub(crate) fn v4(shared: &Shared, asked: &Asked) -> Answer {
    asked.only(&["page_size", "page_token"])?;
    let size = asked.page_size(Count(50, 1..=500))?;
    let body = asked.json()?;
    let question = Question::read(&body)?;
    let found = question.find(shared);
    let bound = format!("{size} {body}");
    let cut = shared.memory().cut(&bound, asked.param("page_token"), size, found.len())?;
    let nodes: Vec<Value> = found[cut.from..cut.to].iter().map(|found| question.node(found, false)).collect();
    let nodes = if nodes.is_empty() && question.is_about_one() { Value::Null } else { nodes.into() };
    let mut data = json!({"data": nodes, "has_more": cut.has_more});
    if let Some(token) = cut.token {
        data["page_token"] = token.into();
    }
    Ok(data)
}

pub(crate) fn v2(shared: &Shared, asked: &Asked) -> Answer {
    asked.only(&[])?;
    let body = asked.json()?;
    let (filter, from) = match body.get("scroll_id") {
        None => (body, 0),
        Some(Value::String(scroll_id)) if body.as_object().is_some_and(|members| members.len() == 1) => {
            let (filter, from) = shared.memory().follow(scroll_id)?;
            (serde_json::from_str(&filter).unwrap(), from)
        }
        Some(_) => return Err(Refusal::undocumented("a scroll id stands alone")),
    };
    let question = Question::read(&filter)?;
    let found = question.find(shared);
    let to = (from + SCROLL_SIZE).min(found.len());
    let nodes: Vec<Value> = found[from..to].iter().map(|found| question.node(found, true)).collect();
    // The last scroll id leads to an empty batch, as in the samples.
    let scroll_id =
        if nodes.is_empty() { String::new() } else { shared.memory().scroll(&filter.to_string(), to) };
    Ok(json!({"data": nodes, "scroll_id": scroll_id}))
}

/// One of the three documented combinations.
enum Question {
    Instances(Vec<String>),
    Definitions { codes: Vec<String>, users: Option<Vec<String>>, status: String },
}

impl Question {
    fn read(body: &Value) -> Result<Self, Refusal> {
        let members = body.as_object().cloned().unwrap_or_default();
        let (ids, codes) = (strings(&members, "instance_ids")?, strings(&members, "approval_codes")?);
        let users = strings(&members, "user_ids")?;
        let known = ["instance_ids", "approval_codes", "user_ids", "status"];
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(Refusal::undocumented(format!("body member {name}")));
        }
        if [&ids, &codes].into_iter().flatten().any(|list| list.len() > 20) {
            return Err(Refusal::undocumented("more than twenty"));
        }
        let status = members.get("status");
        match (ids, codes, users, status) {
            (Some(ids), None, None, None) => Ok(Self::Instances(ids)),
            (None, Some(codes), users, Some(Value::String(status)))
                if STATUSES.contains(&status.as_str()) =>
            {
                Ok(Self::Definitions { codes, users, status: status.clone() })
            }
            _ => Err(Refusal::undocumented("a combination of filters that is not listed")),
        }
    }

    fn is_about_one(&self) -> bool {
        matches!(self, Self::Instances(ids) if ids.len() == 1)
    }

    fn find<'w>(&self, shared: &'w Shared) -> Vec<&'w Instance> {
        let all = &shared.world.instances;
        match self {
            Self::Instances(ids) => {
                ids.iter().filter_map(|id| all.iter().find(|found| found.id == *id)).collect()
            }
            Self::Definitions { codes, .. } => {
                let of_code = |code: &String| {
                    all.iter().filter(move |found| found.approval_code == *code).collect::<Vec<_>>()
                };
                let found = codes.iter().flat_map(of_code);
                found.filter(|found| found.tasks.iter().any(|task| self.wants(task))).collect()
            }
        }
    }

    fn wants(&self, task: &super::world::Task) -> bool {
        match self {
            Self::Instances(_) => true,
            Self::Definitions { users, status, .. } => {
                task.status == *status && users.as_ref().is_none_or(|users| users.contains(&task.user))
            }
        }
    }

    /// Times are strings, in the historic list numbers.
    fn node(&self, found: &Instance, numeric: bool) -> Value {
        let time = |millis: i64| if numeric { Value::from(millis) } else { millis.to_string().into() };
        let tasks = found
            .tasks
            .iter()
            .filter(|task| self.wants(task))
            .map(|task| json!({"id": task.id, "status": task.status, "update_time": time(task.updated)}));
        let tasks: Vec<Value> = tasks.collect();
        json!({
            "instance_id": found.id,
            "approval_id": "7301550094428135452",
            "approval_code": found.approval_code,
            "status": found.status,
            "update_time": time(found.updated),
            "tasks": if tasks.is_empty() { Value::Null } else { tasks.into() },
        })
    }
}

/// A list of one or more strings that are not empty; none when it is absent.
fn strings(members: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let list: Option<Vec<String>> = value.as_array().map(Vec::as_slice).and_then(|list| {
        list.iter().map(|text| text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)).collect()
    });
    match list {
        Some(list) if !list.is_empty() => Ok(Some(list)),
        _ => Err(Refusal::undocumented(format!("{name} may not be {value}"))),
    }
}
