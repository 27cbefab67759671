//! Answers say where their callers stand in Feishu's rate limit.

use reqwest::Method;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::documents::{definition, instance};
use crate::harness::{Answer, Gateway, answer};

/// Pacing that no test here can use up.
async fn paced() -> Gateway {
    Gateway::builder().rate(50, 1_000).start().await
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).map(|value| value.to_str().unwrap())
}

/// What is left of each window, without the seconds that go by while the test runs.
fn remaining(answer: &Answer) -> Vec<&str> {
    let windows = header(answer, "ratelimit").unwrap_or_default().split(", ");
    windows.filter_map(|window| Some(window.split_once(";t=")?.0)).collect()
}

#[tokio::test]
async fn a_push_is_told_the_policy_of_both_windows() {
    let gateway = paced().await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(header(&answer, "ratelimit-policy"), Some(r#""second";q=50;w=1, "minute";q=1000;w=60"#));
}

#[tokio::test]
async fn a_push_is_told_what_it_has_left() {
    let gateway = Gateway::builder().rate(0, 1_000).start().await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(remaining(&answer), [r#""minute";r=999"#]);
}

#[tokio::test]
async fn a_refusal_leaves_nothing() {
    let gateway = paced().await;
    let headers = json!({"x-ogw-ratelimit-reset": "100"});
    gateway.feishu.fault(json!({"api": "external_instances", "code": 99991400, "headers": headers})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "429 upstream_rate_limited, rejected, retryable");
    assert_eq!(remaining(&answer), [r#""second";r=0"#, r#""minute";r=0"#]);
}

#[tokio::test]
async fn only_the_configured_windows_are_named() {
    let gateway = Gateway::builder().rate(0, 1_000).start().await;
    let answer = gateway.define(&definition("travel-key")).await;
    assert_eq!(header(&answer, "ratelimit-policy"), Some(r#""minute";q=1000;w=60"#));
}

#[tokio::test]
async fn without_pacing_nothing_is_said() {
    let gateway = Gateway::start().await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!((header(&answer, "ratelimit-policy"), header(&answer, "ratelimit")), (None, None));
}

#[test_case("POST", "/v1/instance-checks")]
#[test_case("GET", "/v1/instances/a")]
#[test_case("GET", "/v1/task-statuses?instance_id=a")]
#[test_case("GET", "/v1/instances")]
#[test_case("GET", "/v1/tasks")]
#[test_case("GET", "/v1/cc")]
#[test_case("GET", "/v1/users/u/tasks?topic=todo")]
#[test_case("POST", "/v1/definitions")]
#[test_case("GET", "/v1/definitions/a")]
#[tokio::test]
async fn every_route_that_calls_feishu_tells(method: &str, path: &str) {
    let gateway = paced().await;
    let request = gateway.request(Method::from_bytes(method.as_bytes()).unwrap(), path, &Value::Null);
    let answer = answer(request).await;
    assert!(header(&answer, "ratelimit").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_preview_calls_nobody_and_tells_nothing() {
    let gateway = paced().await;
    let answer = gateway.preview("a", "", &instance("a")).await;
    assert_eq!((answer.status, header(&answer, "ratelimit")), (200, None));
}
