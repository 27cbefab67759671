//! Contract §4: what a push does to what is stored.

use std::time::Duration;

use approval_gateway::sandbox::{BusyAnswer, Echo, ResourcesUnderUpdate, Switches};
use serde_json::{Value, json};
use test_case::test_case;

use crate::sandbox::support::{INSTANCES, TestSandbox, instance, with};

const OLD: &str = "1773450000000";
const NEW: &str = "1773453600000";

/// The sample as an `UPDATE` in which instance, task and copy have these versions.
fn update(instance_time: &str, task_time: &str, cc_time: &str) -> Value {
    with(
        instance(),
        &[
            ("/update_mode", json!("UPDATE")),
            ("/status", json!("APPROVED")),
            ("/update_time", json!(instance_time)),
            ("/task_list/0/status", json!("APPROVED")),
            ("/task_list/0/update_time", json!(task_time)),
            ("/cc_list/0/read_status", json!("READ")),
            ("/cc_list/0/update_time", json!(cc_time)),
        ],
    )
}

async fn after(update: Value) -> (Value, Value) {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let answer = sandbox.push(update).await;
    (sandbox.stored("oa-417").await, answer["process_record"].clone())
}

/// Statuses of instance, task and copy.
fn statuses(stored: &Value) -> [&str; 3] {
    let word = |pointer| stored.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    [word("/status"), word("/task_list/0/status"), word("/cc_list/0/read_status")]
}

#[tokio::test]
async fn first_push_is_echoed_twice_nested_and_counted() {
    let answer = TestSandbox::new().push(instance()).await;
    assert_eq!(answer["data"], instance());
    insta::assert_json_snapshot!(answer["process_record"], @r#"
    {
      "cc": {
        "delete_num": 0,
        "insert_num": 1,
        "update_num": 0
      },
      "instance": {
        "delete_num": 0,
        "insert_num": 1,
        "update_num": 0
      },
      "task": {
        "delete_num": 0,
        "insert_num": 1,
        "update_num": 0
      }
    }
    "#);
}

#[tokio::test]
async fn process_record_is_absent_by_switch() {
    let sandbox = TestSandbox::with(Switches { process_record: false, ..Switches::default() });
    assert_eq!(sandbox.push(instance()).await.get("process_record"), None);
}

#[tokio::test]
async fn numbers_are_taken_for_times_and_echoed_as_strings() {
    let sandbox = TestSandbox::new();
    let answer = sandbox.push(with(instance(), &[("/end_time", json!(0)), ("/update_time", json!(7))])).await;
    assert_eq!((&answer["data"]["end_time"], &answer["data"]["update_time"]), (&json!("0"), &json!("7")));
}

#[tokio::test]
async fn replace_ignores_versions_and_deletes_what_it_does_not_name() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let other_task = with(instance()["task_list"][0].clone(), &[("/task_id", json!("oa-417-n2"))]);
    let answer = sandbox
        .push(with(
            instance(),
            &[("/update_time", json!("5")), ("/task_list", json!([other_task])), ("/cc_list", Value::Null)],
        ))
        .await;
    let stored = sandbox.stored("oa-417").await;
    assert_eq!(stored["update_time"], "5");
    assert_eq!(stored["task_list"].as_array().unwrap().len(), 1);
    assert_eq!(stored["task_list"][0]["task_id"], "oa-417-n2");
    assert_eq!(stored.get("cc_list"), None);
    let record = &answer["process_record"];
    assert_eq!(record["task"], json!({"insert_num": 1, "update_num": 0, "delete_num": 1}));
    assert_eq!(record["cc"], json!({"insert_num": 0, "update_num": 0, "delete_num": 1}));
}

#[tokio::test]
async fn replace_is_the_default_mode() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    sandbox.push(with(instance(), &[("/update_mode", Value::Null), ("/task_list", Value::Null)])).await;
    assert_eq!(sandbox.stored("oa-417").await.get("task_list"), None);
}

#[tokio::test]
async fn update_of_an_unknown_instance_creates_it() {
    let sandbox = TestSandbox::new();
    let answer = sandbox.push(update(NEW, NEW, NEW)).await;
    assert_eq!(answer["process_record"]["instance"]["insert_num"], 1);
    assert_eq!(statuses(&sandbox.stored("oa-417").await), ["APPROVED", "APPROVED", "READ"]);
}

