//! Contract §7.1–7.3: searches over instances, tasks and copies.

use std::time::Duration;

use approval_gateway::sandbox::{SEEDED_APPROVAL_CODE, Switches};
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::encoded;
use crate::sandbox::support::{DEFINITIONS, TestSandbox, definition, instance, with};

const INSTANCES: &str = "/open-apis/approval/v4/instances/query?user_id_type=user_id";
const TASKS: &str = "/open-apis/approval/v4/tasks/search?user_id_type=user_id";
const CCS: &str = "/open-apis/approval/v4/instances/search_cc?user_id_type=user_id";

/// The sample under another number, with its status and start.
pub(crate) fn numbered(number: i64, status: &str) -> Value {
    with(
        instance(),
        &[
            ("/instance_id", json!(format!("oa-{number}"))),
            ("/status", json!(status)),
            ("/start_time", json!((1_773_450_000_000_i64 + number).to_string())),
            ("/task_list/0/task_id", json!(format!("oa-{number}-n1"))),
            ("/task_list/0/create_time", json!((1_773_450_000_000_i64 + number).to_string())),
            ("/task_list/0/update_time", json!((1_773_450_009_000_i64 - number).to_string())),
            ("/cc_list/0/cc_id", json!(format!("oa-{number}-cc1"))),
        ],
    )
}

pub(crate) async fn holding(statuses: &[&str]) -> TestSandbox {
    let sandbox = TestSandbox::with(Switches { per_second: 0, per_minute: 0, ..Switches::default() });
    for (number, status) in (0..).zip(statuses) {
        sandbox.push(numbered(number, status)).await;
    }
    sandbox
}

fn by_code(more: &[(&str, Value)]) -> Value {
    with(json!({"approval_code": SEEDED_APPROVAL_CODE}), more)
}

