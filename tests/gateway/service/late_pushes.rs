//! Pushes that may still be applied after their callers were told that nobody knows.

use serde_json::json;
use tokio::net::TcpListener;

use crate::harness::documents::{LATER, instance, with};
use crate::harness::{Gateway, until};
use crate::service::raw_upstream::{TOKEN, json_answer, read_request};

#[tokio::test]
async fn a_push_that_is_applied_late_does_not_undo_a_newer_one() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 900})).await;
    let old = gateway.put_within(300, "a", &with(instance("a"), json!({"title": "old"}))).await;
    assert_eq!(old.problem(), "504 upstream_timeout, unknown, retryable");
    gateway.put("a", "", &with(instance("a"), json!({"title": "new", "updated_at": LATER}))).await.ok();
    let calls = gateway.feishu.requests("external_instances").await;
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|call| call["applied"] == true && call.get("ended_at").is_some()), "{calls:?}");
    assert_eq!(gateway.feishu.stored("a").await["texts"]["title"]["zh-CN"], "new");
}

#[tokio::test]
async fn after_a_push_of_unknown_outcome_feishu_is_asked_what_became_of_it() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "http_status": 200})).await;
    let unknown = gateway.put("a", "", &with(instance("a"), json!({"updated_at": LATER}))).await;
    assert_eq!(unknown.problem(), "502 upstream_protocol_error, unknown, retryable");
    gateway.feishu.until_called("check", 1).await;
    // It was not applied, so an update may be older.
    gateway.put("a", "?mode=update", &instance("a")).await.ok();
}

#[tokio::test]
async fn a_push_that_waited_for_its_turn_is_told_so_and_not_about_the_rate() {
    let gateway = Gateway::builder().rate(1, 0).start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 800})).await;
    let first = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.put("a", "", &instance("a")).await.status }
    });
    gateway.feishu.until_called("external_instances", 1).await;
    let second = gateway.put_within(950, "a", &with(instance("a"), json!({"updated_at": LATER}))).await;
    assert_eq!(second.problem(), "504 upstream_timeout, not_sent, retryable");
    assert!(second.text.contains("waiting for earlier pushes of the same instance"), "{}", second.text);
    assert_eq!(first.await.unwrap(), 200);
}

#[tokio::test]
async fn a_push_that_found_no_connection_at_any_attempt_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let token_only = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        let (mut connection, _) = listener.accept().await.unwrap();
        drop(listener);
        read_request(&mut connection).await.unwrap();
        let answer = json_answer(TOKEN).replace("content-type", "connection: close\r\ncontent-type");
        connection.write_all(answer.as_bytes()).await.unwrap();
    });
    let gateway = Gateway::builder().upstream(origin).start().await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "503 upstream_unavailable, not_sent, retryable");
    assert_eq!(answer.body["upstream"]["attempts"], 3, "{}", answer.text);
    token_only.await.unwrap();
}

#[tokio::test]
async fn a_refusal_after_an_attempt_that_may_have_been_applied_leaves_the_outcome_unknown_and_says_why() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "http_status": 500, "apply": true})).await;
    gateway
        .feishu
        .fault(json!({"api": "external_instances", "code": 1390001, "msg": "param is invalid"}))
        .await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert!(answer.problem().contains("upstream_rejected, unknown"), "{}", answer.text);
    assert!(answer.text.contains("an earlier attempt"), "{}", answer.text);
    until(|| gateway.feishu.is_stored("a")).await;
}
