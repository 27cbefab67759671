//! Pushes of one instance go one after another and are finished even when nobody waits for them.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::documents::{instance, with};
use crate::harness::{Gateway, until};

/// Starts a push whose answer is awaited elsewhere.
fn begin(gateway: &Gateway, id: &'static str, document: Value) -> tokio::task::JoinHandle<u16> {
    let gateway = gateway.clone();
    tokio::spawn(async move { gateway.put(id, "", &document).await.status })
}

/// Starts a push and leaves as soon as Feishu has been asked.
async fn push_and_leave(gateway: &Gateway, id: &'static str) {
    let before = gateway.feishu.count("external_instances").await;
    let push = begin(gateway, id, instance(id));
    until(|| async { gateway.feishu.count("external_instances").await > before }).await;
    push.abort();
    assert!(push.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn pushes_of_one_instance_reach_feishu_one_after_another_in_the_order_of_their_versions() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 20, "times": 0})).await;
    let pushes: Vec<_> = (0..10)
        .map(|number| {
            begin(
                &gateway,
                "a",
                with(instance("a"), json!({"updated_at": null, "title": format!("{number}")})),
            )
        })
        .collect();
    // While any of them is under way, the sandbox sees at most one without an answer.
    let mut finished = false;
    while !finished {
        let calls = gateway.feishu.requests("external_instances").await;
        let open = calls.iter().filter(|call| call.get("http_status").is_none()).count();
        assert!(open <= 1, "{open} pushes of one instance at once");
        finished = pushes.iter().all(tokio::task::JoinHandle::is_finished);
    }
    for push in pushes {
        assert_eq!(push.await.unwrap(), 200);
    }
    let sent = gateway.feishu.sent("external_instances").await;
    let versions: Vec<_> = sent.iter().map(|body| body["update_time"].as_str().unwrap()).collect();
    assert_eq!(versions.len(), 10);
    assert!(versions.is_sorted(), "{versions:?}");
}

#[tokio::test]
async fn pushes_of_other_instances_do_not_wait() {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    let first = begin(&gateway, "a", instance("a"));
    until(|| async { gateway.feishu.count("external_instances").await == 2 }).await;
    gateway.put("b", "", &instance("b")).await.ok();
    assert!(!first.is_finished());
    gateway.feishu.clear_faults().await;
    assert_eq!(first.await.unwrap(), 200);
}

#[tokio::test]
async fn a_push_whose_caller_goes_away_is_finished() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 300})).await;
    push_and_leave(&gateway, "a").await;
    assert!(!gateway.feishu.is_stored("a").await, "it is still under way");
    until(|| gateway.feishu.is_stored("a")).await;
}

#[tokio::test]
async fn a_push_whose_caller_goes_away_is_even_tried_again() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 300, "http_status": 500})).await;
    push_and_leave(&gateway, "a").await;
    until(|| gateway.feishu.is_stored("a")).await;
    assert_eq!(gateway.feishu.count("external_instances").await, 2);
}

#[tokio::test]
async fn the_next_push_waits_for_one_whose_caller_went_away() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 300})).await;
    push_and_leave(&gateway, "a").await;
    let last = with(instance("a"), json!({"title": "the last word"}));
    gateway.put("a", "", &last).await.ok();
    let title = gateway.feishu.stored("a").await["texts"]["title"]["zh-CN"].take();
    assert_eq!(title, "the last word");
    assert_eq!(gateway.feishu.count("external_instances").await, 2);
}

#[tokio::test]
async fn a_caller_who_leaves_the_queue_sends_nothing_and_holds_nobody_up() {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    let first = begin(&gateway, "a", with(instance("a"), json!({"title": "first"})));
    until(|| async { gateway.feishu.count("external_instances").await == 2 }).await;
    let request =
        gateway.request(Method::PUT, "/v1/instances/a", &with(instance("a"), json!({"title": "second"})));
    let second = request.timeout(Duration::from_millis(300)).send().await;
    assert!(second.unwrap_err().is_timeout());
    gateway.until_serving(1).await;
    gateway.feishu.clear_faults().await;
    assert_eq!(first.await.unwrap(), 200);
    gateway.put("a", "", &with(instance("a"), json!({"title": "third"}))).await.ok();
    let titles: Vec<_> = gateway
        .feishu
        .sent("external_instances")
        .await
        .iter()
        .map(|body| body["i18n_resources"][0]["texts"].to_string())
        .filter(|texts| texts.contains("second"))
        .collect();
    assert_eq!(titles, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn versions_and_places_in_the_queue_agree_on_several_threads() {
    let gateway = Gateway::start().await;
    for id in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        let document = with(instance(id), json!({"updated_at": null}));
        let pushes: Vec<_> = (0..60).map(|_| begin(&gateway, id, document.clone())).collect();
        for push in pushes {
            assert_eq!(push.await.unwrap(), 200);
        }
        let sent = gateway.feishu.sent("external_instances").await;
        let of_this = sent.iter().filter(|body| body["instance_id"] == id);
        let versions: Vec<_> = of_this.map(|body| body["update_time"].as_str().unwrap()).collect();
        assert!(versions.is_sorted(), "{versions:?}");
    }
}
