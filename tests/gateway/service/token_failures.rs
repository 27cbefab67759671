//! What callers are told when no token can be had, and how few calls that costs.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_case::test_case;
use tokio::net::TcpListener;

use crate::harness::Gateway;
use crate::harness::documents::{instance, with};

/// Beyond the pause that follows a failure.
const A_WHILE: Duration = Duration::from_secs(6);

/// A token endpoint that answers this.
fn token_answer(token: &str, expire: i64) -> Value {
    let body = json!({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": expire});
    json!({"http_status": 200, "content_type": "application/json", "body_raw": body.to_string()})
}

/// What so many concurrent callers are told; all the same.
async fn told(gateway: &Gateway, callers: usize) -> String {
    let push = async |number: usize| {
        let id = format!("i{number}");
        gateway.put(&id, "", &instance(&id)).await.problem()
    };
    let mut problems = join_all((0..callers).map(push)).await;
    problems.dedup();
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

#[test_case(
    json!({"http_status": 200}), 1
    => "502 upstream_protocol_error, not_sent, retryable";
    "HTML with 200"
)]
#[test_case(json!({"http_status": 500}), 3 => "503 upstream_unavailable, not_sent, retryable"; "HTTP 500")]
#[test_case(
    json!({"close": "before_headers"}), 3
    => "503 upstream_unavailable, not_sent, retryable";
    "connection lost"
)]
#[test_case(
    json!({"close": "mid_body"}), 1
    => "502 upstream_protocol_error, not_sent, retryable";
    "body cut off"
)]
#[test_case(
    json!({"code": 10014, "http_status": 200, "msg": "app secret invalid"}), 1
    => "502 upstream_auth_failed, not_sent";
    "wrong secret"
)]
#[test_case(
    json!({"code": 10003, "http_status": 200, "data": {}}), 1
    => "502 upstream_auth_failed, not_sent";
    "malformed app id"
)]
#[test_case(
    json!({"code": 99991401}), 1
    => "502 upstream_permission_denied, not_sent";
    "address not allowed"
)]
#[test_case(
    json!({"code": 0, "http_status": 200}), 1
    => "502 upstream_protocol_error, not_sent, retryable";
    "a success without a token"
)]
#[test_case(
    token_answer("", 7200), 1
    => "502 upstream_protocol_error, not_sent, retryable";
    "an empty token"
)]
#[test_case(
    token_answer("t-x", 0), 1
    => "502 upstream_protocol_error, not_sent, retryable";
    "a token without life"
)]
#[tokio::test]
async fn failure_is_shared_by_all_who_wait(fault: Value, token_calls: u64) -> String {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(with(fault, json!({"api": "token", "times": 0}))).await;
    let problem = told(&gateway, 30).await;
    assert_eq!(
        (gateway.feishu.count("token").await, gateway.feishu.count("external_instances").await),
        (token_calls, 0)
    );
    gateway.feishu.clear_faults().await;
    gateway.clock.advance(A_WHILE);
    gateway.put("a", "", &instance("a")).await.ok();
    problem
}

#[tokio::test]
async fn token_that_never_comes_is_a_timeout_for_all_who_wait() {
    let gateway = Gateway::builder().deadline(Duration::from_millis(800)).start().await;
    gateway.feishu.fault(json!({"api": "token", "hang": true, "times": 0})).await;
    assert_eq!(told(&gateway, 30).await, "504 upstream_timeout, not_sent, retryable");
    assert_eq!(
        (gateway.feishu.count("token").await, gateway.feishu.count("external_instances").await),
        (1, 0)
    );
}

#[tokio::test]
async fn rate_limit_of_the_token_endpoint_names_the_wait() {
    let gateway = Gateway::start().await;
    let limit = json!({"api": "token", "code": 99991400, "headers": {"x-ogw-ratelimit-reset": "100"}});
    gateway.feishu.fault(limit).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "429 upstream_rate_limited, not_sent, retryable");
    assert_eq!(answer.retry_after(), Some(100));
}

#[tokio::test]
async fn wrong_secret_is_our_fault_and_says_what_to_do() {
    let gateway = Gateway::builder().app_secret("wrong").start().await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "502 upstream_auth_failed, not_sent");
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("must check the app's id and secret"), "{detail}");
    assert_eq!(answer.body["upstream"]["code"], 10014);
    assert!(!answer.headers.contains_key("www-authenticate"));
    assert!(!answer.body.to_string().contains("\"wrong\""), "{}", answer.body);
}

#[tokio::test]
async fn dead_token_that_comes_again_fails_cleanly_and_heals() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.feishu.switch(json!({"sticky_dead_token": true})).await;
    gateway.feishu.revoke_tokens().await;
    for _ in 0..10 {
        let answer = gateway.put("b", "", &instance("b")).await;
        assert_eq!(answer.problem(), "502 upstream_auth_failed, rejected");
    }
    assert_eq!(gateway.feishu.count("token").await, 2);
    gateway.feishu.switch(json!({"sticky_dead_token": false})).await;
    gateway.clock.advance(A_WHILE);
    gateway.put("b", "", &instance("b")).await.ok();
}

#[tokio::test]
async fn fresh_tokens_that_are_refused_too_are_replaced_once_more_and_no_oftener() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "code": 99991663, "times": 0})).await;
    let first = gateway.put("a", "", &instance("a")).await;
    assert_eq!(first.problem(), "502 upstream_auth_failed, rejected");
    assert!(gateway.feishu.count("external_instances").await <= 3);
    assert!(gateway.feishu.count("token").await <= 3);
}

#[tokio::test]
async fn a_redirect_of_the_token_endpoint_is_not_followed_and_its_target_never_sees_the_secret() {
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/", target.local_addr().unwrap());
    let gateway = Gateway::start().await;
    gateway
        .feishu
        .fault(json!({"api": "token", "http_status": 307, "headers": {"location": location}}))
        .await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "502 upstream_protocol_error, not_sent, retryable");
    assert!(target.accept().now_or_never().is_none(), "somebody connected to the redirect's target");
}

#[tokio::test]
async fn a_clock_that_is_set_back_prolongs_no_pause() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "token", "code": 10014, "http_status": 200})).await;
    gateway.put("a", "", &instance("a")).await.problem();
    gateway.clock.advance(A_WHILE);
    gateway.clock.set(crate::harness::START - 3_600_000);
    gateway.put("a", "", &instance("a")).await.ok();
}