#[test_case(NEW, NEW, NEW, ["APPROVED", "APPROVED", "READ"]; "all grew")]
#[test_case(OLD, NEW, OLD, ["PENDING", "APPROVED", "UNREAD"]; "only the task grew")]
#[test_case(OLD, OLD, NEW, ["PENDING", "PENDING", "READ"]; "only the copy grew")]
#[test_case(NEW, OLD, OLD, ["APPROVED", "PENDING", "UNREAD"]; "only the instance grew")]
#[test_case(OLD, OLD, OLD, ["PENDING", "PENDING", "UNREAD"]; "equal is stale")]
#[test_case("1", "1", "1", ["PENDING", "PENDING", "UNREAD"]; "older is stale")]
#[tokio::test]
async fn each_level_compares_its_own_version(instance: &str, task: &str, cc: &str, expected: [&str; 3]) {
    let (stored, record) = after(update(instance, task, cc)).await;
    assert_eq!(statuses(&stored), expected);
    let grown = |time: &str| usize::from(time == NEW);
    for (kind, time) in [("instance", instance), ("task", task), ("cc", cc)] {
        assert_eq!(
            record[kind],
            json!({"insert_num": 0, "update_num": grown(time), "delete_num": 0}),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn stale_outer_version_drops_everything_by_switch() {
    let sandbox = TestSandbox::with(Switches { stale_outer_drops_all: true, ..Switches::default() });
    sandbox.push(instance()).await;
    sandbox.push(update(OLD, NEW, NEW)).await;
    assert_eq!(statuses(&sandbox.stored("oa-417").await), ["PENDING", "PENDING", "UNREAD"]);
}

#[tokio::test]
async fn update_deletes_nothing_and_adds_what_is_new() {
    let task = with(instance()["task_list"][0].clone(), &[("/task_id", json!("oa-417-n2"))]);
    let (stored, record) =
        after(with(update(OLD, OLD, OLD), &[("/task_list", json!([task])), ("/cc_list", Value::Null)])).await;
    let ids: Vec<&Value> =
        stored["task_list"].as_array().unwrap().iter().map(|task| &task["task_id"]).collect();
    assert_eq!(ids, ["oa-417-n1", "oa-417-n2"]);
    assert_eq!(stored["cc_list"].as_array().unwrap().len(), 1);
    assert_eq!(record["task"], json!({"insert_num": 1, "update_num": 0, "delete_num": 0}));
}

#[test_case("/department_id", json!("od-2"))]
#[test_case("/department_name", json!("@i18n@city"))]
#[test_case("/task_list/0/user_id", json!("other"))]
#[test_case("/task_list/0/open_id", json!("ou_other"))]
#[test_case("/task_list/0/create_time", json!("9"))]
#[test_case("/task_list/0/node_id", json!("n2"))]
#[test_case("/task_list/0/node_name", json!("@i18n@city"))]
#[test_case("/cc_list/0/user_id", json!("other"))]
#[test_case("/cc_list/0/open_id", json!("ou_other"))]
#[test_case("/cc_list/0/create_time", json!("9"))]
#[tokio::test]
async fn update_never_changes_some_fields(pointer: &str, value: Value) {
    let (stored, _) = after(with(update(NEW, NEW, NEW), &[(pointer, value)])).await;
    assert_eq!(stored.pointer(pointer), instance().pointer(pointer));
}

#[test_case("/title", json!("@i18n@city"))]
#[test_case("/user_id", json!("other"))]
#[test_case("/links/pc_link", json!("https://new"))]
#[test_case("/form", json!([]))]
#[test_case("/extra", json!("{}"))]
#[test_case("/task_list/0/title", json!("@i18n@city"))]
#[test_case("/task_list/0/links/pc_link", json!("https://new"))]
#[test_case("/task_list/0/action_configs", json!([]))]
#[test_case("/cc_list/0/title", json!("新"))]
#[tokio::test]
async fn update_changes_other_fields(pointer: &str, value: Value) {
    let (stored, _) = after(with(update(NEW, NEW, NEW), &[(pointer, value.clone())])).await;
    assert_eq!(stored.pointer(pointer), Some(&value));
}

#[tokio::test]
async fn absent_optional_field_keeps_its_value_under_update() {
    let (stored, _) = after(with(update(NEW, NEW, NEW), &[("/title", Value::Null)])).await;
    assert_eq!(stored["title"], "@i18n@title");
}

#[tokio::test]
async fn replace_may_change_what_update_may_not() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    sandbox
        .push(with(instance(), &[("/department_id", json!("")), ("/task_list/0/user_id", json!("other"))]))
        .await;
    let stored = sandbox.stored("oa-417").await;
    assert_eq!((&stored["department_id"], &stored["task_list"][0]["user_id"]), (&json!(""), &json!("other")));
}

/// An update whose resources hold other texts than the first push.
fn other_texts() -> Value {
    let resources = json!([{"locale": "zh-CN", "is_default": true, "texts": [
        {"key": "@i18n@title", "value": "新标题"},
        {"key": "@i18n@late", "value": "迟到"}
    ]}]);
    with(
        update(NEW, OLD, OLD),
        &[
            ("/i18n_resources", resources),
            ("/form", json!([{"name": "@i18n@late"}])),
            ("/task_list", Value::Null),
        ],
    )
}

async fn texts_after_update(resources_under_update: ResourcesUnderUpdate) -> Value {
    let sandbox = TestSandbox::with(Switches { resources_under_update, ..Switches::default() });
    sandbox.push(instance()).await;
    sandbox.push(other_texts()).await;
    sandbox.look("instances/oa-417").await
}

#[tokio::test]
async fn earlier_keys_live_on_when_resources_merge() {
    let view = texts_after_update(ResourcesUnderUpdate::Merge).await;
    assert_eq!(view["texts"]["title"], json!({"zh-CN": "新标题", "en-US": "Trip to Chengdu"}));
    assert_eq!(view["texts"]["tasks"][0]["title"]["zh-CN"], "主管审批");
    assert_eq!(view["unresolved"], json!([]));
}

#[tokio::test]
async fn earlier_keys_are_gone_when_resources_are_replaced() {
    let view = texts_after_update(ResourcesUnderUpdate::Replace).await;
    assert_eq!(view["texts"]["title"], json!({"zh-CN": "新标题"}));
    let lost = ["task_list[0].title", "task_list[0].node_name", "task_list[0].action_configs[1].action_name"];
    assert_eq!(view["unresolved"], json!(lost));
}

#[tokio::test]
async fn stale_update_leaves_the_texts_alone() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    sandbox.push(with(other_texts(), &[("/update_time", json!(OLD))])).await;
    let view = sandbox.look("instances/oa-417").await;
    assert_eq!(view["texts"]["title"]["zh-CN"], "出差申请：成都");
}

#[tokio::test]
async fn echo_is_the_request_or_what_is_stored() {
    for (echo, status) in [(Echo::Request, "APPROVED"), (Echo::Stored, "PENDING")] {
        let sandbox = TestSandbox::with(Switches { echo, ..Switches::default() });
        sandbox.push(instance()).await;
        assert_eq!(sandbox.push(update(OLD, OLD, OLD)).await["data"]["status"], status);
    }
}

#[tokio::test]
async fn custom_code_is_not_found() {
    let body = with(instance(), &[("/approval_code", json!("sandbox-demo"))]);
    assert_eq!(TestSandbox::new().ask("POST", INSTANCES, body).await.outcome(), (400, 1390002));
}

#[tokio::test]
async fn instance_without_initiator_is_refused() {
    let body = with(instance(), &[("/user_id", Value::Null)]);
    assert_eq!(TestSandbox::new().ask("POST", INSTANCES, body).await.outcome(), (400, 1390001));
}

#[test_case("/user_name", json!("@i18n@city"); "a name that is no person")]
#[test_case("/open_id", json!("ou_1"); "an open id")]
#[tokio::test]
async fn initiator_may_be_given_otherwise(pointer: &str, value: Value) {
    let body = with(instance(), &[("/user_id", Value::Null), (pointer, value)]);
    assert_eq!(TestSandbox::new().ask("POST", INSTANCES, body).await.code(), 0);
}

fn wipe() -> Value {
    with(
        instance(),
        &[
            ("/user_id", Value::Null),
            ("/task_list", Value::Null),
            ("/cc_list", Value::Null),
            ("/status", json!("APPROVED")),
        ],
    )
}

#[tokio::test]
async fn wipe_recipe_leaves_the_instance_to_nobody() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    sandbox.push(wipe()).await;
    for person in ["initiator", "approver", "reader"] {
        let inbox = sandbox.look(&format!("inbox/{person}")).await;
        assert_eq!(inbox, json!({"todo": [], "done": [], "initiated": [], "cc": [], "messages": []}));
    }
}

