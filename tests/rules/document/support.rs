//! Small valid documents, a way to change them, and short forms of what becomes of them.

use approval_gateway::document::{CardRules, Rejection, Rules, read_definition, read_instance};
use approval_gateway::domain::{Mode, Region, Timestamp, Violation};
use approval_gateway::feishu::translate::{definition_payload, instance_payload};
use serde_json::{Value, json};

/// The version of an instance that names none.
const NOW: i64 = 1_773_450_000_000;

/// What a push says besides its document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Push {
    pub path_id: Option<&'static str>,
    pub mode: Mode,
    pub region: Region,
}

/// The usual push.
pub(crate) const PUSH: Push = Push { path_id: Some("i-1"), mode: Mode::Replace, region: Region::Feishu };

impl Push {
    /// The payload, or why there is none.
    pub(crate) fn payload(self, body: &[u8]) -> Result<Value, Rejection> {
        let instance = read_instance(body, self.path_id, self.mode, rules(self.region))?;
        let version = instance.updated_at.unwrap_or(Timestamp::from_unix_millis(NOW).unwrap());
        Ok(serde_json::from_slice(&instance_payload(&instance, self.mode, version).unwrap()).unwrap())
    }

    /// The violations of [`instance`] after these edits, each as `pointer code`.
    pub(crate) fn refusal(self, edits: &[&str]) -> Vec<String> {
        short(&violations(self.payload(edited(instance(), edits).as_bytes())))
    }
}

/// The payload of a definition, or why there is none.
pub(crate) fn upsert(body: &[u8]) -> Result<Value, Rejection> {
    let definition = read_definition(body, rules(Region::Feishu))?;
    Ok(serde_json::from_slice(&definition_payload(&definition).unwrap()).unwrap())
}

pub(crate) fn rules(region: Region) -> Rules {
    Rules {
        region,
        default_locale: "zh-CN".parse().unwrap(),
        update_needs_version: true,
        cards: CardRules::default(),
    }
}

/// The violations of a refused document.
pub(crate) fn violations(answer: Result<Value, Rejection>) -> Vec<Violation> {
    match answer {
        Err(Rejection::Invalid(violations)) => violations,
        Err(other) => panic!("{other}"),
        Ok(payload) => panic!("taken: {payload}"),
    }
}

/// Each violation as `pointer code`.
pub(crate) fn short(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|violation| format!("{} {}", violation.pointer, violation.code)).collect()
}

/// An instance with little more than what is required.
pub(crate) fn instance() -> Value {
    json!({
        "approval_code": "5E1B7C42",
        "status": "pending",
        "pc_link": "https://oa.example.org/1",
        "applicant_user_id": "u1",
        "started_at": "2026-03-14T09:00:00+08:00",
        "form": [{"name": "目的地", "value": "成都"}],
        "tasks": [{
            "task_id": "t-1",
            "user_id": "u2",
            "status": "pending",
            "created_at": "2026-03-14T09:00:00+08:00",
            "actions": [{"action": "approve"}],
        }],
        "cc": [{"cc_id": "c-1", "user_id": "u3", "created_at": "2026-03-14T09:00:00+08:00"}],
    })
}

/// A definition with little more than what is required.
pub(crate) fn definition() -> Value {
    json!({
        "definition_key": "travel",
        "name": "出差",
        "support_pc": true,
        "viewers": {"scope": "everyone"},
    })
}

/// The document after edits: `/pointer = JSON` writes (`-` as last step appends), `/pointer` alone removes.
pub(crate) fn edited(mut document: Value, edits: &[&str]) -> String {
    for edit in edits {
        let (pointer, value) = match edit.split_once(" = ") {
            Some((pointer, json)) => (pointer, Some(serde_json::from_str::<Value>(json).unwrap())),
            None => (*edit, None),
        };
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        match (document.pointer_mut(parent).unwrap(), value) {
            (Value::Object(members), Some(value)) => drop(members.insert(last.to_owned(), value)),
            (Value::Object(members), None) => drop(members.remove(last).unwrap()),
            (Value::Array(items), Some(value)) if last == "-" => items.push(value),
            (Value::Array(items), Some(value)) => items[last.parse::<usize>().unwrap()] = value,
            (parent, _) => panic!("{edit} does not fit {parent}"),
        }
    }
    document.to_string()
}
