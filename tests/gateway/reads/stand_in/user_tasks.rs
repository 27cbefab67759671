//! `tasks/query` (contract §7.4, sample 55).

use serde_json::{Value, json};

use super::found::sometimes_a_number;
use super::world::{APPLICANT, Instance};
use super::{Answer, Asked, Count, Refusal, Shared};

pub(crate) fn answer(shared: &Shared, asked: &Asked) -> Answer {
    asked.only(&["page_size", "page_token", "user_id", "topic", "user_id_type"])?;
    asked.no_body()?;
    let size = asked.page_size(Count(100, 1..=200))?;
    let user_id_type = asked.user_id_type()?.to_owned();
    let user = asked.param("user_id").ok_or_else(|| Refusal::undocumented("no user_id"))?;
    let topic = match asked.param("topic") {
        Some(topic @ ("1" | "2" | "3" | "17" | "18")) => topic,
        other => return Err(Refusal::undocumented(format!("topic is {other:?}"))),
    };
    let entries: Vec<Value> =
        shared.world.instances.iter().flat_map(|instance| entries(instance, user, topic)).collect();
    let question = format!("{user} {topic} {user_id_type} {size}");
    let token = asked.param("page_token");
    let cut = shared.memory().cut(&question, token, size, entries.len())?;
    let mut data = json!({"tasks": entries[cut.from..cut.to], "has_more": cut.has_more});
    if let Some(token) = cut.token {
        data["page_token"] = token.into();
    }
    if asked.param("page_token").is_none() {
        data["count"] = json!({"total": entries.len(), "has_more": false});
    }
    Ok(data)
}

/// What of an instance stands in one list of a user.
fn entries(instance: &Instance, user: &str, topic: &str) -> Vec<Value> {
    let tasks = instance.tasks.iter().filter(|task| task.user == user);
    match topic {
        "1" | "2" => {
            let listed = tasks.filter(|task| (task.status == "PENDING") == (topic == "1"));
            listed.map(|task| entry(instance, user, topic, Some(&task.id), topic)).collect()
        }
        "3" if user == APPLICANT => {
            let status = if instance.status == "CANCELED" { "34" } else { "33" };
            vec![entry(instance, user, topic, None, status)]
        }
        "17" | "18" => {
            let copies = instance.copies.iter();
            let listed = copies.filter(|copy| copy.user == user && copy.read == (topic == "18"));
            listed.map(|_| entry(instance, user, topic, None, topic)).collect()
        }
        _ => Vec::new(),
    }
}

fn entry(instance: &Instance, user: &str, topic: &str, task: Option<&String>, status: &str) -> Value {
    // Numbers in strings in the documents, words in their example, bare numbers in an SDK.
    let topic: Value = match instance.started % 3 {
        0 => topic.parse::<u64>().unwrap().into(),
        _ => topic.into(),
    };
    let process_status = match instance.status {
        "PENDING" if instance.started % 2 == 0 => "Running",
        "PENDING" => "1",
        "APPROVED" => "2",
        "REJECTED" => "3",
        "CANCELED" => "4",
        "TERMINATED" => "5",
        "HIDDEN" => "0",
        other => other,
    };
    let number = u64::try_from(instance.started).unwrap();
    json!({
        "topic": topic,
        "user_id": user,
        "title": instance.title,
        "urls": {"helpdesk": "", "mobile": "https://oa.example.org/m/travel", "pc": "https://oa.example.org/travel"},
        "process_external_id": instance.id,
        "task_external_id": task.cloned().unwrap_or_default(),
        "status": status,
        "process_status": process_status,
        "definition_code": instance.approval_code,
        "initiators": [APPLICANT],
        "initiator_names": ["周南"],
        "task_id": sometimes_a_number(number * 1000, instance.started),
        "process_id": sometimes_a_number(number, instance.started),
        "process_code": instance.code(),
        "definition_group_id": "7301549981002547228",
        "definition_group_name": "行政",
        "definition_id": "7301550094428135452",
        "definition_name": "出差申请",
    })
}
