//! Callers that take their time get no more of ours than they may.

use std::time::Duration;

use approval_gateway::server::Options;
use prometheus::IntGauge;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedWriteHalf;

use crate::edge::support::{
    Edge, LONG, SHORT, get_request, http_2_client, options, problem, put_request, within,
};

/// Sends a byte now and then, until nobody takes it.
async fn drip(mut writing: OwnedWriteHalf) {
    while writing.write_all(b"x").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_head_that_stops_in_the_middle_is_cut() {
    let edge = Edge::start(Options { header_timeout: SHORT, ..options() }).await;
    assert_eq!(edge.send("GET /v1/quick HTTP/1.1\r\nHost: gate").await.rest().await, "");
}

#[tokio::test]
async fn a_head_that_drips_is_cut_all_the_same() {
    let edge = Edge::start(Options { header_timeout: SHORT, ..options() }).await;
    let caller = edge.send("GET /v1/quick HTTP/1.1\r\nX-Drip: ").await;
    let (mut reading, writing) = caller.0.into_split();
    let dripping = tokio::spawn(drip(writing));
    let mut answer = Vec::new();
    // Ends, with or without an error, when the connection is closed.
    let _ = within(reading.read_to_end(&mut answer)).await;
    assert_eq!(answer, b"");
    dripping.abort();
}

#[tokio::test]
async fn a_connection_that_never_says_anything_is_closed_without_a_word() {
    let edge = Edge::start(Options { header_timeout: SHORT, ..options() }).await;
    assert_eq!(edge.connect().await.rest().await, "");
}

#[tokio::test]
async fn a_connection_that_rests_too_long_is_closed_after_its_answer() {
    let edge = Edge::start(Options { idle_timeout: SHORT, ..options() }).await;
    let answers = edge.send(get_request("/v1/quick")).await.rest().await;
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
    assert!(answers.starts_with("HTTP/1.1 200 OK"), "{answers}");
}

#[tokio::test]
async fn a_connection_may_rest_longer_than_a_head_may_take() {
    let edge = Edge::start(Options { header_timeout: SHORT, idle_timeout: LONG, ..options() }).await;
    let mut caller = edge.send(get_request("/v1/quick")).await;
    caller.answer().await;
    tokio::time::sleep(2 * SHORT).await;
    caller.send(get_request("/v1/quick")).await;
    assert!(caller.answer().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn the_head_of_a_second_request_has_the_time_of_a_rest() {
    let edge = Edge::start(Options { idle_timeout: SHORT, ..options() }).await;
    let mut caller = edge.send(get_request("/v1/quick")).await;
    caller.answer().await;
    caller.send("GET /v1/quick HT").await;
    assert_eq!(caller.rest().await, "");
}

#[tokio::test]
async fn a_connection_of_http_2_that_rests_too_long_is_closed() {
    let open = IntGauge::new("open", "open connections").unwrap();
    let edge =
        Edge::start(Options { idle_timeout: SHORT, open_connections: Some(open.clone()), ..options() }).await;
    let client = http_2_client();
    let answer = client.get(format!("http://{}/v1/quick", edge.address)).send().await.unwrap();
    assert_eq!((answer.version(), open.get()), (reqwest::Version::HTTP_2, 1));
    within(async {
        while open.get() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_may_take_longer_than_its_head_or_a_rest() {
    let limits = Options { header_timeout: SHORT, idle_timeout: SHORT, ..options() };
    let edge = Edge::start(limits).await;
    let mut caller = edge.send(get_request("/v1/slow")).await;
    edge.api.until_begun(1).await;
    tokio::time::sleep(2 * SHORT).await;
    edge.api.release();
    assert!(caller.answer().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_body_that_drips_is_cut_at_the_deadline_of_the_request() {
    let edge = Edge::with_deadline(options(), SHORT).await;
    let caller = edge.send(put_request("/v1/bytes", 1_000, "{")).await;
    let (mut reading, writing) = caller.0.into_split();
    let dripping = tokio::spawn(drip(writing));
    let mut answer = String::new();
    let _ = within(reading.read_to_string(&mut answer)).await;
    assert_eq!(problem(&answer), "408 request_timeout, not_sent, retryable");
    dripping.abort();
}

#[tokio::test]
async fn a_caller_of_http_2_that_takes_nothing_of_an_answer_is_dropped_whatever_else_it_does() {
    let edge = Edge::start(Options { idle_timeout: SHORT, ..options() }).await;
    let client = http_2_client();
    let unread = client.get(format!("http://{}/v1/endless", edge.address)).send().await.unwrap();
    let ended = edge.api.until_ended(1);
    let asking = async {
        loop {
            // Fails when the connection is closed under it; then there is another one.
            let _ = client.get(format!("http://{}/v1/quick", edge.address)).send().await;
        }
    };
    tokio::select! {
        () = ended => {}
        () = within(asking) => {}
    }
    drop(unread);
}

#[tokio::test]
async fn a_caller_that_takes_nothing_of_its_answer_is_dropped() {
    let edge = Edge::start(Options { idle_timeout: SHORT, ..options() }).await;
    let _caller = edge.send(get_request("/v1/endless")).await;
    edge.api.until_ended(1).await;
}
