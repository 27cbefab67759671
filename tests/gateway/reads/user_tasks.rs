//! `GET /v1/users/{user_id}/tasks`.

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::column;
use crate::reads::lie::set;
use crate::reads::world::{APPLICANT, APPROVER, Instance, NOW, READER, World, asked, before};

#[test_case(APPROVER, "todo"; "todo")]
#[test_case(APPROVER, "done"; "done")]
#[test_case(APPLICANT, "initiated"; "initiated")]
#[test_case(READER, "unread"; "unread")]
#[test_case(READER, "read"; "read")]
#[tokio::test]
async fn each_list_holds_exactly_what_belongs_to_it(user: &str, topic: &str) {
    let world = World::of_230_days();
    let listed = |found: &&Instance| match topic {
        "todo" => found.tasks[0].status == "PENDING",
        // Whoever passed a task on as done does not see it any more.
        "done" => !matches!(found.tasks[0].status, "PENDING" | "DONE"),
        "unread" => !found.copies[0].read,
        "read" => found.copies[0].read,
        _ => true,
    };
    let expected: Vec<String> = world
        .instances
        .iter()
        .filter(|found| found.status != "DELETED")
        .filter(listed)
        .map(|found| found.id.clone())
        .collect();
    let gateway = before(world).await;

    let found = gateway.all(&format!("/v1/users/{user}/tasks?topic={topic}"), 7).await;

    assert_eq!(column(&found, "instance_id"), expected);
    assert!(found.iter().all(|item| item["topic"] == topic));
}

/// So many instances of [`World::of_230_days`] are deleted, and in nobody's list.
const DELETED: usize = 18;

#[tokio::test]
async fn lines_hold_a_whole_list() {
    let gateway = before(World::of_230_days()).await;
    let lines = gateway.lines(&format!("/v1/users/{APPLICANT}/tasks?topic=initiated")).await;
    assert_eq!(lines.len(), 120 - DELETED);
}

#[test_case(json!("Running"), "pending", None; "running")]
#[test_case(json!("1"), "pending", None; "running as a number in a string")]
#[test_case(json!(1), "pending", None; "running as a number")]
#[test_case(json!("2"), "approved", None; "approved")]
#[test_case(json!("3"), "rejected", None; "rejected")]
#[test_case(json!("4"), "canceled", None; "withdrawn")]
#[test_case(json!("5"), "terminated", None; "terminated")]
#[test_case(json!("77"), "other", Some("77"); "a new number")]
#[tokio::test]
async fn the_status_of_the_instance_is_in_our_words(word: Value, ours: &str, raw: Option<&str>) {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;
    set(&gateway, "tasks_query", json!({"/data/tasks/*/process_status": word, "/data/tasks/*/topic": 3}))
        .await;
    let (items, _) = gateway.page(&format!("/v1/users/{APPLICANT}/tasks?topic=initiated")).await;
    assert_eq!((&items[0]["instance_status"], &items[0]["topic"]), (&ours.into(), &"initiated".into()));
    assert_eq!(items[0].get("instance_status_raw").and_then(Value::as_str), raw);
}

#[tokio::test]
async fn an_entry_is_shown_whole() {
    let gateway = before(World::of([Instance::new("oa-1", NOW)])).await;
    let (items, _) = gateway.page(&format!("/v1/users/{APPROVER}/tasks?topic=todo")).await;
    insta::assert_json_snapshot!(items, @r#"
    [
      {
        "applicant_names": [
          "周南"
        ],
        "applicant_user_ids": [
          "b51f70ac"
        ],
        "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
        "approval_id": "7301550094428135452",
        "approval_name": "出差申请",
        "definition_group_name": "行政",
        "feishu_definition_group_id": "7315866769513355476",
        "feishu_instance_id": "7354809924435667062",
        "feishu_task_id": "7312827612321852149",
        "instance_code": "83363B88-54D3-6876-F62A-5AD34451623E",
        "instance_id": "oa-1",
        "instance_status": "pending",
        "mobile_link": "https://oa.example.org/m/task",
        "pc_link": "https://oa.example.org/task",
        "status": "todo",
        "task_id": "oa-1-n1",
        "title": "title of oa-1",
        "topic": "todo",
        "user_id": "e7b21c9d"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_user_id_of_special_characters_arrives_as_it_is() {
    let gateway = before(World::default()).await;
    gateway.page("/v1/users/a%26b%2F%2B%20%E5%BC%A0/tasks?topic=todo&user_id_type=open_id").await;
    let asked = asked(&gateway).await.pop().unwrap();
    let query = asked["query"].as_str().unwrap();
    assert!(
        query.contains("user_id=a%26b%2F%2B%20%E5%BC%A0&") && query.contains("user_id_type=open_id"),
        "{query}"
    );
}
