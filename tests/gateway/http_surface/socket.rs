//! Bytes on a connection: what hyper, the server and the middleware do together.

use approval_gateway::http::extract::RequestLimits;
use test_case::test_case;

use crate::harness::Connection;
use crate::http_surface::support::{App, policy};

/// The application with the default limits.
async fn app() -> App {
    App::start(policy(false, true), RequestLimits::default()).await
}

/// Sends the pieces to an application, and reads until the end.
async fn exchange(pieces: &[&[u8]]) -> String {
    let mut connection = Connection::open(app().await.address).await;
    for piece in pieces {
        connection.send(piece).await;
    }
    connection.rest().await
}

#[test_case("", "HTTP/1.1 400 Bad Request"; "none")]
#[test_case("Host: a\r\nHost: a\r\n", "HTTP/1.1 400 Bad Request"; "two")]
#[test_case("Host:\r\n", "HTTP/1.1 400 Bad Request"; "an empty one")]
#[test_case("Host: a/b\r\n", "HTTP/1.1 400 Bad Request"; "a path")]
#[test_case("Host: gateway:8080\r\n", "HTTP/1.1 200 OK"; "one")]
#[tokio::test]
async fn host(headers: &str, status: &str) {
    let request = format!("GET /v1/things/1 HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
    let answer = exchange(&[request.as_bytes()]).await;
    assert_eq!(answer.lines().next(), Some(status), "{answer}");
    assert_eq!(answer.contains("malformed_request"), status.contains("400"), "{answer}");
}

#[tokio::test]
async fn http_1_0_needs_no_host() {
    let answer = exchange(&[b"GET /v1/things/1 HTTP/1.0\r\n\r\n"]).await;
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
}

#[test_case("zz\r\n{}\r\n0\r\n\r\n"; "a length that is no number")]
#[test_case("2\r\n{}0\r\n\r\n"; "no line break behind a chunk")]
#[test_case("ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"; "a length beyond all numbers")]
#[tokio::test]
async fn broken_chunk_is_a_malformed_request(body: &str) {
    let headers = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let answer = exchange(&[&head("PUT /v1/things/1", headers), body.as_bytes()]).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("malformed_request"), "{answer}");
}

fn head(request_line: &str, headers: &str) -> Vec<u8> {
    format!("{request_line} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

const FIVE_MEGABYTES: usize = 5 << 20;

#[tokio::test]
async fn five_megabytes_with_a_length_are_answered_with_413() {
    let headers = format!("Content-Type: application/json\r\nContent-Length: {FIVE_MEGABYTES}\r\n");
    let body = vec![b' '; FIVE_MEGABYTES];
    let answer = exchange(&[&head("PUT /v1/things/1", &headers), &body]).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("limit of 4194304 bytes"), "{answer}");
}

#[tokio::test]
async fn five_megabytes_in_chunks_are_answered_with_413() {
    let headers = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    let body = [chunk.repeat(5).as_slice(), b"0\r\n\r\n"].concat();
    let answer = exchange(&[&head("PUT /v1/things/1", headers), &body]).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("payload_too_large"), "{answer}");
}

#[tokio::test]
async fn caller_that_waits_for_our_word_gets_413_without_sending() {
    let headers = format!(
        "Content-Type: application/json\r\nContent-Length: {FIVE_MEGABYTES}\r\nExpect: 100-continue\r\n"
    );
    let answer = exchange(&[&head("PUT /v1/things/1", &headers)]).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test_case("GET /v1/things/%zz" => "HTTP/1.1 422 Unprocessable Entity"; "malformed escape")]
#[test_case("GET /v1/things/%00%0d%0a" => "HTTP/1.1 422 Unprocessable Entity"; "control characters in an id")]
#[test_case("OPTIONS *" => "HTTP/1.1 404 Not Found"; "asterisk form")]
#[test_case("GET http://other/livez" => "HTTP/1.1 200 OK"; "absolute form")]
#[test_case("CONNECT gateway:443" => "HTTP/1.1 404 Not Found"; "connect")]
#[test_case("TRACE /livez" => "HTTP/1.1 405 Method Not Allowed"; "trace")]
#[tokio::test]
async fn request_line(line: &str) -> String {
    let answer = exchange(&[&head(line, "")]).await;
    assert!(answer.contains("\r\nx-request-id: "), "{answer}");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    let answer = exchange(&[&head("HEAD /v2/nothing", "")]).await;
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    assert!(answer.contains("content-type: application/problem+json"), "{answer}");
}

#[tokio::test]
async fn body_that_ends_before_its_length_leaves_the_gateway_serving() {
    let app = app().await;
    let mut broken = Connection::open(app.address).await;
    broken.send(head("PUT /v1/things/1", "Content-Type: application/json\r\nContent-Length: 100\r\n")).await;
    broken.send("{").await;
    broken.finish().await;
    let answer = broken.rest().await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(app.ask("GET", "/livez").await.status, 200);
}
