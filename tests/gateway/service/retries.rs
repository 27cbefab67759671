//! What is tried again, and how often.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::documents::{instance, with};
use crate::harness::{Gateway, serve};

#[test_case(json!({"http_status": 503}), 2; "server trouble")]
#[test_case(json!({"close": "before_headers"}), 2; "connection lost")]
#[test_case(json!({"code": 1395001}), 1; "try again later with HTTP 400")]
#[test_case(
    json!({"code": 1390014, "msg": "Do not synchronize the same approval instance for a short period of time!"}), 1;
    "too often"
)]
#[test_case(json!({"code": 1390014, "msg": "tenant_id not found"}), 1; "tenant not found")]
#[test_case(json!({"code": 20008, "msg": "user does not exist"}), 1; "a user who comes and goes")]
#[test_case(json!({"code": 60014, "http_status": 200}), 1; "update lock with HTTP 200")]
#[tokio::test]
async fn transient_failure_is_tried_again_until_it_succeeds(fault: Value, times: u64) {
    let gateway = Gateway::start().await;
    let fault = with(fault, json!({"api": "external_instances", "times": times}));
    gateway.feishu.fault(fault).await;
    gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!(gateway.feishu.count("external_instances").await, times + 1);
}

#[tokio::test]
async fn every_attempt_sends_the_same_bytes() {
    let bodies = Arc::<Mutex<Vec<Bytes>>>::default();
    let seen = Arc::clone(&bodies);
    // A token to whoever asks; the first two pushes fail.
    let token = async || Json(json!({"code": 0, "tenant_access_token": "t-1", "expire": 7200}));
    let push = async move |body: Bytes| {
        let mut bodies = seen.lock().unwrap();
        bodies.push(body);
        let status = if bodies.len() < 3 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
        (status, Json(json!({"code": 0, "data": {}})))
    };
    let upstream = Router::new()
        .route("/open-apis/auth/v3/tenant_access_token/internal", post(token))
        .route("/open-apis/approval/v4/external_instances", post(push));
    let gateway = Gateway::builder().upstream(serve(upstream).await).start().await;
    let document = with(instance("a"), json!({"updated_at": null}));
    gateway.put("a", "", &document).await.ok();
    let bodies = bodies.lock().unwrap();
    let [first, second, third] = bodies.as_slice() else { panic!("{} attempts", bodies.len()) };
    assert!(!first.is_empty() && first == second && first == third, "{bodies:?}");
}

#[test_case("try again later", 1395001 => "503 upstream_unavailable, unknown, retryable")]
#[test_case("tenant_id not found", 1390014 => "502 upstream_misconfigured, rejected")]
#[tokio::test]
async fn three_attempts_are_all(msg: &str, code: i64) -> String {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "code": code, "msg": msg, "times": 0})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(gateway.feishu.count("external_instances").await, 3);
    answer.problem()
}

#[test_case(429)]
#[test_case(400)]
#[tokio::test]
async fn rate_limits_are_waited_for_and_are_no_attempts(http_status: u16) {
    let gateway = Gateway::start().await;
    let headers = json!({"x-ogw-ratelimit-reset": "0.01"});
    let limit = json!({"code": 99991400, "http_status": http_status, "headers": headers, "times": 5});
    gateway.feishu.fault(with(limit, json!({"api": "external_instances"}))).await;
    gateway.put("a", "", &instance("a")).await.ok();
    assert_eq!(gateway.feishu.count("external_instances").await, 6);
}

#[test_case(json!({"close": "before_headers"}), 99991403 => "503 upstream_quota_exhausted, unknown"; "lost, then no quota")]
#[test_case(json!({"http_status": 500}), 1390001 => "422 upstream_rejected, unknown"; "trouble, then the content refused")]
#[test_case(json!({"code": 1395001}), 99991672 => "502 upstream_permission_denied, unknown"; "try later, then no scope")]
#[tokio::test]
async fn a_refusal_after_an_attempt_that_was_applied_is_not_called_rejected(
    first: Value,
    then: i64,
) -> String {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(with(first, json!({"api": "external_instances", "apply": true}))).await;
    gateway.feishu.fault(json!({"api": "external_instances", "code": then})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert!(gateway.feishu.is_stored("a").await, "and indeed it was applied");
    answer.problem()
}

#[tokio::test]
async fn a_push_is_applied_once_although_its_answer_was_lost() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "close": "mid_body", "apply": true})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "502 upstream_protocol_error, unknown, retryable");
    assert!(gateway.feishu.is_stored("a").await);
}

#[tokio::test]
async fn an_outage_is_amplified_by_no_more_than_the_budget_of_retries() {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let pushes: Vec<_> = (0..100)
        .map(|number| {
            let gateway = gateway.clone();
            tokio::spawn(async move { gateway.put(&number.to_string(), "", &instance("a")).await.problem() })
        })
        .collect();
    for push in pushes {
        push.await.unwrap();
    }
    let calls = gateway.feishu.count("external_instances").await - 1;
    assert!((100..=120).contains(&calls), "{calls} calls for 100 pushes");
}
