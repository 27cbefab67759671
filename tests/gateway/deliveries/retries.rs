//! Trying refused deliveries again.

use approval_gateway::ledger::DeliveryState;
use serde_json::{Value, json};
use test_case::test_case;

use super::{push_in_vain, refuse_pushes};
use crate::durable::support::Kept;
use crate::harness::documents::instance;

async fn with_refused(ids: &[&str]) -> Kept {
    let kept = Kept::start().await;
    refuse_pushes(&kept).await;
    for id in ids {
        assert_eq!(kept.gateway.put(id, "", &instance(id)).await.status, 422);
    }
    kept.gateway.feishu.clear_faults().await;
    kept
}

async fn retry(kept: &Kept, filter: &Value) -> Value {
    kept.gateway.post("/v1/deliveries/retry", filter).await.ok()["retried"].take()
}

#[tokio::test]
async fn the_history_says_who_wanted_a_retry() {
    let kept = Kept::with(|builder| builder.key("ops", "scope=read,write,operate")).await;
    let gateway = kept.gateway.with_key("ops");
    gateway.feishu.fault(json!({"api": "external_instances", "code": 99_992_402, "msg": "no"})).await;
    assert_eq!(gateway.put("a", "", &instance("a")).await.status, 422);
    let retried = gateway.post("/v1/deliveries/retry", &json!({"state": ["refused"]})).await;
    assert_eq!(retried.ok()["retried"], 1);
    let history = gateway.get("/v1/instances/a/history").await.ok();
    let entry =
        history["items"].as_array().unwrap().iter().find(|entry| entry["event"] == "retried").unwrap();
    assert_eq!(
        (&entry["caller"], entry["request_id"].as_str()),
        (&json!("ops"), retried.header("x-request-id"))
    );
}

#[tokio::test]
async fn what_was_refused_is_tried_again() {
    let kept = with_refused(&["a", "b"]).await;
    kept.gateway.put("c", "", &instance("c")).await.ok();
    assert_eq!(retry(&kept, &json!({"state": ["refused"]})).await, 2);
    for id in ["a", "b"] {
        kept.until(id, DeliveryState::Delivered).await;
    }
    assert_eq!(kept.history("a").await, ["accepted 1", "refused 1", "retried 1", "delivered 1"]);
    assert_eq!(kept.history("c").await, ["accepted 1", "delivered 1"]);
    assert_eq!(retry(&kept, &json!({"state": ["refused"]})).await, 0);
}

#[test_case(&json!({"problem": "upstream_rejected"}) => 1; "by problem")]
#[test_case(&json!({"problem": "upstream_rejected", "state": ["conflict"]}) => 0; "all filters count")]
#[test_case(&json!({"approval_code": "unknown"}) => 0; "of another definition")]
#[test_case(&json!({"accepted_from": "2026-01-02T03:04:05Z"}) => 1; "accepted then")]
#[test_case(&json!({"accepted_to": "2026-01-02T03:04:05Z"}) => 0; "accepted before")]
#[tokio::test]
async fn only_what_the_filters_mean_is_tried_again(filter: &Value) -> i64 {
    let kept = with_refused(&["a"]).await;
    retry(&kept, filter).await.as_i64().unwrap()
}

#[tokio::test]
async fn one_instance_can_be_tried_again_alone() {
    let kept = with_refused(&["a", "b"]).await;
    assert_eq!(retry(&kept, &json!({"instance_id": "a"})).await, 1);
    kept.until("a", DeliveryState::Delivered).await;
    assert_eq!(kept.record("b").await.state, Some(DeliveryState::Refused));
    assert_eq!(retry(&kept, &json!({"instance_id": "nobody"})).await, 0);
    let listed = kept.gateway.get("/v1/deliveries?instance_id=b").await.ok();
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| &item["instance_id"]).collect();
    assert_eq!(ids, ["b"]);
    let other = kept.gateway.get("/v1/deliveries?instance_id=b&state=delivered").await.ok();
    assert_eq!(other["items"], json!([]));
}

#[tokio::test]
async fn what_waits_is_hurried_only_when_it_is_named() {
    let kept = Kept::start().await;
    push_in_vain(&kept, "a").await;
    kept.gateway.feishu.clear_faults().await;
    assert_eq!(retry(&kept, &json!({"problem": "upstream_unavailable"})).await, 0);
    // It is due at once, and the clock need not move for it.
    assert_eq!(retry(&kept, &json!({"state": ["pending"]})).await, 1);
    kept.until("a", DeliveryState::Delivered).await;
}

#[test_case("{}", &["body : required"]; "nothing given")]
#[test_case(r#"{"state": []}"#, &["body : required"]; "no state given")]
#[test_case(r#"{"approval_code": ""}"#, &["body : required"]; "an empty text")]
#[test_case("[]", &["body : type"]; "an array")]
#[test_case(r#"{"state": "refused"}"#, &["body /state: type"]; "a word for a list")]
#[test_case(r#"{"state": ["refuse"]}"#, &["body /state/0: unknown_value"]; "an unknown word")]
#[test_case(r#"{"state": [null]}"#, &["body /state/0: required"]; "a null")]
#[test_case(r#"{"states": ["refused"]}"#, &["body /states: unknown_field", "body : required"]; "another name")]
#[test_case(r#"{"accepted_from": "yesterday"}"#, &["body /accepted_from: invalid_time"]; "no time")]
#[test_case(r#"{"accepted_from": "2026-01-02T00:00:00Z", "accepted_to": "2026-01-01T00:00:00Z"}"#, &["body /accepted_to: contradiction"]; "times the wrong way round")]
#[tokio::test]
async fn a_bad_filter_is_refused(body: &str, expected: &[&str]) {
    let kept = with_refused(&["a"]).await;
    let request = kept.gateway.request(reqwest::Method::POST, "/v1/deliveries/retry", &Value::Null);
    let refused = crate::harness::answer(request.body(body.to_owned())).await;
    assert_eq!(refused.problem(), "422 validation_failed, not_sent");
    assert_eq!(refused.violations(), expected);
    assert_eq!(kept.record("a").await.state, Some(DeliveryState::Refused));
}
