//! Probes.

use approval_gateway::sandbox::SEEDED_APPROVAL_CODE;
use insta::assert_snapshot;

use crate::harness::{answer, client};
use crate::http_surface::support::App;

#[tokio::test]
async fn live_gateway_says_so() {
    assert_snapshot!(App::gateway().await.ask("GET", "/livez").await.show(), @r#"
    200 OK
    content-type: application/json

    {
      "status": "ok"
    }
    "#);
}

#[tokio::test]
async fn ready_gateway_says_so() {
    assert_eq!(App::gateway().await.ask("GET", "/readyz").await.status, 200);
}

#[tokio::test]
async fn draining_gateway_is_alive_but_not_ready() {
    let app = App::gateway().await;
    app.drain_state.stop_accepting();
    assert_eq!(app.ask("GET", "/livez").await.status, 200);
    assert_snapshot!(app.ask("GET", "/readyz").await.show(), @r#"
    503 Service Unavailable
    content-type: application/problem+json
    retry-after: 5

    {
      "code": "draining",
      "detail": "The gateway is shutting down and takes no new work.",
      "outcome": "not_sent",
      "request_id": "test-1",
      "retryable": true,
      "status": 503,
      "title": "The gateway is shutting down",
      "type": "/v1/problems/draining"
    }
    "#);
}

#[tokio::test]
async fn draining_gateway_takes_no_new_work_on_connections_that_are_still_open() {
    let app = App::gateway().await;
    let client = client();
    let definition = || client.get(format!("http://{}/v1/definitions/{SEEDED_APPROVAL_CODE}", app.address));
    assert_eq!(answer(definition()).await.status, 200);
    app.drain_state.stop_accepting();
    let answer = answer(definition()).await;
    assert_eq!((answer.status, answer.code()), (503, "draining"));
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn draining_gateway_still_explains_its_problems() {
    let app = App::gateway().await;
    app.drain_state.stop_accepting();
    assert_eq!(app.ask("GET", "/v1/problems/draining").await.status, 200);
}

#[tokio::test]
async fn version_is_the_one_of_the_package() {
    let version = App::gateway().await.ask("GET", "/version").await.body;
    assert_eq!(
        (&version["name"], &version["version"]),
        (&"approval-gateway".into(), &env!("CARGO_PKG_VERSION").into())
    );
}
