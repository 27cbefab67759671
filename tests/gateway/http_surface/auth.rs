//! Who is let in.

use axum::body::Body;
use axum::http::request;
use insta::assert_snapshot;
use test_case::test_case;

use crate::harness::Answer;
use crate::http_surface::support::{App, limits, policy, request};

async fn get(with_keys: bool, allow_anonymous: bool, authorization: &[&str]) -> Answer {
    let authorized = |builder: request::Builder, value: &&str| builder.header("Authorization", *value);
    let request = authorization.iter().fold(request("GET", "/v1/things/1"), authorized);
    let app = App::start(policy(with_keys, allow_anonymous), limits()).await;
    app.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn missing_key_is_answered_with_the_header_to_send() {
    assert_snapshot!(get(true, false, &[]).await.show(), @r#"
    401 Unauthorized
    content-type: application/problem+json
    www-authenticate: Bearer

    {
      "code": "unauthorized",
      "detail": "Send your key in the header Authorization: Bearer <key>.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 401,
      "title": "The caller's key is missing or wrong",
      "type": "/v1/problems/unauthorized"
    }
    "#);
}

#[tokio::test]
async fn wrong_key_is_called_invalid() {
    assert_snapshot!(get(true, false, &["Bearer wrong"]).await.show(), @r#"
    401 Unauthorized
    content-type: application/problem+json
    www-authenticate: Bearer error="invalid_token"

    {
      "code": "unauthorized",
      "detail": "The gateway does not know this key. Check it, or ask the operator for another one.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 401,
      "title": "The caller's key is missing or wrong",
      "type": "/v1/problems/unauthorized"
    }
    "#);
}

#[test_case(true, false, &["Bearer correct-horse"] => 200; "right key")]
#[test_case(true, false, &["bEARER correct-horse"] => 200; "scheme in any case")]
#[test_case(true, false, &["Bearer  correct-horse"] => 200; "two spaces")]
#[test_case(true, true, &[] => 200; "anonymous where allowed")]
#[test_case(true, true, &["Bearer wrong"] => 401; "wrong key although anonymous is allowed")]
#[test_case(false, true, &["Bearer correct-horse"] => 401; "key where no keys exist")]
#[test_case(false, false, &[] => 401; "no keys and no anonymous")]
#[test_case(true, true, &["Basic Y29ycmVjdA=="] => 401; "another scheme")]
#[test_case(true, true, &["Bearer"] => 401; "scheme alone")]
#[test_case(true, true, &["Bearer "] => 401; "empty key")]
#[test_case(true, true, &["correct-horse"] => 401; "key alone")]
#[test_case(true, true, &["Bearer correct-horse", "Bearer correct-horse"] => 401; "two headers")]
#[tokio::test]
async fn status(with_keys: bool, allow_anonymous: bool, authorization: &[&str]) -> u16 {
    get(with_keys, allow_anonymous, authorization).await.status
}

#[test_case("GET", "/livez" => 200; "health")]
#[test_case("GET", "/version" => 200; "version")]
#[test_case("GET", "/v1/problems/unauthorized" => 200; "catalogue")]
#[test_case("GET", "/v1/nothing" => 404; "unknown route")]
#[test_case("DELETE", "/v1/things/1" => 405; "wrong method")]
// Without a key the media type, which is wrong too, must not be looked at.
#[test_case("PUT", "/v1/things/1" => 401; "key is asked for before the body is read")]
#[test_case("GET", "/v1/things/%ff" => 401; "key is asked for before the path is read")]
#[tokio::test]
async fn status_without_a_key(method: &str, uri: &str) -> u16 {
    App::start(policy(true, false), limits()).await.ask(method, uri).await.status
}
