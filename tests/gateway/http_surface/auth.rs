//! Who is let in.

use approval_gateway::sandbox::SEEDED_APPROVAL_CODE;
use axum::body::Body;
use axum::http::request;
use insta::assert_snapshot;
use test_case::test_case;

use crate::harness::{Answer, Gateway};
use crate::http_surface::support::{App, KEY, limits, policy, request};

async fn app(with_keys: bool, allow_anonymous: bool) -> App {
    let gateway = Gateway::builder().set("AUTH__ALLOW_ANONYMOUS", allow_anonymous);
    let gateway = if with_keys { gateway.key(KEY, "") } else { gateway };
    gateway.start().await.into()
}

async fn get(with_keys: bool, allow_anonymous: bool, authorization: &[&str]) -> Answer {
    let authorized = |builder: request::Builder, value: &&str| builder.header("Authorization", *value);
    let request = authorization
        .iter()
        .fold(request("GET", &format!("/v1/definitions/{SEEDED_APPROVAL_CODE}")), authorized);
    let app = app(with_keys, allow_anonymous).await;
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
    assert_snapshot!(get(true, false, &["Bearer wrong"]).await.says(), @r#"
    401 unauthorized, not_sent
    www-authenticate: Bearer error="invalid_token"
    The gateway does not know this key. Check it, or ask the operator for another one.
    "#);
}

#[test_case(true, false, &["Bearer correct-horse"] => 200; "right key")]
#[test_case(true, false, &["bEARER correct-horse"] => 200; "scheme in any case")]
#[test_case(true, false, &["Bearer  correct-horse"] => 200; "two spaces")]
#[test_case(true, true, &[] => 200; "anonymous where allowed")]
#[test_case(true, true, &["Bearer wrong"] => 401; "wrong key although anonymous is allowed")]
#[test_case(false, true, &["Bearer correct-horse"] => 401; "key where no keys exist")]
#[test_case(true, true, &["Basic Y29ycmVjdA=="] => 401; "another scheme")]
#[test_case(true, true, &["Bearer"] => 401; "scheme alone")]
#[test_case(true, true, &["Bearer "] => 401; "empty key")]
#[test_case(true, true, &["correct-horse"] => 401; "key alone")]
#[test_case(true, true, &["Bearer correct-horse", "Bearer correct-horse"] => 401; "two headers")]
#[tokio::test]
async fn status(with_keys: bool, allow_anonymous: bool, authorization: &[&str]) -> u16 {
    get(with_keys, allow_anonymous, authorization).await.status
}

/// The configuration refuses this; the policy alone is as strict.
#[tokio::test]
async fn without_keys_and_without_anonymous_callers_nobody_is_let_in() {
    let app = App::start(policy(false, false), limits()).await;
    assert_eq!(app.ask("GET", "/v1/things/1").await.status, 401);
}

#[test_case("GET", "/livez" => 200; "health")]
#[test_case("GET", "/version" => 200; "version")]
#[test_case("GET", "/v1/problems/unauthorized" => 200; "catalogue")]
#[test_case("GET", "/v1/nothing" => 404; "unknown route")]
#[test_case("DELETE", "/v1/instances/1" => 405; "wrong method")]
// Without a key the media type, which is wrong too, must not be looked at.
#[test_case("PUT", "/v1/instances/1" => 401; "key is asked for before the body is read")]
#[test_case("GET", "/v1/instances/%ff" => 401; "key is asked for before the path is read")]
#[tokio::test]
async fn status_without_a_key(method: &str, uri: &str) -> u16 {
    app(true, false).await.ask(method, uri).await.status
}