#[tokio::test]
async fn wipe_needs_the_replace_mode() {
    let body = with(wipe(), &[("/update_mode", json!("UPDATE"))]);
    assert_eq!(TestSandbox::new().ask("POST", INSTANCES, body).await.code(), 1390001);
}

#[test_case(BusyAnswer::TryLater, 1395001)]
#[test_case(BusyAnswer::TooOften, 1390014)]
#[tokio::test]
async fn second_push_inside_the_busy_window_is_refused(busy_answer: BusyAnswer, code: i64) {
    let sandbox = TestSandbox::with(Switches { busy_window_ms: 500, busy_answer, ..Switches::default() });
    sandbox.push(instance()).await;
    sandbox.clock.advance(Duration::from_millis(499));
    assert_eq!(sandbox.ask("POST", INSTANCES, instance()).await.outcome(), (400, code));
    sandbox.clock.advance(Duration::from_millis(1));
    assert_eq!(sandbox.ask("POST", INSTANCES, instance()).await.code(), 0);
}

#[tokio::test]
async fn apps_do_not_share_instances() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let other = sandbox.token_of("cli_other", "s").await.json();
    let token = other["tenant_access_token"].as_str().unwrap();
    let answer = sandbox.ask_with(token, "POST", INSTANCES, instance()).await.data();
    assert_eq!(answer["process_record"]["instance"]["insert_num"], 1);
}
