//! The control API: records, counts, switches, reset.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::{answer, client, serve};
use crate::sandbox::messages::SEND;
use crate::sandbox::support::{CHECK, DEFINITIONS, INSTANCES, TOKEN, TestSandbox, instance};

#[tokio::test]
async fn calls_are_recorded_without_secrets() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let calls = sandbox.look("requests").await["requests"].clone();
    assert_eq!(calls.as_array().unwrap().len(), 2);
    assert_eq!(calls[0]["body"], json!({"app_id": "cli_sandbox", "app_secret": "[redacted]"}));
    let push = &calls[1];
    assert_eq!(push["body"], instance());
    assert_eq!(push["headers"]["authorization"], "[redacted]");
    let told = ["number", "at", "api", "method", "path", "http_status", "code", "faulted"];
    let told: Vec<&Value> = told.iter().map(|name| &push[name]).collect();
    assert_eq!(
        json!(told),
        json!([2, "2026-03-14T09:00:00.000Z", "external_instances", "POST", INSTANCES, 200, 0, false])
    );
}

#[test_case(
    SEND,
    r#"{"user_id": "bob", "action_callback": {"action_callback_token": "s3cret", "action_callback_key": "s3cret"}}"#
    => json!({"user_id": "bob", "action_callback": {
        "action_callback_token": "[redacted]", "action_callback_key": "[redacted]"}}); "of a message")]
#[test_case(
    DEFINITIONS, r#"{"external": {"action_callback_token": "s3cret", "action_callback_key": ""}}"#
    => json!({"external": {"action_callback_token": "[redacted]", "action_callback_key": ""}}); "of a definition")]
#[test_case(INSTANCES, r#"{"trusteeship_url_token": "s3cret"}"# => json!({"trusteeship_url_token": "[redacted]"}); "of an instance")]
#[test_case("/nowhere", r#"[{"a": [{"app_secret": ["s3cret"]}]}]"# => json!([{"a": [{"app_secret": "[redacted]"}]}]); "in a list")]
#[test_case("/nowhere", r#"{"app_secre\u0074": "s3cret"}"# => json!({"app_secret": "[redacted]"}); "under an escaped name")]
#[test_case(TOKEN, r#""s3cret""# => json!("[withheld: no JSON object]"); "in what is no object")]
#[test_case("/nowhere", "app_id=a&app_secret=s3cret" => json!("[withheld: no JSON object]"); "in a form")]
#[test_case("/nowhere", "hello \\u" => json!("hello \\u"); "a text without any")]
#[tokio::test]
async fn no_secret_is_recorded(path: &str, body: &str) -> Value {
    let sandbox = TestSandbox::new();
    let request = Request::builder().method("POST").uri(path).body(Body::from(body.to_owned())).unwrap();
    sandbox.send(request).await;
    let mut calls = sandbox.look("requests").await["requests"].take();
    assert!(!calls.to_string().contains("s3cret"), "{calls}");
    calls.as_array_mut().unwrap().pop().unwrap()["body"].take()
}

#[tokio::test]
async fn control_calls_are_not_recorded() {
    let sandbox = TestSandbox::new();
    sandbox.look("counts").await;
    assert_eq!(sandbox.look("requests").await, json!({"requests": []}));
}

#[tokio::test]
async fn counts_are_kept_per_operation() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    sandbox.call("GET", "/nowhere", Value::Null).await;
    assert_eq!(sandbox.look("counts").await, json!({"token": 1, "external_instances": 1, "unknown": 1}));
    sandbox.call("DELETE", "/sandbox/requests", Value::Null).await;
    assert_eq!(sandbox.look("counts").await, json!({}));
}

#[tokio::test]
async fn ring_keeps_the_newest_thousand() {
    let sandbox = TestSandbox::new();
    for _ in 0..1001 {
        sandbox.call("POST", TOKEN, json!({})).await;
    }
    let calls = sandbox.look("requests").await["requests"].clone();
    let numbers = (&calls[0]["number"], &calls[999]["number"], calls.as_array().unwrap().len());
    assert_eq!(numbers, (&json!(2), &json!(1001), 1000));
}

#[tokio::test]
async fn put_changes_only_the_switches_it_names() {
    let sandbox = TestSandbox::new();
    let before = sandbox.look("switches").await;
    sandbox.switch(json!({"busy_window_ms": 7, "resources_under_update": "replace"})).await;
    let mut expected = before;
    expected["busy_window_ms"] = json!(7);
    expected["resources_under_update"] = json!("replace");
    assert_eq!(sandbox.look("switches").await, expected);
}

