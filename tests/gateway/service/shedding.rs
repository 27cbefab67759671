//! More work than fits is refused at once; what was accepted is finished.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::documents::instance;
use crate::harness::{Connection, Gateway, answer, until};

/// Half of what fits, and the largest body that can be configured.
pub(crate) const HALF: usize = 64 * 1024 * 1024;

/// What the smallest request counts for.
const LEAST: usize = 32 * 1024;

async fn started() -> Gateway {
    Gateway::builder().set("REQUEST__MAX_BODY_BYTES", HALF).start().await
}

/// A push that announces a body, sends none of it, and waits to be told what becomes of it.
async fn announce(gateway: &Gateway, length: usize) -> (Connection, String) {
    let mut connection = gateway.connect().await;
    let head = format!(
        "PUT /v1/instances/large HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    );
    connection.send(head).await;
    let status = connection.read("HTTP/1.1 100".len()).await;
    (connection, status)
}

/// Announces so much that nothing fits beside it and those who are `inside`, until the connections are dropped.
pub(crate) async fn fill(gateway: &Gateway, inside: usize) -> Vec<Connection> {
    let mut connections = Vec::new();
    for length in [HALF, HALF - inside * LEAST] {
        let (connection, status) = announce(gateway, length).await;
        assert_eq!(status, "HTTP/1.1 100", "its body is waited for");
        connections.push(connection);
    }
    connections
}

async fn preview(gateway: &Gateway) -> u16 {
    gateway.preview("a", "", &instance("a")).await.status
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_not_sent() {
    let gateway = started().await;
    let _full = fill(&gateway, 0).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "503 overloaded, not_sent, retryable");
    assert_eq!(gateway.feishu.count("external_instances").await, 0);
}

#[tokio::test]
async fn it_is_refused_before_its_body_is_read() {
    let gateway = started().await;
    let _full = fill(&gateway, 0).await;
    let (_connection, status) = announce(&gateway, LEAST).await;
    assert_eq!(status, "HTTP/1.1 503");
}

#[tokio::test]
async fn room_comes_back_when_those_who_held_it_are_gone() {
    let gateway = started().await;
    let full = fill(&gateway, 0).await;
    assert_eq!(preview(&gateway).await, 503);
    drop(full);
    until(|| async { preview(&gateway).await == 200 }).await;
}

#[tokio::test]
async fn health_and_catalogue_are_never_refused() {
    let gateway = started().await;
    let _full = fill(&gateway, 0).await;
    for path in ["/livez", "/readyz", "/version", "/v1/problems/overloaded"] {
        let status = answer(gateway.request(Method::GET, path, &Value::Null)).await.status;
        assert_eq!((path, status), (path, 200));
    }
}

#[tokio::test]
async fn what_was_accepted_is_finished_while_others_are_refused() {
    let gateway = started().await;
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    let accepted = {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.put("a", "", &instance("a")).await })
    };
    until(|| async { gateway.feishu.count("external_instances").await == 1 }).await;
    let _full = fill(&gateway, 1).await;
    // The connection breaks, and the push is tried again.
    gateway.feishu.clear_faults().await;
    accepted.await.unwrap().ok();
}

/// What requests hold by the gateway's own count.
async fn held(gateway: &Gateway) -> f64 {
    let text = gateway.get("/metrics").await.text;
    let used = text
        .lines()
        .find_map(|line| line.strip_prefix(r#"gateway_request_quota_used_bytes{app="default"} "#));
    used.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_push_that_waits_is_counted_and_given_back_when_its_caller_leaves() {
    const LARGE: f64 = 1_048_576.0;
    let gateway = started().await;
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    let first = {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.put("a", "", &instance("a")).await })
    };
    gateway.feishu.until_called("external_instances", 1).await;
    let mut document = instance("a");
    document["extra"] = json!({"large": "x".repeat(1 << 20)});
    let waiting = tokio::spawn(gateway.pushing("a", "", &document).send());
    until(|| async { held(&gateway).await > LARGE }).await;
    waiting.abort();
    until(|| async { held(&gateway).await < LARGE }).await;
    assert_eq!(gateway.feishu.count("external_instances").await, 1);
    gateway.feishu.clear_faults().await;
    first.await.unwrap().ok();
    until(|| async { held(&gateway).await == 0.0 }).await;
}

#[tokio::test]
async fn a_push_that_is_finished_without_its_caller_is_counted_until_its_end() {
    let gateway = started().await;
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    let leaving = tokio::spawn(gateway.pushing("a", "", &instance("a")).send());
    gateway.feishu.until_called("external_instances", 1).await;
    leaving.abort();
    gateway.until_serving(0).await;
    assert!(held(&gateway).await > 0.0);
    gateway.feishu.clear_faults().await;
    until(|| async { held(&gateway).await == 0.0 }).await;
    assert!(gateway.feishu.is_stored("a").await);
}
