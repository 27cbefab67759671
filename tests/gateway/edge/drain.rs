//! The way out: first others are told, then nothing new is taken, and what was accepted is finished.

use std::time::Duration;

use approval_gateway::server::Options;
use tokio::net::TcpStream;

use crate::edge::support::{Edge, LONG, get_request, http_2_client, options, problem, within};

/// The first answer of `/readyz` that is no success.
async fn until_not_ready(edge: &Edge) -> String {
    within(async {
        loop {
            let answer = edge.send(get_request("/readyz")).await.answer().await;
            if !answer.starts_with("HTTP/1.1 200 OK") {
                return answer;
            }
        }
    })
    .await
}

async fn until_nobody_listens(edge: &Edge) {
    within(async {
        while TcpStream::connect(edge.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn while_others_are_told_new_connections_are_served_once() {
    let edge = Edge::start(Options { drain_delay: LONG, ..options() }).await;
    edge.stop.cancel();
    let answer = until_not_ready(&edge).await;
    assert_eq!(problem(&answer), "503 draining, not_sent, retryable");
    let answer = edge.send(get_request("/v1/quick")).await.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\r\nconnection: close\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_kept_connection_is_served_and_closed_while_others_are_told() {
    let edge = Edge::start(Options { drain_delay: LONG, ..options() }).await;
    let mut caller = edge.send(get_request("/v1/quick")).await;
    assert!(!caller.answer().await.contains("connection: close"));
    edge.stop.cancel();
    until_not_ready(&edge).await;
    caller.send(get_request("/v1/quick")).await;
    let answer = caller.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\r\nconnection: close\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn requests_in_flight_are_answered_and_resting_connections_closed() {
    let edge = Edge::start(options()).await;
    let mut resting = edge.send(get_request("/v1/quick")).await;
    resting.answer().await;
    let mut silent = edge.connect().await;
    let mut callers = Vec::new();
    for _ in 0..20 {
        callers.push(edge.send(get_request("/v1/slow")).await);
    }
    edge.api.until_begun(20).await;
    edge.stop.cancel();
    assert_eq!((resting.rest().await, silent.rest().await), (String::new(), String::new()));
    edge.api.release();
    for caller in &mut callers {
        let answer = caller.rest().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    edge.stopped().await;
}

#[tokio::test]
async fn a_request_that_comes_too_late_on_an_open_connection_is_told_to_go_elsewhere() {
    let edge = Edge::start(options()).await;
    let mut caller = edge.send("GET /v1/quick HTTP/1.1\r\n").await;
    // Nobody listens any more, so the connections know.
    edge.stop.cancel();
    until_nobody_listens(&edge).await;
    caller.send("Host: gateway\r\n\r\n").await;
    let answer = caller.rest().await;
    assert_eq!(problem(&answer), "503 draining, not_sent, retryable");
    edge.stopped().await;
}

#[tokio::test]
async fn a_request_over_http_2_is_answered_before_the_end() {
    let edge = Edge::start(options()).await;
    let client = http_2_client();
    let request = client.get(format!("http://{}/v1/slow", edge.address));
    let answer = tokio::spawn(async move { request.send().await.unwrap() });
    edge.api.until_begun(1).await;
    edge.stop.cancel();
    until_nobody_listens(&edge).await;
    edge.api.release();
    let answer = answer.await.unwrap();
    assert_eq!((answer.version(), answer.status().as_u16()), (reqwest::Version::HTTP_2, 200));
    drop(client);
    edge.stopped().await;
}

#[tokio::test]
async fn a_client_that_still_waits_is_disconnected_after_the_grace_period() {
    let edge = Edge::start(Options { grace: Duration::from_millis(50), ..options() }).await;
    let mut caller = edge.send(get_request("/v1/slow")).await;
    edge.api.until_begun(1).await;
    edge.stop.cancel();
    let api = edge.api.clone();
    edge.stopped().await;
    assert_eq!(caller.rest().await, "");
    api.until_ended(1).await;
}
