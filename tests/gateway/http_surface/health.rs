//! Probes.

use approval_gateway::http::health::DrainState;
use axum::body::Body;
use insta::assert_snapshot;

use crate::http_surface::support::{app_with, ask, limits, policy, request, send};

#[tokio::test]
async fn live_gateway_says_so() {
    assert_snapshot!(ask("GET", "/livez").await.show(), @r#"
    200 OK
    content-type: application/json

    {
      "status": "ok"
    }
    "#);
}

#[tokio::test]
async fn ready_gateway_says_so() {
    assert_eq!(ask("GET", "/readyz").await.status.as_u16(), 200);
}

#[tokio::test]
async fn draining_gateway_is_alive_but_not_ready() {
    let drain_state = DrainState::serving();
    let app = app_with(policy(false, true), drain_state.clone(), limits());
    drain_state.stop_accepting();
    let probe = |uri| request("GET", uri).body(Body::empty()).unwrap();
    assert_eq!(send(app.clone(), probe("/livez")).await.status.as_u16(), 200);
    assert_snapshot!(send(app, probe("/readyz")).await.show(), @r#"
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
    let drain_state = DrainState::serving();
    let app = app_with(policy(false, true), drain_state.clone(), limits());
    let thing = || request("GET", "/v1/things/1").body(Body::empty()).unwrap();
    assert_eq!(send(app.clone(), thing()).await.status.as_u16(), 200);
    drain_state.stop_accepting();
    let answer = send(app, thing()).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "draining"));
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn draining_gateway_still_explains_its_problems() {
    let drain_state = DrainState::serving();
    let app = app_with(policy(false, true), drain_state.clone(), limits());
    drain_state.stop_accepting();
    let page = request("GET", "/v1/problems/draining").body(Body::empty()).unwrap();
    assert_eq!(send(app, page).await.status.as_u16(), 200);
}

#[tokio::test]
async fn version_is_the_one_of_the_package() {
    let answer = ask("GET", "/version").await;
    let version: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (&version["name"], &version["version"]),
        (&"approval-gateway".into(), &env!("CARGO_PKG_VERSION").into())
    );
}