/// Own ids of the instances in a list.
fn ids<'a>(data: &'a Value, list: &str) -> Vec<&'a str> {
    let items = data[list].as_array().unwrap().iter();
    items.map(|item| item["instance"]["external_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn instance_is_found_with_definition_and_group() {
    let sandbox = TestSandbox::new();
    let code = sandbox.ask("POST", DEFINITIONS, definition()).await.data()["approval_code"].clone();
    sandbox.push(with(instance(), &[("/approval_code", code)])).await;
    let data = sandbox.ask("POST", INSTANCES, json!({"group_external_id": "acme-oa"})).await.data();
    let mut found = data["instance_list"][0].clone();
    for (pointer, length) in [("/approval/code", 36), ("/instance/code", 36)] {
        assert_eq!(found.pointer(pointer).unwrap().as_str().unwrap().len(), length);
        *found.pointer_mut(pointer).unwrap() = json!("…");
    }
    insta::assert_json_snapshot!(found, @r#"
    {
      "approval": {
        "approval_id": "7301550094428135453",
        "code": "…",
        "external": {
          "batch_cc_read": true
        },
        "icon": "https://static.example.org/icon/approval.png",
        "is_external": true,
        "name": "出差申请"
      },
      "group": {
        "external_id": "acme-oa",
        "name": "行政"
      },
      "instance": {
        "code": "…",
        "end_time": "0",
        "external_id": "oa-417",
        "extra": "{\"business_key\":\"TR-417\"}",
        "link": {
          "mobile_link": "https://oa.example.org/m/417",
          "pc_link": "https://oa.example.org/417"
        },
        "serial_id": "202603140001",
        "start_time": "1773450000000",
        "status": "pending",
        "title": "出差申请：成都",
        "user_id": "initiator"
      }
    }
    "#);
    assert_eq!((&data["count"], &data["has_more"], data.get("page_token")), (&json!(1), &json!(false), None));
}

#[test_case(None, &["oa-6", "oa-4", "oa-3", "oa-2", "oa-1"]; "no status")]
#[test_case(Some("ALL"), &["oa-6", "oa-4", "oa-3", "oa-2", "oa-1"]; "all")]
#[test_case(Some("PENDING"), &["oa-1"])]
#[test_case(Some("APPROVED"), &["oa-2"])]
#[test_case(Some("REJECT"), &["oa-3"])]
#[test_case(Some("DELETED"), &["oa-4"])]
#[test_case(Some("RECALL"), &["oa-0"]; "withdrawn when asked for")]
#[tokio::test]
async fn status_filter_has_words_of_its_own(status: Option<&str>, expected: &[&str]) {
    let sandbox =
        holding(&["CANCELED", "PENDING", "APPROVED", "REJECTED", "DELETED", "HIDDEN", "TERMINATED"]).await;
    let data = sandbox.ask("POST", INSTANCES, by_code(&[("/instance_status", json!(status))])).await.data();
    assert_eq!(ids(&data, "instance_list"), expected);
}

#[tokio::test]
async fn result_status_is_lower_case() {
    let data = holding(&["REJECTED"]).await.ask("POST", INSTANCES, by_code(&[])).await.data();
    assert_eq!(data["instance_list"][0]["instance"]["status"], "rejected");
}

#[tokio::test]
async fn withdrawn_instances_leave_pages_short() {
    let mut statuses = vec!["CANCELED"; 4];
    statuses.extend(["PENDING"; 3]);
    let sandbox = holding(&statuses).await;
    let first = sandbox.ask("POST", &format!("{INSTANCES}&page_size=5"), by_code(&[])).await.data();
    assert_eq!((ids(&first, "instance_list").len(), &first["has_more"]), (3, &json!(true)));
    let next =
        format!("{INSTANCES}&page_size=5&page_token={}", encoded(first["page_token"].as_str().unwrap()));
    let second = sandbox.ask("POST", &next, by_code(&[])).await.data();
    assert_eq!((ids(&second, "instance_list").len(), &second["has_more"]), (0, &json!(false)));
    let all = by_code(&[("/with_revoked_instance", json!(true))]);
    assert_eq!(ids(&sandbox.ask("POST", INSTANCES, all).await.data(), "instance_list").len(), 7);
}

#[tokio::test]
async fn token_of_another_question_is_refused() {
    let sandbox = holding(&["PENDING"; 6]).await;
    let first = sandbox.ask("POST", &format!("{INSTANCES}&page_size=5"), by_code(&[])).await.data();
    let next = format!("{INSTANCES}&page_token={}", encoded(first["page_token"].as_str().unwrap()));
    let other = by_code(&[("/instance_status", json!("PENDING"))]);
    assert_eq!(sandbox.ask("POST", &next, other).await.outcome(), (400, 1390001));
}

#[test_case(json!({"instance_external_id": "oa-1"}), 1; "own id")]
#[test_case(json!({"instance_external_id": "oa-7"}), 0; "unknown own id")]
#[test_case(json!({"user_id": "initiator"}), 2; "initiator")]
#[test_case(json!({"user_id": "approver"}), 0; "not the approver")]
#[test_case(json!({"group_external_id": "nowhere"}), 0; "unknown group")]
#[test_case(json!({"user_id": "initiator", "instance_title": "成都"}), 2; "part of the title")]
#[test_case(json!({"user_id": "initiator", "instance_title": "北京"}), 0; "other title")]
#[test_case(json!({"user_id": "initiator", "instance_title": "Chengdu", "locale": "en-US"}), 2; "title in a locale")]
#[test_case(
    json!({"user_id": "initiator", "instance_start_time_from": "1773450000001", "instance_start_time_to": "1773450000001"}), 1;
    "window is inclusive")]
#[tokio::test]
async fn filters_narrow_the_instances(filter: Value, count: usize) {
    let data = holding(&["PENDING", "PENDING"]).await.ask("POST", INSTANCES, filter).await.data();
    assert_eq!((ids(&data, "instance_list").len(), &data["count"]), (count, &json!(count)));
}

#[tokio::test]
async fn two_instance_filters_are_a_union() {
    let sandbox = holding(&["PENDING", "PENDING", "PENDING"]).await;
    let data = sandbox.ask("POST", INSTANCES, json!({"instance_external_id": "oa-1"})).await.data();
    let code = &data["instance_list"][0]["instance"]["code"];
    let both = json!({"instance_external_id": "oa-2", "instance_code": code});
    assert_eq!(ids(&sandbox.ask("POST", INSTANCES, both).await.data(), "instance_list"), ["oa-2", "oa-1"]);
}