#[test_case(json!({"nonsense": true}), "unknown field `nonsense`"; "unknown switch")]
#[test_case(json!({"region": "mars"}), "unknown variant `mars`"; "unknown word")]
#[test_case(json!({"auth_failure_http_status": 42}), "between 200 and 599"; "impossible status")]
#[test_case(json!([]), "expected a map"; "no object")]
#[tokio::test]
async fn wrong_switch_is_refused_and_changes_nothing(change: Value, reason: &str) {
    let sandbox = TestSandbox::new();
    let before = sandbox.look("switches").await;
    let reply = sandbox.call("PUT", "/sandbox/switches", change).await;
    assert_eq!(reply.status, 400);
    assert!(reply.json()["detail"].as_str().unwrap().contains(reason), "{}", reply.text);
    assert_eq!(sandbox.look("switches").await, before);
}

#[tokio::test]
async fn reset_goes_back_to_the_start() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    sandbox.switch(json!({"per_second": 1})).await;
    sandbox.call("POST", "/sandbox/clock", json!({"advance_ms": 5000})).await;
    assert_eq!(sandbox.call("POST", "/sandbox/reset", Value::Null).await.status, 204);
    assert_eq!(sandbox.call("GET", "/sandbox/instances/oa-417", Value::Null).await.status, 404);
    assert_eq!(sandbox.look("switches").await["per_second"], 50);
    assert_eq!(sandbox.look("clock").await, json!({"now": "2026-03-14T09:00:00.000Z"}));
}

#[test_case("GET", "/sandbox/instances/nobody", 404; "unknown instance")]
#[test_case("GET", "/sandbox/nowhere", 404; "unknown path")]
#[test_case("POST", "/sandbox/counts", 405; "other method")]
#[test_case("GET", "/sandbox/inbox/u?local=zh-CN", 400; "unknown parameter")]
#[test_case("POST", "/sandbox/clock", 400; "no body")]
#[tokio::test]
async fn refusals_are_problems(method: &str, path: &str, status: u16) {
    let reply = TestSandbox::new().call(method, path, Value::Null).await;
    assert_eq!((reply.status, reply.header("content-type")), (status, Some("application/problem+json")));
    assert_eq!(reply.json()["status"], status);
}

#[tokio::test]
async fn wrong_method_names_the_right_ones() {
    let reply = TestSandbox::new().call("PUT", "/sandbox/faults", Value::Null).await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET,HEAD,POST,DELETE")));
}

#[test_case("a/b", "a%2Fb"; "slash")]
#[test_case("出差 417", "%E5%87%BA%E5%B7%AE%20417"; "chinese and space")]
#[tokio::test]
async fn hostile_ids_are_found_again(id: &str, in_path: &str) {
    let sandbox = TestSandbox::new();
    sandbox.push(crate::sandbox::support::with(instance(), &[("/instance_id", json!(id))])).await;
    assert_eq!(sandbox.look(&format!("instances/{in_path}")).await["instance_id"], id);
}

#[tokio::test]
async fn definitions_are_listed_with_both_codes() {
    let listed = TestSandbox::new().look("definitions").await;
    let seeded = &listed["definitions"][0];
    assert_eq!(seeded["approval_code"], approval_gateway::sandbox::SEEDED_APPROVAL_CODE);
    assert_eq!(seeded["custom_code"], "sandbox-demo");
    assert_eq!(seeded["approval_name"], json!({"zh-CN": "示例审批", "en-US": "Sample approval"}));
}

#[tokio::test]
async fn view_shows_texts_by_locale_beside_the_stored_document() {
    let sandbox = TestSandbox::new();
    sandbox.push(instance()).await;
    let view = sandbox.look("instances/oa-417").await;
    assert_eq!(view["stored"], instance());
    assert_eq!(view["texts"]["title"], json!({"zh-CN": "出差申请：成都", "en-US": "Trip to Chengdu"}));
    assert_eq!(view["texts"]["form"][0]["value"]["en-US"], "成都");
    assert_eq!(view["texts"]["tasks"][0]["actions"], json!([{}, {"zh-CN": "询问", "en-US": "询问"}]));
}

#[tokio::test]
async fn clones_share_one_memory() {
    let sandbox = TestSandbox::new();
    let clone = TestSandbox::serving(sandbox.sandbox.clone(), sandbox.clock.clone());
    clone.push(instance()).await;
    assert_eq!(sandbox.stored("oa-417").await["instance_id"], "oa-417");
}

#[tokio::test]
async fn control_router_alone_serves_no_wire_api() {
    let origin = serve(TestSandbox::new().sandbox.control_router(None)).await;
    let answer = answer(client().post(format!("{origin}{CHECK}"))).await;
    assert_eq!((answer.status, answer.header("x-tt-logid")), (404, None));
}

#[tokio::test]
async fn oversized_body_is_refused_unread() {
    let sandbox = TestSandbox::new();
    let body = vec![b' '; (16 << 20) + 1];
    let request = axum::http::Request::post(INSTANCES).body(body.into()).unwrap();
    assert_eq!(sandbox.send(request).await.outcome(), (413, 9499));
}
