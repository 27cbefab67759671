//! Path, query and header parameters.

use axum::body::Body;
use insta::assert_snapshot;
use test_case::test_case;

use crate::support::{app, ask, request, send};

#[test_case("a%2Fb" => "\"a/b\"\n"; "slash")]
#[test_case("%E5%AE%A1%E6%89%B9%20%F0%9F%8D%B5" => "\"审批 🍵\"\n"; "chinese, space and emoji")]
#[test_case("a+b" => "\"a+b\"\n"; "plus is itself")]
#[test_case("%2525" => "\"%25\"\n"; "decoded only once")]
#[test_case("%2e%2e" => "\"..\"\n"; "dots are an id like any other")]
#[tokio::test]
async fn id_is_decoded(segment: &str) -> String {
    ask("GET", &format!("/v1/things/{segment}")).await.body
}

#[tokio::test]
async fn id_that_is_no_text_is_a_violation_in_the_path() {
    assert_snapshot!(ask("GET", "/v1/things/%ff%fe").await.show(), @"");
}

#[test_case("%zz")]
#[test_case("100%")]
#[test_case("%2")]
#[tokio::test]
async fn malformed_escape_is_a_violation_in_the_path(segment: &str) {
    let answer = ask("GET", &format!("/v1/things/{segment}")).await;
    let document: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status.as_u16(), &document["errors"][0]["pointer"]), (422, &"/thing_id".into()));
}

async fn put(query: &str, timeout: &str) -> crate::support::Answer {
    let request = request("PUT", &format!("/v1/things/1?{query}"))
        .header("Content-Type", "application/json")
        .header("X-Request-Timeout-Ms", timeout)
        .body(Body::from("{}"))
        .unwrap();
    send(app(), request).await
}

#[tokio::test]
async fn unknown_and_bad_query_parameters_are_reported_together() {
    assert_snapshot!(put("verfy=true&verify=yes", "500").await.show(), @"");
}

#[tokio::test]
async fn bad_timeout_is_a_violation_in_the_header() {
    assert_snapshot!(put("", "soon").await.show(), @"");
}

#[tokio::test]
async fn timeout_beyond_the_configured_deadline_is_capped() {
    assert_snapshot!(put("verify=true", "999999999").await.show(), @"");
}

#[tokio::test]
async fn long_query_is_answered_like_a_short_one() {
    let answer = put(&"x=1&".repeat(10_000), "500").await;
    let document: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status.as_u16(), document["errors"].as_array().unwrap().len()), (422, 1));
}