#[test_case(json!({"instance_status": "ALL"}), 1390001; "no key filter")]
#[test_case(json!({"user_id": "u", "instance_start_time_from": "1"}), 1390001; "half a window")]
#[test_case(
    json!({"user_id": "u", "instance_start_time_from": "2", "instance_start_time_to": "1"}), 1390001;
    "reversed window")]
#[test_case(
    json!({"user_id": "u", "instance_start_time_from": "0", "instance_start_time_to": "2592000001"}), 1390001;
    "window too long")]
#[test_case(
    json!({"user_id": "u", "instance_start_time_from": 0, "instance_start_time_to": 2_592_000_000_i64}), 0;
    "longest window")]
#[test_case(json!({"approval_code": "sandbox-demo"}), 1390002; "custom code")]
#[test_case(json!({"instance_code": "X"}), 1390003; "unknown instance code")]
#[test_case(json!({"user_id": "u", "instance_status": "CANCELED"}), 99992402; "word of the push")]
#[test_case(json!({"user_id": "u", "locale": "zh_cn"}), 99992402; "unknown locale")]
#[tokio::test]
async fn rules_of_a_search_are_checked(filter: Value, code: i64) {
    assert_eq!(TestSandbox::new().ask("POST", INSTANCES, filter).await.code(), code);
}

#[test_case(INSTANCES, "page_size=4")]
#[test_case(TASKS, "page_size=201")]
#[test_case(CCS, "page_size=0")]
#[tokio::test]
async fn page_size_has_bounds(path: &str, query: &str) {
    let reply = TestSandbox::new().ask("POST", &format!("{path}&{query}"), json!({"user_id": "u"})).await;
    assert_eq!(reply.violations(), ["page_size"]);
}

#[tokio::test]
async fn users_are_named_as_asked() {
    let sandbox = TestSandbox::new();
    sandbox.push(with(instance(), &[("/open_id", json!("ou_1"))])).await;
    for (kind, id) in [("user_id", "initiator"), ("open_id", "ou_1")] {
        let path = format!("/open-apis/approval/v4/instances/query?user_id_type={kind}");
        let data = sandbox.ask("POST", &path, json!({"user_id": id})).await.data();
        assert_eq!(data["instance_list"][0]["instance"]["user_id"], id);
    }
}

