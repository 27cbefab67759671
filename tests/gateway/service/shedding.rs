//! More work than fits is refused at once; what was accepted is finished.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::documents::{copy, instance, task, with};
use crate::harness::{Builder, Connection, Gateway, answer, client_builder, until};

/// What requests may hold together.
const CAPACITY: usize = 8 * 1024 * 1024;

/// What the smallest request counts for.
const LEAST: usize = 32 * 1024;

/// A gateway that little is enough to fill.
pub(crate) fn builder() -> Builder {
    Gateway::builder().set("REQUEST__CAPACITY_BYTES", CAPACITY).set("REQUEST__MAX_BODY_BYTES", CAPACITY)
}

async fn started() -> Gateway {
    builder().start().await
}

fn head(method: &str, path: &str, length: usize, more: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
    )
}

/// A push that announces a body, sends none of it, and waits to be told what becomes of it.
async fn announce(gateway: &Gateway, length: usize) -> (Connection, String) {
    let mut connection = gateway.connect().await;
    connection.send(head("PUT", "/v1/instances/large", length, "Expect: 100-continue\r\n")).await;
    let status = connection.read("HTTP/1.1 100".len()).await;
    (connection, status)
}

/// A push whose answer the test does not wait for.
async fn push(gateway: &Gateway, id: &str, body: &str) -> Connection {
    let mut connection = gateway.connect().await;
    connection.send(head("PUT", &format!("/v1/instances/{id}"), body.len(), "")).await;
    connection.send(body).await;
    connection
}

/// A document of so many bytes.
fn document(length: usize) -> String {
    let of = |padding: &str| with(instance("full"), json!({"extra": {"padding": padding}})).to_string();
    of(&" ".repeat(length - of("").len()))
}

/// Lets pushes wait that hold so much that nothing fits beside them and those who are `inside`, until the connections are
/// dropped: one that Feishu does not answer, and a large one that waits for it.
pub(crate) async fn fill(gateway: &Gateway, inside: usize) -> Vec<Connection> {
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true, "times": 0})).await;
    let called = gateway.feishu.count("external_instances").await;
    let first = push(gateway, "full", &instance("full").to_string()).await;
    gateway.feishu.until_called("external_instances", called + 1).await;
    let second = push(gateway, "full", &document(CAPACITY - (1 + inside) * LEAST)).await;
    until(|| async { held(gateway).await >= (CAPACITY - inside * LEAST) as f64 }).await;
    vec![first, second]
}

async fn preview(gateway: &Gateway) -> u16 {
    gateway.preview("a", "", &instance("a")).await.status
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_not_sent() {
    let gateway = started().await;
    let _full = fill(&gateway, 0).await;
    let calls = gateway.feishu.count("external_instances").await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "503 overloaded, not_sent, retryable");
    assert_eq!(gateway.feishu.count("external_instances").await, calls);
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
async fn bodies_that_are_announced_and_do_not_come_keep_nobody_out() {
    let gateway = started().await;
    let mut announced = Vec::new();
    for _ in 0..32 {
        let (connection, status) = announce(&gateway, CAPACITY / 2).await;
        assert_eq!(status, "HTTP/1.1 100", "its body is waited for");
        announced.push(connection);
    }
    assert_eq!(preview(&gateway).await, 200);
}

#[tokio::test]
async fn a_body_that_stops_in_the_middle_gives_way_to_others() {
    let gateway = started().await;
    let mut slow = gateway.connect().await;
    slow.send(head("PUT", "/v1/instances/slow", CAPACITY, "")).await;
    slow.send(" ".repeat(CAPACITY - LEAST / 2)).await;
    until(|| async { held(&gateway).await > (CAPACITY - LEAST) as f64 }).await;
    until(|| async { preview(&gateway).await == 200 }).await;
    assert_eq!(slow.read("HTTP/1.1 503".len()).await, "HTTP/1.1 503");
    until(|| async { held(&gateway).await == 0.0 }).await;
}

/// A small document with a large payload: 500 tasks and copies have the links of the instance.
fn with_long_links(id: &str, length: usize) -> Value {
    let link = format!("https://oa.example.org/{}", "a".repeat(length));
    let tasks: Vec<_> = (0..300).map(|number| task(id, number)).collect();
    let copies: Vec<_> = (0..200).map(|number| copy(id, number)).collect();
    with(instance(id), json!({"pc_link": link, "tasks": tasks, "cc": copies}))
}

#[tokio::test]
async fn the_payload_of_a_push_is_counted_and_not_its_document() {
    let gateway = started().await;
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    let pushing = tokio::spawn(gateway.pushing("a", "", &with_long_links("a", 5_000)).send());
    gateway.feishu.until_called("external_instances", 1).await;
    assert!(held(&gateway).await > 5_000_000.0);
    gateway.feishu.clear_faults().await;
    pushing.await.unwrap().unwrap();
    until(|| async { held(&gateway).await == 0.0 }).await;
}

#[tokio::test]
async fn a_payload_that_does_not_fit_beside_others_is_refused_and_not_sent() {
    let gateway = started().await;
    let _full = fill(&gateway, 40).await;
    let calls = gateway.feishu.count("external_instances").await;
    let answer = gateway.put("a", "", &with_long_links("a", 5_000)).await;
    assert_eq!(answer.problem(), "503 overloaded, not_sent, retryable");
    assert_eq!(gateway.feishu.count("external_instances").await, calls);
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_counted_until_it_is_dropped() {
    let gateway = started().await;
    let client = client_builder().http2_prior_knowledge().http2_initial_stream_window_size(65_535).build();
    let request = client.unwrap().post(format!("{}/v1/instances/a/preview", gateway.origin()));
    let request = request.header("content-type", "application/json");
    let unread = request.body(with_long_links("a", 5_000).to_string()).send().await.unwrap();
    assert_eq!(unread.status(), 200);
    assert!(held(&gateway).await > 5_000_000.0);
    drop(unread);
    until(|| async { held(&gateway).await == 0.0 }).await;
}

#[tokio::test]
async fn a_small_document_with_a_huge_payload_is_refused_with_what_makes_it_so() {
    let gateway = started().await;
    let document = with_long_links("a", 20_000);
    for answer in [gateway.put("a", "", &document).await, gateway.preview("a", "", &document).await] {
        assert_eq!(answer.problem(), "422 validation_failed, not_sent");
        let errors = answer.body["errors"].as_array().unwrap();
        let found = errors.iter().map(|error| (error["pointer"].as_str().unwrap(), &error["code"]));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [("/pc_link", &json!("too_large")), ("/mobile_link", &json!("too_large"))]
        );
        assert!(errors[0]["detail"].as_str().unwrap().contains("501 times"), "{}", answer.text);
    }
    assert_eq!(gateway.feishu.count("external_instances").await, 0);
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
