//! Contract §5: which versions differ.

use serde_json::{Value, json};
use test_case::test_case;

use crate::sandbox::support::{CHECK, TestSandbox, instance, with};

const STORED: &str = "1773450000000";
const OTHER: &str = "1773457200000";

async fn differences(instances: Value) -> Value {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    sandbox.ask("POST", CHECK, json!({"instances": instances})).await.data()["diff_instances"].clone()
}

fn asked(instance_time: &str, tasks: Value) -> Value {
    json!([{"instance_id": "oa-417", "update_time": instance_time, "tasks": tasks}])
}

fn task(id: &str, time: &str) -> Value {
    json!({"task_id": id, "update_time": time})
}

#[test_case(asked(STORED, json!([task("oa-417-n1", STORED)])), json!([]); "equal")]
#[test_case(asked(STORED, json!([])), json!([]); "equal without tasks")]
#[test_case(
    json!([{"instance_id": "oa-999", "update_time": STORED, "tasks": [task("n", STORED)]}]),
    json!([{"instance_id": "oa-999", "update_time": "0", "tasks": []}]);
    "unknown instance")]
#[test_case(
    asked(STORED, json!([task("oa-417-n1", STORED), task("oa-417-n3", STORED)])),
    json!([{"instance_id": "oa-417", "update_time": STORED, "tasks": [task("oa-417-n3", "0")]}]);
    "unknown task")]
#[test_case(
    asked(STORED, json!([task("oa-417-n3", "0")])),
    json!([{"instance_id": "oa-417", "update_time": STORED, "tasks": [task("oa-417-n3", "0")]}]);
    "unknown task asked about with zero")]
#[test_case(
    asked(STORED, json!([task("oa-417-n1", OTHER)])),
    json!([{"instance_id": "oa-417", "update_time": STORED, "tasks": [task("oa-417-n1", STORED)]}]);
    "other task version")]
#[test_case(
    asked(OTHER, json!([task("oa-417-n1", STORED)])),
    json!([{"instance_id": "oa-417", "update_time": STORED, "tasks": []}]);
    "newer instance version differs")]
#[test_case(
    asked("5", json!([])),
    json!([{"instance_id": "oa-417", "update_time": STORED, "tasks": []}]);
    "older instance version differs")]
#[tokio::test]
async fn only_differences_are_listed(instances: Value, expected: Value) {
    assert_eq!(differences(instances).await, expected);
}

#[tokio::test]
async fn numbers_are_taken_for_versions() {
    let instances = json!([{"instance_id": "oa-417", "update_time": 1_773_450_000_000_i64, "tasks": []}]);
    assert_eq!(differences(instances).await, json!([]));
}

#[tokio::test]
async fn missing_fields_are_named_with_their_index() {
    let reply =
        TestSandbox::new().ask("POST", CHECK, json!({"instances": [{"instance_id": "oa-417"}]})).await;
    assert_eq!(reply.violations(), ["instances[0].update_time", "instances[0].tasks"]);
}

#[tokio::test]
async fn task_without_a_version_has_that_of_its_instance() {
    let sandbox = TestSandbox::new();
    sandbox.push(with(instance(), &[("/task_list/0/update_time", Value::Null)])).await;
    let body = json!({"instances": asked(STORED, json!([task("oa-417-n1", STORED)]))});
    assert_eq!(sandbox.ask("POST", CHECK, body).await.data(), json!({"diff_instances": []}));
}

#[tokio::test]
async fn refused_update_shows_in_the_check() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    sandbox.push(with(instance(), &[("/update_mode", json!("UPDATE")), ("/update_time", json!("9"))])).await;
    let body = json!({"instances": asked("9", json!([]))});
    assert_eq!(sandbox.ask("POST", CHECK, body).await.data()["diff_instances"][0]["update_time"], STORED);
}
