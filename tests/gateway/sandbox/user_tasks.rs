//! Contract §7.4: one person's lists.

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::encoded;
use crate::sandbox::search::{holding, numbered};
use crate::sandbox::support::{TestSandbox, instance, with};

const LISTS: &str = "/open-apis/approval/v4/tasks/query?user_id_type=user_id";

async fn list(sandbox: &TestSandbox, user: &str, topic: &str) -> Value {
    sandbox.ask("GET", &format!("{LISTS}&user_id={user}&topic={topic}"), Value::Null).await.data()
}

#[tokio::test]
async fn list_of_a_person_has_enums_as_numeric_strings() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let data = list(&sandbox, "approver", "1").await;
    assert_eq!((&data["count"], &data["has_more"]), (&json!({"total": 1, "has_more": false}), &json!(false)));
    let mut task = data["tasks"][0].clone();
    for generated in ["task_id", "process_id", "process_code"] {
        assert!(task[generated].take().is_string());
    }
    insta::assert_json_snapshot!(task, @r#"
    {
      "definition_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
      "definition_group_id": "",
      "definition_group_name": "",
      "definition_id": "7301550094428135452",
      "definition_name": "示例审批",
      "initiator_names": [],
      "initiators": [
        "initiator"
      ],
      "process_code": null,
      "process_external_id": "oa-417",
      "process_id": null,
      "process_status": "1",
      "status": "1",
      "task_external_id": "oa-417-n1",
      "task_id": null,
      "title": "出差申请：成都",
      "topic": "1",
      "urls": {
        "helpdesk": "",
        "mobile": "",
        "pc": "https://oa.example.org/417?n1"
      },
      "user_id": "approver"
    }
    "#);
}

#[test_case("approver", "1", Some("1"); "to do")]
#[test_case("approver", "2", None; "not yet done")]
#[test_case("initiator", "3", Some("33"); "initiated")]
#[test_case("reader", "17", Some("17"); "unread")]
#[test_case("reader", "18", None; "not read")]
#[tokio::test]
async fn topic_chooses_the_list(user: &str, topic: &str, status: Option<&str>) {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let data = list(&sandbox, user, topic).await;
    assert_eq!(
        data["tasks"].as_array().unwrap().first().map(|task| task["status"].as_str().unwrap()),
        status
    );
}

#[test_case("", &["user_id", "topic"]; "nothing")]
#[test_case("&user_id=u&topic=4", &["topic"]; "unknown topic")]
#[test_case("&user_id=u&topic=1&page_size=201", &["page_size"]; "page too large")]
#[tokio::test]
async fn parameters_of_a_list_are_checked(query: &str, fields: &[&str]) {
    assert_eq!(
        TestSandbox::new().ask("GET", &format!("{LISTS}{query}"), Value::Null).await.violations(),
        fields
    );
}

#[tokio::test]
async fn count_is_on_the_first_page_only() {
    let sandbox = holding(&["PENDING"; 3]).await;
    let first = list(&sandbox, "approver", "1&page_size=2").await;
    let token = encoded(first["page_token"].as_str().unwrap());
    let second = list(&sandbox, "approver", &format!("1&page_size=2&page_token={token}")).await;
    assert_eq!(first["count"]["total"], 3);
    assert_eq!((second["tasks"].as_array().unwrap().len(), second.get("count")), (1, None));
}

#[tokio::test]
async fn total_is_capped_at_999() {
    let sandbox = TestSandbox::new();
    let copy = instance()["cc_list"][0].clone();
    for number in 0..5 {
        let copies: Value = (0..200)
            .map(|place| with(copy.clone(), &[("/cc_id", json!(format!("{number}-{place}")))]))
            .collect();
        sandbox.push(with(numbered(number, "PENDING"), &[("/cc_list", copies)])).await;
    }
    assert_eq!(list(&sandbox, "reader", "17").await["count"], json!({"total": 999, "has_more": true}));
}
