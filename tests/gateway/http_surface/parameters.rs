//! Path, query and header parameters.

use axum::body::Body;
use insta::assert_snapshot;
use serde_json::json;
use test_case::test_case;

use crate::harness::Answer;
use crate::http_surface::support::{ask, request, send};

#[test_case("a%2Fb" => "\"a/b\"\n"; "slash")]
#[test_case("%E5%AE%A1%E6%89%B9%20%F0%9F%8D%B5" => "\"审批 🍵\"\n"; "chinese, space and emoji")]
#[test_case("a+b" => "\"a+b\"\n"; "plus is itself")]
#[test_case("%2525" => "\"%25\"\n"; "decoded only once")]
#[test_case("%2e%2e" => "\"..\"\n"; "dots are an id like any other")]
#[tokio::test]
async fn id_is_decoded(segment: &str) -> String {
    ask("GET", &format!("/v1/things/{segment}")).await.text
}

#[tokio::test]
async fn id_that_is_no_text_is_a_violation_in_the_path() {
    assert_snapshot!(ask("GET", "/v1/things/%ff%fe").await.show(), @r#"
    422 Unprocessable Entity
    content-type: application/problem+json

    {
      "code": "validation_failed",
      "detail": "1 thing is wrong with the request; errors says what and where",
      "errors": [
        {
          "code": "malformed_encoding",
          "detail": "thing_id is not UTF-8 once percent-decoded",
          "in": "path",
          "pointer": "/thing_id"
        }
      ],
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 422,
      "title": "The request breaks a rule",
      "type": "/v1/problems/validation_failed"
    }
    "#);
}

#[test_case("%zz")]
#[test_case("100%")]
#[test_case("%2")]
#[tokio::test]
async fn malformed_escape_is_a_violation_in_the_path(segment: &str) {
    let answer = ask("GET", &format!("/v1/things/{segment}")).await;
    assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (422, &"/thing_id".into()));
}

async fn put(query: &str, timeout: &str) -> Answer {
    let request = request("PUT", &format!("/v1/things/1?{query}"))
        .header("Content-Type", "application/json")
        .header("X-Request-Timeout-Ms", timeout)
        .body(Body::from("{}"))
        .unwrap();
    send(request).await
}

#[tokio::test]
async fn unknown_and_bad_query_parameters_are_reported_together() {
    assert_snapshot!(put("verfy=true&verify=yes", "500").await.show(), @r#"
    422 Unprocessable Entity
    content-type: application/problem+json

    {
      "code": "validation_failed",
      "detail": "2 things are wrong with the request; errors says what and where",
      "errors": [
        {
          "code": "unknown_value",
          "detail": "must be one of: true, false",
          "in": "query",
          "pointer": "/verify"
        },
        {
          "code": "unknown_parameter",
          "detail": "this operation has no such parameter",
          "hint": "did you mean \"verify\"?",
          "in": "query",
          "pointer": "/verfy"
        }
      ],
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 422,
      "title": "The request breaks a rule",
      "type": "/v1/problems/validation_failed"
    }
    "#);
}

#[tokio::test]
async fn bad_timeout_is_a_violation_in_the_header() {
    let answer = put("", "soon").await;
    assert_eq!(answer.problem(), "422 validation_failed, not_sent");
    assert_eq!(
        answer.body["errors"],
        json!([{
            "code": "invalid_value",
            "detail": "the time limit must be a whole number of milliseconds, in digits only",
            "in": "header",
            "pointer": "/X-Request-Timeout-Ms",
        }])
    );
}

#[tokio::test]
async fn timeout_beyond_the_configured_deadline_is_capped() {
    assert_snapshot!(put("verify=true", "999999999").await.show(), @r#"
    200 OK
    content-type: application/json

    {
      "bytes": 2,
      "id": "1",
      "verify": true,
      "within_limit": true
    }
    "#);
}

#[tokio::test]
async fn long_query_is_answered_like_a_short_one() {
    let answer = put(&"x=1&".repeat(10_000), "500").await;
    assert_eq!((answer.status, answer.body["errors"].as_array().unwrap().len()), (422, 1));
}
