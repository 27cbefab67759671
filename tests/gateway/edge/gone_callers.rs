//! Callers that have gone cost nothing more.

use tokio::io::AsyncWriteExt as _;

use crate::edge::support::{Edge, get_request, options, problem, put_request};

#[tokio::test]
async fn a_caller_that_closes_while_it_waits_is_given_up() {
    let edge = Edge::start(options()).await;
    let caller = edge.send(get_request("/v1/slow")).await;
    edge.api.until_begun(1).await;
    drop(caller);
    edge.api.until_ended(1).await;
}

#[tokio::test]
async fn a_caller_that_closes_its_writing_half_while_it_waits_has_gone() {
    let edge = Edge::start(options()).await;
    let mut caller = edge.send(put_request("/v1/slow", 2, "{}")).await;
    edge.api.until_begun(1).await;
    caller.0.shutdown().await.unwrap();
    edge.api.until_ended(1).await;
    assert_eq!(caller.rest().await, "");
}

#[tokio::test]
async fn a_body_that_ends_too_early_is_a_problem_at_once() {
    let edge = Edge::start(options()).await;
    let mut caller = edge.send(put_request("/v1/bytes", 100, "{")).await;
    caller.0.shutdown().await.unwrap();
    assert_eq!(problem(&caller.rest().await), "400 malformed_request, not_sent");
}
