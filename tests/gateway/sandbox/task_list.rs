//! Contract §6: the task list in both generations.

use approval_gateway::sandbox::{SEEDED_APPROVAL_CODE, Switches, TaskListApi};
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::encoded;
use crate::sandbox::support::{TASKS, TestSandbox, instance, with};

const LEGACY: &str = "/approval/openapi/v2/external/list";

fn numbered(number: usize, task_status: &str) -> Value {
    with(
        instance(),
        &[
            ("/instance_id", json!(format!("oa-{number}"))),
            ("/task_list/0/task_id", json!(format!("oa-{number}-n1"))),
            ("/task_list/0/status", json!(task_status)),
            ("/cc_list", Value::Null),
        ],
    )
}

async fn filled(count: usize) -> TestSandbox {
    let sandbox = TestSandbox::with(Switches { per_second: 0, per_minute: 0, ..Switches::default() });
    for number in 0..count {
        sandbox.push(numbered(number, if number % 2 == 0 { "PENDING" } else { "APPROVED" })).await;
    }
    sandbox
}

fn ids(data: &Value) -> Vec<&str> {
    data.as_array().unwrap().iter().map(|item| item["instance_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn instances_are_listed_with_all_their_tasks() {
    let data = filled(2).await.ask("GET", TASKS, json!({"instance_ids": ["oa-1", "oa-7"]})).await.data();
    insta::assert_json_snapshot!(data, @r#"
    {
      "data": [
        {
          "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
          "approval_id": "7301550094428135452",
          "instance_id": "oa-1",
          "status": "PENDING",
          "tasks": [
            {
              "id": "oa-1-n1",
              "status": "APPROVED",
              "update_time": "1773450000000"
            }
          ],
          "update_time": "1773450000000"
        }
      ],
      "has_more": false
    }
    "#);
}

#[tokio::test]
async fn codes_with_a_status_list_matching_tasks_only() {
    let filter = json!({"approval_codes": [SEEDED_APPROVAL_CODE], "status": "APPROVED"});
    let data = filled(4).await.ask("GET", TASKS, filter).await.data();
    assert_eq!(ids(&data["data"]), ["oa-1", "oa-3"]);
}

#[tokio::test]
async fn users_narrow_codes_and_status() {
    let sandbox = filled(2).await;
    for (user, count) in [("approver", 1), ("somebody", 0)] {
        let filter =
            json!({"approval_codes": [SEEDED_APPROVAL_CODE], "user_ids": [user], "status": "PENDING"});
        assert_eq!(ids(&sandbox.ask("GET", TASKS, filter).await.data()["data"]).len(), count);
    }
}

#[test_case(json!({}); "nothing")]
#[test_case(json!({"user_ids": ["approver"]}); "users alone")]
#[test_case(json!({"approval_codes": ["X"]}); "codes alone")]
#[test_case(json!({"status": "PENDING"}); "status alone")]
#[test_case(json!({"instance_ids": ["x"], "status": "PENDING"}); "instances and status")]
#[test_case(json!({"instance_ids": ["x"], "approval_codes": ["X"], "status": "PENDING"}); "instances and codes")]
#[tokio::test]
async fn other_combinations_are_refused(filter: Value) {
    let sandbox = TestSandbox::new();
    assert_eq!(sandbox.ask("GET", TASKS, filter.clone()).await.outcome(), (400, 1390001));
    assert_eq!(sandbox.ask("POST", LEGACY, filter).await.outcome(), (400, 1390001));
}

#[test_case("page_size=0")]
#[test_case("page_size=501")]
#[test_case("page_size=ten")]
#[tokio::test]
async fn page_size_has_bounds(query: &str) {
    let reply =
        TestSandbox::new().ask("GET", &format!("{TASKS}?{query}"), json!({"instance_ids": ["x"]})).await;
    assert_eq!(reply.violations(), ["page_size"]);
}

#[tokio::test]
async fn more_than_twenty_ids_are_refused() {
    let reply = TestSandbox::new().ask("GET", TASKS, json!({"instance_ids": vec!["x"; 21]})).await;
    assert_eq!(reply.violations(), ["instance_ids"]);
}

#[tokio::test]
async fn pages_follow_the_token_alone() {
    let sandbox = filled(5).await;
    let filter = json!({"approval_codes": [SEEDED_APPROVAL_CODE], "status": "PENDING"});
    let first = sandbox.ask("GET", &format!("{TASKS}?page_size=2"), filter).await.data();
    assert_eq!((ids(&first["data"]), &first["has_more"]), (vec!["oa-0", "oa-2"], &json!(true)));
    let token = encoded(first["page_token"].as_str().unwrap());
    let next = format!("{TASKS}?page_size=2&page_token={token}");
    let second = sandbox.ask("GET", &next, Value::Null).await.data();
    assert_eq!((ids(&second["data"]), &second["has_more"]), (vec!["oa-4"], &json!(false)));
    assert_eq!(second.get("page_token"), None);
}

#[tokio::test]
async fn foreign_page_token_is_refused() {
    let reply = TestSandbox::new().ask("GET", &format!("{TASKS}?page_token=abc"), Value::Null).await;
    assert_eq!(reply.outcome(), (400, 1390001));
}

#[tokio::test]
async fn historic_list_has_numbers_and_scrolls_until_the_id_is_empty() {
    let sandbox = filled(120).await;
    let filter = json!({"approval_codes": [SEEDED_APPROVAL_CODE], "status": "PENDING"});
    let first = sandbox.ask("POST", LEGACY, filter).await.data();
    assert_eq!(first["data"][0]["update_time"], 1_773_450_000_000_i64);
    assert_eq!(first["data"][0]["tasks"][0]["update_time"], 1_773_450_000_000_i64);
    let second = sandbox.ask("POST", LEGACY, json!({"scroll_id": first["scroll_id"]})).await.data();
    assert_eq!((ids(&first["data"]).len(), ids(&second["data"]).len()), (50, 10));
    assert_eq!(second["scroll_id"], "");
}

#[test_case(TaskListApi::V4, 200, 404)]
#[test_case(TaskListApi::V2, 404, 200)]
#[tokio::test]
async fn one_generation_may_be_missing(task_list_api: TaskListApi, v4: u16, v2: u16) {
    let sandbox = TestSandbox::with(Switches { task_list_api, ..Switches::default() });
    let filter = json!({"instance_ids": ["x"]});
    assert_eq!(sandbox.ask("GET", TASKS, filter.clone()).await.status, v4);
    assert_eq!(sandbox.ask("POST", LEGACY, filter).await.status, v2);
}
