//! Payloads that would be too large are refused with what makes them so.

use approval_gateway::document::read_instance;
use approval_gateway::domain::{Mode, Region, Timestamp};
use approval_gateway::feishu::translate::instance_payload;
use serde_json::{Value, json};
use test_case::test_case;

use crate::document::support::rules;

const MIB: usize = 1024 * 1024;

/// An instance with these members beside those that it needs.
fn with(members: Value) -> String {
    let mut document = json!({
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "status": "pending",
        "title": "Trip",
        "pc_link": "https://oa.example.org/1",
        "applicant_user_id": "applicant",
        "started_at": "2026-01-02T03:00:00Z",
    });
    let Value::Object(members) = members else { panic!("members are an object") };
    document.as_object_mut().unwrap().extend(members);
    document.to_string()
}

fn text(length: usize) -> String {
    "x".repeat(length)
}

fn tasks(count: usize, members: &Value) -> Value {
    let task = |number| {
        let mut task = json!({
            "task_id": format!("t{number}"), "user_id": "u", "status": "pending", "created_at": "2026-01-02T03:00:00Z",
        });
        task.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        task
    };
    (0..count).map(task).collect()
}

/// The pointers of what makes the payload too large; none when it is not.
fn pointers(document: &str) -> Vec<String> {
    let instance =
        read_instance(document.as_bytes(), Some("a"), Mode::Replace, rules(Region::Feishu)).unwrap();
    match instance_payload(&instance, Mode::Replace, Timestamp::FIRST) {
        Ok(payload) => {
            assert!(payload.len() <= 15 * MIB);
            Vec::new()
        }
        Err(oversized) => {
            oversized.into_violations().into_iter().map(|violation| violation.pointer).collect()
        }
    }
}

#[test_case(&json!({"pc_link": text(20_000), "mobile_link": "m", "tasks": tasks(299, &json!({})), "cc": []}) => Vec::<String>::new(); "links that fit")]
#[test_case(&json!({"pc_link": text(60_000), "mobile_link": "m", "tasks": tasks(300, &json!({}))}) => vec!["/pc_link".to_owned()]; "a link that tasks take over")]
#[test_case(&json!({"pc_link": text(60_000), "tasks": tasks(300, &json!({"pc_link": "p"}))}) => Vec::<String>::new(); "a link that no task takes over")]
#[test_case(&json!({"extra": {"a": text(16 * MIB)}}) => vec!["/extra".to_owned()]; "extra")]
#[test_case(&json!({"tasks": tasks(300, &json!({"extra": {"a": text(60_000)}}))}) => vec!["/tasks".to_owned()]; "tasks")]
#[test_case(&json!({"title": "T", "translations": {"en-US": {"T": text(8 * MIB)}, "ja-JP": {"T": text(8 * MIB)}}}) => vec!["/translations".to_owned()]; "translations")]
#[test_case(&json!({"title": "T", "translations": {"en-US": {"other": text(16 * MIB)}}}) => Vec::<String>::new(); "translations that are not sent")]
#[test_case(&json!({"title": text(16 * MIB)}) => vec![String::new()]; "something else")]
fn too_large(members: &Value) -> Vec<String> {
    pointers(&with(members.clone()))
}
