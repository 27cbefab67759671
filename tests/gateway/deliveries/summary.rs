//! How all deliveries stand.

use std::time::Duration;

use serde_json::{Value, json};

use super::{push_in_vain, refuse_pushes};
use crate::durable::support::Kept;
use crate::harness::documents::instance;
use crate::harness::until;

async fn summary(kept: &Kept) -> Value {
    kept.gateway.get("/v1/deliveries/summary").await.ok()
}

#[tokio::test]
async fn states_are_counted() {
    let kept = Kept::with(|builder| builder.rate(50, 600)).await;
    kept.gateway.put("d", "", &instance("d")).await.ok();
    let nothing_waits = summary(&kept).await;
    assert_eq!((&nothing_waits["expected_s"], nothing_waits.get("oldest_pending_s")), (&json!(0), None));
    refuse_pushes(&kept).await;
    assert_eq!(kept.gateway.put("r", "", &instance("r")).await.status, 422);
    kept.gateway.feishu.clear_faults().await;
    push_in_vain(&kept, "p").await;
    let oldest = summary(&kept).await;
    assert_eq!(
        oldest["states"],
        json!({"pending": 1, "delivered": 1, "confirmed": 0, "refused": 1, "conflict": 0})
    );
    assert_eq!((&oldest["rate_per_minute"], &oldest["expected_s"]), (&json!(600), &json!(1)));
    assert_eq!((&oldest["oldest_pending_s"], &oldest["app"]), (&json!(0), &json!({"state": "open"})));
    kept.gateway.clock.advance(Duration::from_millis(12_900));
    assert_eq!(summary(&kept).await["oldest_pending_s"], 12);
}

#[tokio::test]
async fn pushes_are_counted_by_the_minute() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    kept.gateway.clock.advance(Duration::from_secs(120));
    kept.gateway.put("b", "", &instance("b")).await.ok();
    let hour = summary(&kept).await["last_hour"].take();
    let minute = |from: &str| json!({"from": from, "pushes": 1, "drifts": 0});
    assert_eq!(hour, json!([minute("2026-01-02T03:04:00.000Z"), minute("2026-01-02T03:06:00.000Z")]));
}

#[tokio::test]
async fn a_parked_app_says_why() {
    let kept = Kept::with(|builder| builder.app_secret("wrong").rate(50, 600)).await;
    assert_eq!(kept.gateway.put_within(2_000, "a", &instance("a")).await.status, 202);
    until(|| async { summary(&kept).await["app"]["state"] == "parked" }).await;
    let summary = summary(&kept).await;
    assert_eq!(summary["app"]["reason"], "upstream_auth_failed");
    assert_eq!(summary["app"]["problem"]["code"], "upstream_auth_failed");
    assert!(summary["app"]["since"].is_string() && summary.get("expected_s").is_none());
    let delivery = kept.gateway.get("/v1/instances/a/delivery").await.ok();
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("pending"), &json!(0)));
    assert_eq!(delivery["last_problem"]["code"], "upstream_auth_failed");
}
