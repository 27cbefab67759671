//! What callers are told: each row of the tables.

use approval_gateway::ledger::DeliveryState;
use serde_json::json;

use super::support::Kept;
use crate::harness::answer;
use crate::harness::documents::{LATER, VERSION, instance, with};

#[tokio::test]
async fn what_feishu_takes_is_200_with_revision_and_state() {
    let kept = Kept::start().await;
    let receipt = kept.gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!((&receipt["revision"], &receipt["delivery_state"]), (&json!(1), &json!("delivered")));
    assert_eq!((&receipt["updated_at"], &receipt["mode"]), (&json!(VERSION), &json!("replace")));
    assert_eq!(receipt["changes"]["instance"]["insert"], 1);
    assert!(receipt.get("unchanged").is_none() && receipt["log_id"].is_string());
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 1);
    assert_eq!(kept.history("a").await, ["accepted 1", "delivered 1"]);
}

#[tokio::test]
async fn what_feishu_refuses_is_422_and_stays_refused() {
    let kept = Kept::start().await;
    let fault = json!({"api": "external_instances", "code": 99_992_402, "msg": "no", "times": 1});
    kept.gateway.feishu.fault(fault).await;
    let refused = kept.gateway.put("a", "", &instance("a")).await;
    assert_eq!(refused.problem(), "422 upstream_rejected, rejected");
    let record = kept.record("a").await;
    assert_eq!((record.state, record.attempts), (Some(DeliveryState::Refused), 1));
    // The same document is tried again.
    let receipt = kept.gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!((&receipt["revision"], &receipt["delivery_state"]), (&json!(1), &json!("delivered")));
}

#[tokio::test]
async fn whoever_does_not_wait_is_told_at_once_where_to_look() {
    let kept = Kept::start().await;
    let request = kept.gateway.pushing("a/b", "", &instance("a/b")).header("prefer", "respond-async");
    let accepted = answer(request).await;
    assert_eq!(accepted.status, 202);
    assert_eq!(accepted.headers["location"], "/v1/instances/a%2Fb/delivery");
    assert_eq!(accepted.headers["preference-applied"], "respond-async");
    assert!(accepted.headers.get("retry-after").is_none());
    assert_eq!((&accepted.body["state"], &accepted.body["revision"]), (&json!("pending"), &json!(1)));
    kept.until("a/b", DeliveryState::Delivered).await;
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 1);
}

#[tokio::test]
async fn during_an_outage_the_answer_is_202_with_the_last_problem_and_it_is_delivered_afterwards() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let accepted = kept.gateway.put_within(3_000, "a", &instance("a")).await;
    assert_eq!(accepted.status, 202);
    assert_eq!(accepted.body["last_problem"]["code"], "upstream_unavailable");
    kept.gateway.feishu.clear_faults().await;
    kept.gateway.clock.advance(std::time::Duration::from_secs(600));
    kept.until("a", DeliveryState::Delivered).await;
    assert_eq!(kept.record("a").await.version.to_string(), VERSION);
}

#[tokio::test]
async fn an_equal_document_that_was_delivered_calls_nobody() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let receipt = kept.gateway.put("a", "", &with(instance("a"), json!({"updated_at": null}))).await.ok();
    assert_eq!((&receipt["unchanged"], &receipt["revision"]), (&json!(true), &json!(1)));
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 1);
    let receipt = kept.gateway.put("a", "?resend=true", &instance("a")).await.ok();
    assert_eq!((receipt.get("unchanged"), &receipt["revision"]), (None, &json!(1)));
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 2);
    assert_ne!(receipt["updated_at"], VERSION, "a new version");
}

#[tokio::test]
async fn an_update_is_merged_and_sent_as_an_update() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let second = json!({"tasks": [crate::harness::documents::task("a", 2)], "updated_at": LATER});
    let receipt = kept.gateway.put("a", "?mode=update", &with(instance("a"), second)).await.ok();
    assert_eq!((&receipt["mode"], &receipt["revision"]), (&json!("update"), &json!(2)));
    let sent = kept.gateway.feishu.sent("external_instances").await;
    let ids: Vec<_> = sent[1]["task_list"].as_array().unwrap().iter().map(|task| &task["task_id"]).collect();
    assert_eq!((&sent[1]["update_mode"], ids), (&json!("UPDATE"), vec![&json!("a/t1"), &json!("a/t2")]));
}

#[tokio::test]
async fn at_the_end_of_the_gateway_whoever_waits_in_vain_is_answered_at_once() {
    let kept = Kept::start().await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let document = instance("a");
    let waiting = kept.gateway.put_within(60_000, "a", &document);
    let stopping = async {
        kept.gateway.feishu.until_called("external_instances", 1).await;
        kept.stop();
    };
    let (accepted, ()) = tokio::join!(waiting, stopping);
    assert_eq!((accepted.status, &accepted.body["state"]), (202, &json!("pending")));
}
