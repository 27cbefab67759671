//! Imports that are paused, slowed down and canceled.

use serde_json::json;

use super::support::{Slow, delivered, import, line, standing};
use crate::durable::support::Kept;
use crate::harness::{Answer, Gateway, until};

async fn patch(gateway: &Gateway, import: &Answer, change: serde_json::Value) -> Answer {
    gateway.send("PATCH", import.header("location").unwrap(), &change).await
}

/// An import with something to deliver, which is paused.
async fn paused(kept: &Kept) -> Answer {
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let answer = import(&kept.gateway, format!("{}\n{}\n", line("a"), line("b"))).await;
    let paused = patch(&kept.gateway, &answer, json!({"state": "paused"})).await.ok();
    assert_eq!((&paused["state"], &paused["pending"]), (&json!("paused"), &json!(2)));
    kept.gateway.feishu.clear_faults().await;
    answer
}

#[tokio::test]
async fn a_paused_import_waits_until_it_goes_on() {
    let kept = Kept::start().await;
    let answer = paused(&kept).await;
    kept.gateway.clock.advance(std::time::Duration::from_secs(600));
    // Behind it, so that the dispatcher has looked.
    kept.gateway.put("other", "", &crate::harness::documents::instance("other")).await.ok();
    assert_eq!(standing(&kept.gateway, &answer).await["pending"], 2);
    let changed = patch(&kept.gateway, &answer, json!({"state": "running", "per_minute": 30_000})).await.ok();
    assert_eq!((&changed["per_minute"], &changed["rate_per_minute"]), (&json!(30_000), &json!(30_000)));
    assert_eq!(delivered(&kept, &answer).await["delivered"], 2);
    let unbound = patch(&kept.gateway, &answer, json!({"per_minute": 0})).await.ok();
    assert!(unbound.get("per_minute").is_none());
}

#[tokio::test]
async fn canceling_withdraws_what_waits_and_is_final() {
    let kept = Kept::start().await;
    let answer = paused(&kept).await;
    let canceled = patch(&kept.gateway, &answer, json!({"state": "canceled"})).await.ok();
    assert_eq!(
        (&canceled["state"], &canceled["canceled"], &canceled["pending"]),
        (&json!("canceled"), &json!(2), &json!(0))
    );
    assert_eq!(kept.gateway.get("/v1/instances/a/delivery").await.status, 404);
    let again = patch(&kept.gateway, &answer, json!({"state": "running"})).await;
    assert_eq!(again.problem(), "409 import_canceled, not_sent");
    assert_eq!(patch(&kept.gateway, &answer, json!({"state": "canceled"})).await.ok()["canceled"], 2);
}

#[tokio::test]
async fn an_import_that_is_canceled_while_its_lines_come_ends() {
    let kept = Kept::start().await;
    let mut slow = Slow::start(&kept.gateway, format!("{}\n", line("a"))).await;
    assert_eq!(slow.result().await["status"], "accepted");
    until(|| async { kept.gateway.get(&slow.location()).await.ok()["delivered"] == 1 }).await;
    kept.gateway.send("PATCH", &slow.location(), &json!({"state": "canceled"})).await.ok();
    slow.send(format!("{}\n", line("b")));
    assert_eq!(slow.result().await["code"], "import_canceled");
}

#[tokio::test]
async fn changes_that_make_no_sense_are_refused() {
    let kept = Kept::start().await;
    let answer = import(&kept.gateway, line("a")).await;
    let refused =
        patch(&kept.gateway, &answer, json!({"state": "stopped", "per_minute": -1, "rate": 5})).await;
    assert_eq!(refused.refusal(), (422, "validation_failed"));
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 3, "{}", refused.text);
    assert_eq!(patch(&kept.gateway, &answer, json!({})).await.violations(), ["body : required"]);
    for id in ["0", "99", "01", "abc", "-1"] {
        let path = format!("/v1/imports/{id}");
        assert_eq!(kept.gateway.get(&path).await.problem(), "404 import_not_found, not_sent");
    }
}
