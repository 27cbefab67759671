//! Versions: an update that Feishu would drop in silence is refused, and a default version always grows.

use serde_json::json;
use test_case::test_case;

use crate::harness::documents::{LATER, VERSION, instance, with};
use crate::harness::{Gateway, START};

#[tokio::test]
async fn an_update_older_than_the_last_push_is_refused_and_not_sent() {
    let gateway = Gateway::start().await;
    gateway.put("a", "?mode=update", &with(instance("a"), json!({"updated_at": LATER}))).await.ok();
    let older = gateway.put("a", "?mode=update", &instance("a")).await;
    assert_eq!(older.problem(), "409 stale_update, not_sent");
    assert_eq!(older.violations(), ["body /updated_at: stale"]);
    assert!(older.body["errors"][0]["hint"].as_str().unwrap().contains(LATER), "{}", older.body);
    assert_eq!(gateway.feishu.count("external_instances").await, 1);
}

#[tokio::test]
async fn an_update_repeated_with_the_same_payload_is_sent_again() {
    let gateway = Gateway::start().await;
    gateway.put("a", "?mode=update", &instance("a")).await.ok();
    gateway.put("a", "?mode=update", &instance("a")).await.ok();
    assert_eq!(gateway.feishu.count("external_instances").await, 2);
}

#[tokio::test]
async fn an_update_with_the_last_version_and_another_payload_is_refused() {
    let gateway = Gateway::start().await;
    gateway.put("a", "?mode=update", &instance("a")).await.ok();
    let other = with(instance("a"), json!({"title": "Trip to Xi'an"}));
    assert_eq!(gateway.put("a", "?mode=update", &other).await.problem(), "409 stale_update, not_sent");
    assert_eq!(gateway.feishu.count("external_instances").await, 1);
}

#[tokio::test]
async fn an_older_version_replaces_because_the_last_write_wins() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &with(instance("a"), json!({"updated_at": LATER}))).await.ok();
    let receipt = gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!(receipt["updated_at"], VERSION);
    gateway
        .put("a", "?mode=update", &with(instance("a"), json!({"updated_at": "2026-01-02T03:04:05.5Z"})))
        .await
        .ok();
    assert_eq!(gateway.feishu.count("external_instances").await, 3);
}

#[tokio::test]
async fn an_update_that_failed_may_be_sent_again_with_other_content() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "code": 1390001})).await;
    assert_eq!(gateway.put("a", "?mode=update", &instance("a")).await.status, 422);
    let mended = with(instance("a"), json!({"title": "Trip to Xi'an"}));
    gateway.put("a", "?mode=update", &mended).await.ok();
}

#[tokio::test]
async fn instances_do_not_share_versions() {
    let gateway = Gateway::start().await;
    gateway.put("a", "?mode=update", &with(instance("a"), json!({"updated_at": LATER}))).await.ok();
    gateway.put("b", "?mode=update", &instance("b")).await.ok();
}

#[tokio::test]
async fn a_default_version_grows_although_the_clock_stands_still() {
    let gateway = Gateway::start().await;
    let document = with(instance("a"), json!({"updated_at": null}));
    for _ in 0..3 {
        gateway.put("a", "", &document).await.ok();
    }
    let sent = gateway.feishu.sent("external_instances").await;
    let versions: Vec<_> = sent.iter().map(|body| body["update_time"].as_str().unwrap()).collect();
    let expected = [START, START + 1, START + 2].map(|millis| millis.to_string());
    assert_eq!(versions, expected);
}

#[tokio::test]
async fn a_default_version_exceeds_one_that_was_given_from_the_future() {
    let gateway = Gateway::start().await;
    let future = with(instance("a"), json!({"updated_at": "2030-01-01T00:00:00Z"}));
    gateway.put("a", "", &future).await.ok();
    let receipt = gateway.put("a", "", &with(instance("a"), json!({"updated_at": null}))).await.ok();
    assert_eq!(receipt["updated_at"], "2030-01-01T00:00:00.001Z");
}

#[tokio::test]
async fn update_without_a_version_is_refused() {
    let gateway = Gateway::start().await;
    let refused = gateway.put("a", "?mode=update", &with(instance("a"), json!({"updated_at": null}))).await;
    assert_eq!(refused.problem(), "422 validation_failed, not_sent");
    assert_eq!(refused.violations(), ["body /updated_at: required"]);
}

#[test_case("9999-12-31T23:59:59Z"; "the last second of the calendar")]
#[test_case("9999-12-31T23:59:59.999+08:00"; "in another zone")]
#[tokio::test]
async fn the_end_of_time_that_other_systems_write_is_taken(moment: &str) {
    let gateway = Gateway::start().await;
    let document = with(instance("a"), json!({"status": "approved", "ended_at": moment}));
    gateway.put("a", "", &document).await.ok();
}