#[tokio::test]
async fn searches_lag_behind_by_switch() {
    let sandbox = TestSandbox::with(Switches { search_delay_ms: 1000, ..Switches::default() });
    let statuses = async |sandbox: &TestSandbox| -> Vec<Value> {
        let data = sandbox.ask("POST", INSTANCES, by_code(&[])).await.data();
        data["instance_list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["instance"]["status"].clone())
            .collect()
    };
    sandbox.push(numbered(1, "PENDING")).await;
    assert_eq!(statuses(&sandbox).await, [json!(null); 0]);
    sandbox.clock.advance(Duration::from_millis(1000));
    assert_eq!(statuses(&sandbox).await, ["pending"]);
    sandbox.push(numbered(1, "APPROVED")).await;
    assert_eq!(statuses(&sandbox).await, ["pending"]);
    sandbox.clock.advance(Duration::from_millis(1000));
    assert_eq!(statuses(&sandbox).await, ["approved"]);
}

#[tokio::test]
async fn task_is_found_with_both_ids() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let data = sandbox.ask("POST", TASKS, json!({"user_id": "approver"})).await.data();
    let mut task = data["task_list"][0]["task"].clone();
    assert_eq!(task["task_id"].take().as_str().unwrap().len(), 19);
    insta::assert_json_snapshot!(task, @r#"
    {
      "end_time": "0",
      "link": {
        "pc_link": "https://oa.example.org/417?n1"
      },
      "start_time": "1773450000000",
      "status": "pending",
      "task_external_id": "oa-417-n1",
      "task_id": null,
      "title": "主管审批",
      "update_time": "1773450000000",
      "user_id": "approver"
    }
    "#);
}

#[test_case(None, &["oa-2", "oa-1", "oa-0"]; "start descending by default")]
#[test_case(Some(0), &["oa-0", "oa-1", "oa-2"]; "update descending")]
#[test_case(Some(1), &["oa-2", "oa-1", "oa-0"]; "update ascending")]
#[test_case(Some(2), &["oa-2", "oa-1", "oa-0"]; "start descending")]
#[test_case(Some(3), &["oa-0", "oa-1", "oa-2"]; "start ascending")]
#[tokio::test]
async fn tasks_come_in_the_order_asked_for(order: Option<i64>, expected: &[&str]) {
    let sandbox = holding(&["PENDING"; 3]).await;
    let data = sandbox.ask("POST", TASKS, by_code(&[("/order", json!(order))])).await.data();
    assert_eq!(ids(&data, "task_list"), expected);
}

#[test_case(json!({}), 2; "no filter")]
#[test_case(json!({"task_status": "PENDING"}), 1; "one word")]
#[test_case(json!({"task_status": "DONE"}), 0; "another word")]
#[test_case(json!({"task_status": "DONE", "task_status_list": ["PENDING", "APPROVED"]}), 2; "list overrides")]
#[test_case(json!({"task_title": "主管"}), 2; "part of the title")]
#[test_case(json!({"task_start_time_from": "0", "task_start_time_to": "1"}), 0; "window")]
#[tokio::test]
async fn filters_narrow_the_tasks(filter: Value, count: usize) {
    let sandbox = TestSandbox::new();
    sandbox.push(numbered(1, "PENDING")).await;
    sandbox.push(with(numbered(2, "PENDING"), &[("/task_list/0/status", json!("APPROVED"))])).await;
    let filter = with(filter, &[("/user_id", json!("approver"))]);
    assert_eq!(sandbox.ask("POST", TASKS, filter).await.data()["count"], count);
}

#[test_case(json!({"user_id": "u", "task_status": "OPEN"}), 99992402; "unknown status")]
#[test_case(json!({"user_id": "u", "order": 4}), 1390001; "unknown order")]
#[tokio::test]
async fn rules_of_the_task_search_are_checked(filter: Value, code: i64) {
    assert_eq!(TestSandbox::new().ask("POST", TASKS, filter).await.code(), code);
}

#[tokio::test]
async fn tasks_of_withdrawn_instances_are_dropped_after_paging() {
    let data = holding(&["CANCELED", "PENDING"]).await.ask("POST", TASKS, by_code(&[])).await.data();
    assert_eq!((ids(&data, "task_list"), &data["count"]), (vec!["oa-1"], &json!(2)));
}

#[tokio::test]
async fn task_of_a_hidden_instance_is_hidden() {
    let data = holding(&["HIDDEN"]).await.ask("POST", TASKS, by_code(&[])).await.data();
    assert_eq!(data["task_list"][0]["task"]["status"], "hidden");
}

#[tokio::test]
async fn copy_is_found_without_an_id_of_its_own() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let data = sandbox.ask("POST", CCS, json!({"user_id": "reader", "read_status": "UNREAD"})).await.data();
    insta::assert_json_snapshot!(data["cc_list"][0]["cc"], @r#"
    {
      "create_time": "1773450000000",
      "link": {
        "pc_link": "https://oa.example.org/417?cc1"
      },
      "read_status": "unread",
      "title": "出差抄送",
      "user_id": "reader"
    }
    "#);
}

#[test_case(json!({"read_status": "READ"}), 0; "read")]
#[test_case(json!({"read_status": "ALL"}), 1; "all")]
#[test_case(json!({"cc_title": "抄送"}), 1; "part of the title")]
#[test_case(json!({"cc_title": "报销"}), 0; "other title")]
#[test_case(json!({"cc_create_time_from": "0", "cc_create_time_to": "1"}), 0; "window")]
#[tokio::test]
async fn filters_narrow_the_copies(filter: Value, count: usize) {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let filter = with(filter, &[("/user_id", json!("reader"))]);
    assert_eq!(sandbox.ask("POST", CCS, filter).await.data()["count"], count);
}

#[tokio::test]
async fn lower_case_read_status_is_refused() {
    let reply = TestSandbox::new().ask("POST", CCS, json!({"user_id": "u", "read_status": "read"})).await;
    assert_eq!(reply.violations(), ["read_status"]);
}
