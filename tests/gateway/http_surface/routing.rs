//! What axum would otherwise answer by itself.

use insta::assert_snapshot;
use test_case::test_case;

use crate::http_surface::support::{app, ask};

#[tokio::test]
async fn unknown_route_is_a_problem() {
    assert_snapshot!(ask("GET", "/v2/nothing").await.show(), @r#"
    404 Not Found
    content-type: application/problem+json

    {
      "code": "not_found",
      "detail": "There is no such route. The routes are in /openapi.json.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 404,
      "title": "Nothing is at this path",
      "type": "/v1/problems/not_found"
    }
    "#);
}

#[tokio::test]
async fn wrong_method_is_a_problem_with_the_methods_that_exist() {
    assert_snapshot!(ask("DELETE", "/v1/things/1").await.show(), @r#"
    405 Method Not Allowed
    content-type: application/problem+json
    allow: PUT,GET,HEAD

    {
      "code": "method_not_allowed",
      "detail": "The route exists, but not with this method. The Allow header names those it has.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": false,
      "status": 405,
      "title": "The route does not have this method",
      "type": "/v1/problems/method_not_allowed"
    }
    "#);
}

#[tokio::test]
async fn trailing_slash_is_named_as_a_reason() {
    let said = ask("GET", "/v1/things/1/").await.says();
    assert!(said.contains("No route of the API ends with a slash."), "{said}");
}

#[test_case("OPTIONS", "/v1/things/1" => (405, Some("PUT,GET,HEAD".to_owned())); "options is no method of ours")]
#[test_case("POST", "/livez" => (405, Some("GET,HEAD".to_owned())); "open route")]
#[test_case("BREW", "/v1/failure" => (405, Some("GET,HEAD".to_owned())); "method that nobody knows")]
#[test_case("GET", "/v1/things" => (404, None); "id is missing")]
#[test_case("GET", "/v1/things/" => (404, None); "id is empty")]
#[test_case("GET", "/v1/things/a/b" => (404, None); "slash that should have been encoded")]
#[test_case("GET", "//v1/things/1" => (404, None); "double slash")]
#[test_case("GET", "/V1/things/1" => (404, None); "another case")]
#[tokio::test]
async fn status_and_allow(method: &str, uri: &str) -> (u16, Option<String>) {
    let answer = ask(method, uri).await;
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    (answer.status, answer.header("allow").map(str::to_owned))
}

#[test_case("/livez", 200; "answer")]
#[test_case("/v1/things/1", 200; "answer of the api")]
#[test_case("/v2/nothing", 404; "problem")]
#[tokio::test]
async fn head_tells_the_length_that_get_would_send(uri: &str, status: u16) {
    let app = app().await;
    let (get, head) = (app.ask("GET", uri).await, app.ask("HEAD", uri).await);
    assert_eq!((head.status, head.text.as_str()), (status, ""));
    assert_eq!(head.header("content-length"), Some(get.text.len().to_string().as_str()));
}
