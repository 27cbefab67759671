//! More work than fits is refused at once; what was accepted is finished.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::service::documents::instance;
use crate::service::harness::{Harness, Setup, answer, until};

/// Half of what fits, and the largest body that can be configured.
pub(crate) const HALF: usize = 64 * 1024 * 1024;

/// What the smallest request counts for.
const LEAST: usize = 32 * 1024;

async fn started() -> Harness {
    Harness::with(Setup { max_body_bytes: HALF, ..Setup::default() }).await
}

/// A push that announces a body, sends none of it, and waits to be told what becomes of it.
async fn announce(harness: &Harness, length: usize) -> (TcpStream, String) {
    let mut connection = TcpStream::connect(harness.gateway_address()).await.unwrap();
    let head = format!(
        "PUT /v1/instances/large HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; "HTTP/1.1 100".len()];
    connection.read_exact(&mut status).await.unwrap();
    (connection, String::from_utf8(status.to_vec()).unwrap())
}

/// Announces so much that nothing fits beside it and those who are `inside`, until the connections are dropped.
pub(crate) async fn fill(harness: &Harness, inside: usize) -> Vec<TcpStream> {
    let mut connections = Vec::new();
    for length in [HALF, HALF - inside * LEAST] {
        let (connection, status) = announce(harness, length).await;
        assert_eq!(status, "HTTP/1.1 100", "its body is waited for");
        connections.push(connection);
    }
    connections
}

async fn preview(harness: &Harness) -> u16 {
    harness.preview("a", "", &instance("a")).await.status
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_not_sent() {
    let harness = started().await;
    let _full = fill(&harness, 0).await;
    let answer = harness.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "503 overloaded, not_sent, retryable");
    assert_eq!(harness.count("external_instances").await, 0);
}

#[tokio::test]
async fn it_is_refused_before_its_body_is_read() {
    let harness = started().await;
    let _full = fill(&harness, 0).await;
    let (_connection, status) = announce(&harness, LEAST).await;
    assert_eq!(status, "HTTP/1.1 503");
}

#[tokio::test]
async fn room_comes_back_when_those_who_held_it_are_gone() {
    let harness = started().await;
    let full = fill(&harness, 0).await;
    assert_eq!(preview(&harness).await, 503);
    drop(full);
    until(|| async { preview(&harness).await == 200 }).await;
}

#[tokio::test]
async fn health_and_catalogue_are_never_refused() {
    let harness = started().await;
    let _full = fill(&harness, 0).await;
    for path in ["/livez", "/readyz", "/version", "/v1/problems/overloaded"] {
        let status = answer(harness.request(Method::GET, path, &Value::Null)).await.status;
        assert_eq!((path, status), (path, 200));
    }
}

#[tokio::test]
async fn what_was_accepted_is_finished_while_others_are_refused() {
    let harness = started().await;
    harness.fault(json!({"api": "external_instances", "hang": true})).await;
    let accepted = {
        let harness = harness.clone();
        tokio::spawn(async move { harness.put("a", "", &instance("a")).await })
    };
    until(|| async { harness.count("external_instances").await == 1 }).await;
    let _full = fill(&harness, 1).await;
    // The connection breaks, and the push is tried again.
    harness.clear_faults().await;
    accepted.await.unwrap().receipt();
}
