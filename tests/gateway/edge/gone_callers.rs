//! Callers that close one half still get their answer; callers that have gone cost nothing more.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::edge::support::{Edge, get_request, options, problem, put_request};

/// Longer than the time in which an end counts as the end of one half.
const A_WHILE: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_caller_that_writes_no_more_gets_its_answer_and_the_end() {
    let edge = Edge::start(options()).await;
    let mut caller = edge.send(get_request("/v1/slow")).await;
    caller.0.shutdown().await.unwrap();
    edge.api.until_begun(1).await;
    tokio::time::sleep(A_WHILE).await;
    edge.api.release();
    assert!(caller.rest().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_caller_that_writes_no_more_after_its_body_gets_its_answer() {
    let edge = Edge::start(options()).await;
    let mut caller = edge.send(put_request("/v1/slow", 2, "{}")).await;
    caller.0.shutdown().await.unwrap();
    edge.api.until_begun(1).await;
    edge.api.release();
    let answer = caller.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("2\n"), "{answer}");
}

#[tokio::test]
async fn a_caller_that_closes_while_it_waits_is_given_up() {
    let edge = Edge::start(options()).await;
    let caller = edge.send(get_request("/v1/slow")).await;
    edge.api.until_begun(1).await;
    tokio::time::sleep(A_WHILE).await;
    drop(caller);
    edge.api.until_ended(1).await;
}

#[tokio::test]
async fn a_body_that_ends_too_early_is_a_problem_at_once() {
    let edge = Edge::start(options()).await;
    let mut caller = edge.send(put_request("/v1/bytes", 100, "{")).await;
    caller.0.shutdown().await.unwrap();
    let answer = caller.rest().await;
    assert!(answer.is_empty() || problem(&answer).1 == "invalid_json", "{answer}");
}
