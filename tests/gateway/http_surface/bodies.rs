//! Bodies that cannot be read.

use std::convert::Infallible;
use std::time::Duration;

use approval_gateway::http::extract::RequestLimits;
use axum::body::{Body, Bytes};
use futures_util::stream;
use insta::assert_snapshot;
use test_case::test_case;

use crate::harness::{Answer, Connection};
use crate::http_surface::support::{App, MAX_BODY_BYTES, app, policy, request, send};

async fn put(content_type: Option<&str>, body: Body) -> Answer {
    let mut request = request("PUT", "/v1/things/1");
    if let Some(content_type) = content_type {
        request = request.header("Content-Type", content_type);
    }
    send(request.body(body).unwrap()).await
}

const JSON: Option<&str> = Some("application/json");

#[tokio::test]
async fn missing_media_type_is_answered_with_the_header_to_add() {
    assert_snapshot!(put(None, Body::from("{}")).await.show(), @r#"
    415 Unsupported Media Type
    content-type: application/problem+json

    {
      "code": "unsupported_media_type",
      "detail": "The Content-Type header is missing; add Content-Type: application/json",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 415,
      "title": "The body is not declared as JSON",
      "type": "/v1/problems/unsupported_media_type"
    }
    "#);
}

#[tokio::test]
async fn wrong_media_type_is_answered_with_the_header_to_send() {
    let answer = put(Some("application/x-www-form-urlencoded"), Body::from("{}")).await;
    assert_snapshot!(answer.says(), @r"
    415 unsupported_media_type, not_sent
    The Content-Type header names something other than JSON in UTF-8; send Content-Type: application/json
    ");
}

#[tokio::test]
async fn compressed_body_is_refused() {
    let request = request("PUT", "/v1/things/1")
        .header("Content-Type", "application/json")
        .header("Content-Encoding", "gzip")
        .body(Body::from("{}"))
        .unwrap();
    assert_snapshot!(send(request).await.says(), @r"
    415 unsupported_media_type, not_sent
    accept-encoding: identity
    The body is compressed; send it as it is, without Content-Encoding.
    ");
}

#[tokio::test]
async fn two_content_types_are_refused() {
    let request = request("PUT", "/v1/things/1")
        .header("Content-Type", "application/json")
        .header("Content-Type", "text/plain")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(send(request).await.code(), "unsupported_media_type");
}

#[tokio::test]
async fn too_large_body_is_answered_with_the_limit() {
    let answer = put(JSON, Body::from(vec![b' '; MAX_BODY_BYTES + 1])).await;
    assert_snapshot!(answer.show(), @r#"
    413 Payload Too Large
    content-type: application/problem+json

    {
      "code": "payload_too_large",
      "detail": "The body is larger than the limit of 1024 bytes.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 413,
      "title": "The body is too large",
      "type": "/v1/problems/payload_too_large"
    }
    "#);
}

/// A body without a length, as `Transfer-Encoding: chunked` brings it.
fn chunks(count: usize, size: usize) -> Body {
    let chunk = Bytes::from(vec![b' '; size]);
    Body::from_stream(stream::iter((0..count).map(move |_| Ok::<_, Infallible>(chunk.clone()))))
}

#[test_case(1 => 200; "one chunk fits")]
#[test_case(2 => 413; "two do not")]
#[test_case(1_000_000 => 413; "a body without end is given up")]
#[tokio::test]
async fn limit_holds_without_a_content_length(count: usize) -> u16 {
    put(JSON, chunks(count, MAX_BODY_BYTES)).await.status
}

#[tokio::test]
async fn body_of_exactly_the_limit_is_read() {
    let answer = put(JSON, Body::from(vec![b' '; MAX_BODY_BYTES])).await;
    assert_snapshot!(answer.show(), @r#"
    200 OK
    content-type: application/json

    {
      "bytes": 1024,
      "id": "1",
      "verify": false,
      "within_limit": true
    }
    "#);
}

#[tokio::test]
async fn body_that_breaks_off_is_no_complete_request() {
    let mut caller = Connection::open(app().await.address).await;
    caller.send("PUT /v1/things/1 HTTP/1.1\r\nHost: gateway\r\nX-Request-Id: test-1\r\n").await;
    caller.send("Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{").await;
    caller.finish().await;
    assert_snapshot!(Answer::read(&caller.rest().await).show(), @r#"
    400 Bad Request
    content-type: application/problem+json

    {
      "code": "malformed_request",
      "detail": "The body broke off before its end, or its chunks are not those of HTTP.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 400,
      "title": "The request breaks the rules of HTTP",
      "type": "/v1/problems/malformed_request"
    }
    "#);
}

#[tokio::test]
async fn body_that_never_comes_ends_at_the_deadline() {
    let limits = RequestLimits { deadline: Duration::ZERO, ..RequestLimits::default() };
    let app = App::start(policy(false, true), limits).await;
    let silence = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let request =
        request("PUT", "/v1/things/1").header("Content-Type", "application/json").body(silence).unwrap();
    assert_snapshot!(app.send(request).await.show(), @r#"
    408 Request Timeout
    content-type: application/problem+json
    retry-after: 1

    {
      "code": "request_timeout",
      "detail": "The body was not complete when the request's time was up.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": true,
      "status": 408,
      "title": "The request did not arrive in time",
      "type": "/v1/problems/request_timeout"
    }
    "#);
}

#[tokio::test]
async fn caller_that_waits_for_our_word_is_refused_before_it_sends() {
    let request = request("PUT", "/v1/things/1")
        .header("Content-Type", "application/json")
        .header("Content-Length", MAX_BODY_BYTES + 1)
        .header("Expect", "100-continue")
        // Reading it would never end.
        .body(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()))
        .unwrap();
    assert_eq!(send(request).await.code(), "payload_too_large");
}
