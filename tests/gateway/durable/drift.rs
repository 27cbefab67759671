//! What Feishu loses or changes is noticed, and delivered again.

use std::time::Duration;

use approval_gateway::ledger::DeliveryState;
use serde_json::{Value, json};
use test_case::test_case;

use super::support::Kept;
use crate::harness::documents::{LATER, VERSION, instance, task, with};
use crate::harness::{Feishu, Gateway};

/// A tenth of the usual interval.
const FIRST_CHECK: Duration = Duration::from_secs(30);

/// Somebody else who pushes to the same Feishu, without a ledger.
async fn somebody_else(feishu: &Feishu) -> Gateway {
    Gateway::builder().feishu(feishu).start().await
}

#[tokio::test]
async fn what_feishu_has_is_confirmed_at_its_time() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!(kept.gateway.feishu.count("check").await, 0);
    kept.gateway.clock.advance(FIRST_CHECK);
    kept.until("a", DeliveryState::Confirmed).await;
    assert_eq!(kept.history("a").await, ["accepted 1", "delivered 1", "confirmed 1"]);
    let record = kept.record("a").await;
    assert_eq!(record.check_at.unwrap().unix_millis() - record.accepted_at.unix_millis(), 300_000);
}

#[test_case(json!({"title": "older", "updated_at": "2026-01-01T00:00:00Z"}); "an older instance")]
#[test_case(json!({"tasks": []}); "a task is missing")]
#[test_case(json!({"tasks": [with(task("a", 1), json!({"updated_at": "2026-01-01T00:00:00Z"}))]}); "an older task")]
#[tokio::test]
async fn what_drifted_is_delivered_again(change: Value) {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let other = somebody_else(&kept.gateway.feishu).await;
    other.put("a", "", &with(instance("a"), change)).await.ok();
    kept.gateway.clock.advance(FIRST_CHECK);
    kept.until_history("a", "repaired 1").await;
    assert_eq!(kept.history("a").await, ["accepted 1", "delivered 1", "drift 1", "repaired 1"]);
    let sent = kept.gateway.feishu.sent("external_instances").await;
    assert_eq!((sent.len(), &sent[2]["update_mode"]), (3, &json!("REPLACE")));
    let stored = kept.gateway.feishu.stored("a").await["stored"].take();
    assert_eq!(stored["task_list"][0]["task_id"], "a/t1");
    assert_eq!(stored["update_time"], json!(kept.record("a").await.version.unix_millis().to_string()));
    kept.gateway.clock.advance(FIRST_CHECK);
    kept.until("a", DeliveryState::Confirmed).await;
}

#[tokio::test]
async fn what_is_gone_is_delivered_again() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    assert!(kept.gateway.feishu.control("POST", "reset", Value::Null).await.0 < 300);
    kept.gateway.clock.advance(FIRST_CHECK);
    kept.until_history("a", "repaired 1").await;
    assert!(kept.gateway.feishu.is_stored("a").await);
}

#[tokio::test]
async fn a_newer_version_of_somebody_else_is_a_conflict_and_the_next_revision_wins() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &with(instance("a"), json!({"updated_at": VERSION}))).await.ok();
    let other = somebody_else(&kept.gateway.feishu).await;
    other.put("a", "", &with(instance("a"), json!({"title": "theirs", "updated_at": LATER}))).await.ok();
    kept.gateway.clock.advance(FIRST_CHECK);
    kept.until("a", DeliveryState::Conflict).await;
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 2, "nothing is overwritten by itself");
    let record = kept.record("a").await;
    assert_eq!((record.problem.unwrap().code(), record.clock.to_string()), ("conflict", LATER.to_owned()));
    let ours = with(instance("a"), json!({"title": "ours", "updated_at": null}));
    let receipt = kept.gateway.put("a", "?verify=true", &ours).await.ok();
    assert_eq!((&receipt["applied"], &receipt["delivery_state"]), (&json!("yes"), &json!("confirmed")));
}

#[test_case("?resend=true"; "sent again on request")]
#[test_case("?verify=true"; "because the check differs")]
#[test_case("?resend=true&verify=true"; "for both reasons")]
#[tokio::test]
async fn an_equal_document_wins_over_somebody_elses_that_lies_ahead(query: &str) {
    let kept = Kept::start().await;
    let ours = with(instance("a"), json!({"title": "ours", "updated_at": null}));
    kept.gateway.put("a", "", &ours).await.ok();
    let other = somebody_else(&kept.gateway.feishu).await;
    for (theirs, task_at) in [("2026-01-02T09:00:00Z", None), ("2026-01-02T10:00:00Z", Some("2026-01-03T00:00:00Z"))] {
        let task = with(task("a", 1), json!({"title": "theirs", "updated_at": task_at}));
        let theirs = json!({"title": "theirs", "updated_at": theirs, "tasks": [task]});
        other.put("a", "", &with(instance("a"), theirs)).await.ok();
        let receipt = kept.gateway.put("a", query, &ours).await.ok();
        assert_eq!((receipt.get("unchanged"), &receipt["revision"]), (None, &json!(1)));
        let shown = kept.gateway.feishu.stored("a").await;
        assert_eq!(shown["texts"]["title"]["zh-CN"], "ours", "{shown}");
        let version = json!(kept.record("a").await.version.unix_millis().to_string());
        assert_eq!((&shown["stored"]["update_time"], &shown["stored"]["task_list"][0]["update_time"]), (&version, &version));
    }
    let history = kept.history("a").await;
    assert_eq!(history[2..4], ["conflict 1", "retried 1"], "{history:?}");
}

#[tokio::test]
async fn what_does_not_stick_is_refused_after_five_repairs_in_a_day() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let other = somebody_else(&kept.gateway.feishu).await;
    for drift in 1..=6 {
        let older =
            with(instance("a"), json!({"title": drift.to_string(), "updated_at": "2026-01-01T00:00:00Z"}));
        other.put("a", "", &older).await.ok();
        kept.gateway.clock.advance(FIRST_CHECK);
        if drift <= 5 {
            kept.until_repairs("a", drift).await;
        }
    }
    kept.until("a", DeliveryState::Refused).await;
    let record = kept.record("a").await;
    assert_eq!((record.problem.unwrap().code(), record.drifts), ("does_not_stick", 5));
}

#[tokio::test]
async fn an_unknown_outcome_is_checked_a_minute_later_even_where_checks_are_off() {
    let off = |builder: crate::harness::Builder| {
        builder.set("RECONCILE__INTERVAL_S", 0).set("RECONCILE__SWEEP_S", 0)
    };
    let kept = Kept::with(off).await;
    kept.gateway.put("b", "", &instance("b")).await.ok();
    let lost = json!({"api": "external_instances", "close": "before_headers", "apply": true, "times": 3});
    kept.gateway.feishu.fault(lost).await;
    assert_eq!(kept.gateway.put_within(1_000, "a", &instance("a")).await.status, 202);
    kept.gateway.clock.advance(Duration::from_secs(10));
    kept.until("a", DeliveryState::Delivered).await;
    assert_eq!(kept.gateway.feishu.count("check").await, 0);
    kept.gateway.clock.advance(Duration::from_secs(60));
    kept.until("a", DeliveryState::Confirmed).await;
    assert_eq!(kept.record("b").await.state, Some(DeliveryState::Delivered), "nothing was in doubt");
}
