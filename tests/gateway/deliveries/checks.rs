//! A check that somebody asks for.

use approval_gateway::ledger::DeliveryState;
use serde_json::{Value, json};
use test_case::test_case;

use super::{of, push_in_vain, refuse_pushes};
use crate::durable::support::Kept;
use crate::harness::Answer;
use crate::harness::documents::{LATER, VERSION, instance, with};

async fn check(kept: &Kept, id: &str) -> Answer {
    kept.gateway.post(&of(id, "delivery/check"), &Value::Null).await
}

#[tokio::test]
async fn what_feishu_has_is_confirmed_at_once() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let checked = check(&kept, "a").await.ok();
    assert_eq!((&checked["state"], &checked["revision"]), (&json!("confirmed"), &json!(1)));
    assert_eq!(checked["warnings"], json!([]), "what is known of the document is told, too");
    assert_eq!(kept.history("a").await, ["accepted 1", "delivered 1", "confirmed 1"]);
}

#[tokio::test]
async fn what_feishu_has_lost_is_delivered_again() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    kept.gateway.feishu.control("POST", "reset", Value::Null).await;
    assert_eq!(check(&kept, "a").await.ok()["last_problem"]["code"], "drift");
    kept.until_history("a", "repaired 1").await;
    assert!(kept.gateway.feishu.is_stored("a").await);
    let summary = kept.gateway.get("/v1/deliveries/summary").await.ok();
    let minute = summary["last_hour"].as_array().unwrap().last().unwrap();
    assert_eq!((&minute["pushes"], &minute["drifts"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn a_newer_version_of_somebody_else_is_a_conflict() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &with(instance("a"), json!({"updated_at": VERSION}))).await.ok();
    let other = crate::harness::Gateway::builder().feishu(&kept.gateway.feishu).start().await;
    other.put("a", "", &with(instance("a"), json!({"updated_at": LATER}))).await.ok();
    assert_eq!(check(&kept, "a").await.ok()["state"], "conflict");
}

#[tokio::test]
async fn what_is_pending_or_was_never_delivered_is_not_asked_about() {
    let kept = Kept::start().await;
    push_in_vain(&kept, "p").await;
    assert_eq!(check(&kept, "p").await.ok()["state"], "pending");
    kept.gateway.feishu.clear_faults().await;
    kept.stop();
    let kept = Kept::start().await;
    refuse_pushes(&kept).await;
    assert_eq!(kept.gateway.put("r", "", &instance("r")).await.status, 422);
    assert_eq!(check(&kept, "r").await.ok()["state"], "refused");
    assert_eq!(kept.gateway.feishu.count("check").await, 0);
}

#[tokio::test]
async fn a_check_that_feishu_does_not_answer_changes_nothing() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    kept.gateway.feishu.fault(json!({"api": "check", "http_status": 503, "times": 0})).await;
    assert_eq!(check(&kept, "a").await.code(), "upstream_unavailable");
    assert_eq!(kept.record("a").await.state, Some(DeliveryState::Delivered));
}

#[tokio::test]
async fn an_unknown_instance_is_not_found() {
    assert_eq!(check(&Kept::start().await, "a").await.code(), "document_not_found");
}

#[test_case("scope=read,write" => 403; "reading and writing")]
#[test_case("scope=operate" => 404; "operating")]
#[tokio::test]
async fn checking_needs_the_scope_operate(options: &str) -> u16 {
    let kept = Kept::with(|builder| builder.key("k", options)).await;
    kept.gateway.with_key("k").post(&of("a", "delivery/check"), &Value::Null).await.status
}
