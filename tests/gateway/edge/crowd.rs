//! More connections than the gateway serves.

use approval_gateway::server::Options;

use crate::edge::support::{Edge, get_request, http_2_client, options, problem, put_request, within};
use crate::harness::Connection;

/// A gateway that is full with one connection, on which a request is under way.
async fn full() -> (Edge, Connection) {
    let edge = Edge::start(Options { max_connections: 1, ..options() }).await;
    let first = edge.send(get_request("/v1/slow")).await;
    edge.api.until_begun(1).await;
    (edge, first)
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_closed() {
    let (edge, mut first) = full().await;
    let answer = edge.send(get_request("/v1/quick")).await.rest().await;
    assert_eq!(problem(&answer), "503 overloaded, not_sent, retryable");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    edge.api.release();
    assert!(first.answer().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn health_is_answered_in_a_crowd() {
    let (edge, _first) = full().await;
    for path in ["/livez", "/readyz"] {
        let answer = edge.send(get_request(path)).await.rest().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
}

#[tokio::test]
async fn a_caller_with_a_large_body_hears_it_too() {
    let (edge, _first) = full().await;
    let length = 8 * 1024 * 1024;
    let request = put_request("/v1/bytes", length, &" ".repeat(length));
    let answer = edge.send(request).await.rest().await;
    assert_eq!(problem(&answer), "503 overloaded, not_sent, retryable");
}

#[tokio::test]
async fn whoever_comes_after_the_crowd_is_served() {
    let (edge, mut first) = full().await;
    edge.api.release();
    first.answer().await;
    drop(first);
    // Until the end of the first connection is seen, a newcomer is one too many.
    within(async {
        while !edge.send(get_request("/v1/quick")).await.answer().await.starts_with("HTTP/1.1 200 OK") {}
    })
    .await;
}

#[tokio::test]
async fn one_connection_of_http_2_too_many_is_told_so_and_its_caller_comes_back_on_another() {
    let (edge, mut first) = full().await;
    let client = http_2_client();
    let url = format!("http://{}/v1/quick", edge.address);
    let status = async || client.get(&url).send().await.map(|answer| answer.status().as_u16());
    assert_eq!(status().await.unwrap(), 503);
    edge.api.release();
    first.answer().await;
    drop(first);
    within(async { while !matches!(status().await, Ok(200)) {} }).await;
}
