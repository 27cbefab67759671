//! Upstreams that break rules below HTTP.

use std::time::Duration;

use test_case::test_case;
use tokio::net::TcpListener;

use crate::harness::Gateway;
use crate::harness::documents::instance;
use crate::service::raw_upstream::RawUpstream;

const SUCCESS: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

async fn push_to(upstream: String) -> crate::harness::Answer {
    let setup = Gateway::builder().upstream(upstream).deadline(Duration::from_secs(10));
    setup.start().await.put("a", "", &instance("a")).await
}

#[test_case("" => ("503 upstream_unavailable, unknown, retryable".to_owned(), 3); "nothing at all")]
#[test_case(
    "HTTP/1.1 200"
    => ("503 upstream_unavailable, unknown, retryable".to_owned(), 3);
    "half a status line"
)]
#[test_case(
    "SSH-2.0-OpenSSH\r\n\r\n"
    => ("503 upstream_unavailable, unknown, retryable".to_owned(), 3);
    "another protocol"
)]
#[test_case(
    &format!("{SUCCESS}content-length: 500\r\n\r\n{{\"code\":0")
    => ("502 upstream_protocol_error, unknown, retryable".to_owned(), 1);
    "less than announced"
)]
#[test_case(
    &format!("{SUCCESS}transfer-encoding: chunked\r\n\r\n5\r\n{{\"cod\r\n")
    => ("502 upstream_protocol_error, unknown, retryable".to_owned(), 1);
    "chunks without an end"
)]
#[test_case(
    &format!("{SUCCESS}content-length: 99999999999\r\n\r\n{{")
    => ("502 upstream_protocol_error, unknown, retryable".to_owned(), 1);
    "more announced than anybody sends"
)]
#[test_case(
    &format!("{SUCCESS}content-encoding: gzip\r\ncontent-length: 3\r\n\r\n\u{1f}xx")
    => ("502 upstream_protocol_error, unknown, retryable".to_owned(), 1);
    "a body that is not what it is labelled"
)]
#[tokio::test]
async fn bytes(answer: &str) -> (String, usize) {
    let upstream = RawUpstream::answering(answer).await;
    let problem = push_to(upstream.origin.clone()).await.problem();
    (problem, upstream.pushes())
}

#[tokio::test]
async fn success_without_data_and_length_is_a_success() {
    let upstream = RawUpstream::answering(&format!("{SUCCESS}\r\n{{\"code\":0}}")).await;
    let receipt = push_to(upstream.origin.clone()).await.ok();
    assert_eq!((receipt["applied"].as_str(), receipt.get("changes")), (Some("unknown"), None));
}

#[tokio::test]
async fn refused_connection_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let answer = push_to(origin).await;
    assert_eq!(answer.problem(), "503 upstream_unavailable, not_sent, retryable");
    // Of the token, without which there is no push.
    assert_eq!(answer.body["upstream"]["attempts"], 3, "{}", answer.text);
}
