//! Answers that are compressed, or that something other than Feishu gave.

use std::io::Write as _;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use axum::response::IntoResponse as _;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use test_case::test_case;

use crate::harness::documents::instance;
use crate::harness::{Answer, Gateway, serve};
use crate::service::raw_upstream::TOKEN;

const JSON: &str = "application/json; charset=utf-8";

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

const BODY: &[u8] = br#"{"code":0,"data":{"process_record":{"approval_code":"A"}}}"#;

/// Pushes to an upstream that gives a token, and to everything else this answer.
async fn push_to(status: u16, headers: &[(axum::http::HeaderName, &str)], body: Vec<u8>) -> Answer {
    let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
    let answer = (axum::http::StatusCode::from_u16(status).unwrap(), headers, bytes::Bytes::from(body));
    let answer: (_, axum::http::HeaderMap, _) = answer;
    let upstream = Router::new().fallback(move |request: Request| {
        let answer = if request.uri().path().contains("/tenant_access_token/") {
            ([(CONTENT_TYPE, JSON)], TOKEN).into_response()
        } else {
            answer.clone().into_response()
        };
        async { answer }
    });
    let gateway = Gateway::builder().upstream(serve(upstream).await).start().await;
    gateway.put("a", "", &instance("a")).await
}

#[test_case("gzip", gzip; "gzip")]
#[test_case("deflate", deflate; "deflate")]
#[tokio::test]
async fn compressed_answers_are_read(encoding: &str, compress: fn(&[u8]) -> Vec<u8>) {
    let headers = [(CONTENT_TYPE, JSON), (CONTENT_ENCODING, encoding)];
    let answer = push_to(200, &headers, compress(BODY)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn an_answer_is_measured_by_what_it_unpacks_to() {
    let packed = gzip(&vec![b' '; 64 << 20]);
    assert!(packed.len() < 1 << 20);
    let answer = push_to(200, &[(CONTENT_TYPE, JSON), (CONTENT_ENCODING, "gzip")], packed).await;
    assert_eq!(answer.problem(), "502 upstream_protocol_error, unknown, retryable");
    assert!(answer.body["detail"].as_str().unwrap().contains("larger"), "{}", answer.body);
}

#[test_case(200, &[(CONTENT_TYPE, "text/html; charset=utf-8")], "<html>" => "HTTP 200 with text/html instead of JSON"; "a page")]
#[test_case(404, &[(CONTENT_TYPE, "text/plain")], "404 page not found" => "HTTP 404 with text/plain instead of JSON"; "no such path")]
#[test_case(
    302, &[(LOCATION, "https://sso.example.com/login?ticket=hush")], ""
    => "HTTP 302 leads to https://sso.example.com/login, and redirects are not followed";
    "a redirect"
)]
#[tokio::test]
async fn what_answered_in_feishus_place_is_named(
    status: u16,
    headers: &[(axum::http::HeaderName, &str)],
    body: &str,
) -> String {
    let answer = push_to(status, headers, body.into()).await;
    assert_eq!(answer.problem(), "502 upstream_protocol_error, unknown, retryable");
    let detail = answer.body["detail"].as_str().unwrap();
    let (_, what) = detail.split_once("its documents promise: ").expect(detail);
    what.trim_end_matches('.').to_owned()
}

#[test_case("deflate", raw_deflate(BODY) => "Feishu's answer is not compressed as its Content-Encoding says"; "deflate without its frame")]
#[test_case("gzip", BODY.to_vec() => "Feishu's answer is not compressed as its Content-Encoding says"; "no gzip")]
#[test_case("x-gzip", gzip(BODY) => "HTTP 200 encoded with x-gzip, which was not asked for"; "gzip by its old name")]
#[tokio::test]
async fn an_encoding_that_cannot_be_read_is_named(encoding: &str, body: Vec<u8>) -> String {
    let answer = push_to(200, &[(CONTENT_TYPE, JSON), (CONTENT_ENCODING, encoding)], body).await;
    assert_eq!(answer.problem(), "502 upstream_protocol_error, unknown, retryable");
    let detail = answer.body["detail"].as_str().unwrap();
    detail.rsplit(": ").next().unwrap().trim_end_matches('.').to_owned()
}
