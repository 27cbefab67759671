//! Every request is answered by its deadline, and never claims to know more than it does.

use std::time::{Duration, Instant};

use serde_json::json;

use test_case::test_case;

use crate::harness::documents::instance;
use crate::harness::{Answer, Gateway};
use crate::service::raw_upstream::RawUpstream;

/// The shortest deadline of the tests below, and ten times as much: room for a busy machine.
const DEADLINE: Duration = Duration::from_millis(500);
const AT_MOST: Duration = Duration::from_secs(5);

/// The problem of a push that Feishu never answers, which comes when the deadline has passed and not much later.
async fn hanging(gateway: &Gateway, push: impl Future<Output = Answer>) -> String {
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true, "times": 0})).await;
    let begun = Instant::now();
    let problem = push.await.problem();
    let taken = begun.elapsed();
    assert!((DEADLINE / 2..AT_MOST).contains(&taken), "answered after {taken:?}");
    problem
}

#[tokio::test]
async fn a_push_that_feishu_never_answers_is_answered_at_the_deadline() {
    let gateway = Gateway::builder().deadline(DEADLINE).start().await;
    let problem = hanging(&gateway, gateway.put("a", "", &instance("a"))).await;
    assert_eq!(problem, "504 upstream_timeout, unknown, retryable");
    assert_eq!(gateway.feishu.count("external_instances").await, 1);
}

#[tokio::test]
async fn a_caller_may_lower_the_deadline() {
    let gateway = Gateway::builder().deadline(Duration::from_secs(600)).start().await;
    let problem = hanging(&gateway, gateway.put_within(500, "a", &instance("a"))).await;
    assert_eq!(problem, "504 upstream_timeout, unknown, retryable");
}

#[tokio::test]
async fn a_caller_cannot_raise_the_deadline() {
    let gateway = Gateway::builder().deadline(DEADLINE).start().await;
    let problem = hanging(&gateway, gateway.put_within(600_000, "a", &instance("a"))).await;
    assert_eq!(problem, "504 upstream_timeout, unknown, retryable");
}

#[tokio::test]
async fn a_push_that_waits_for_its_turn_until_the_deadline_was_not_sent() {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    let first = {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.put("a", "", &instance("a")).await })
    };
    let calls = || async { gateway.feishu.count("external_instances").await == 2 };
    crate::harness::until(calls).await;
    let second = gateway.put_within(300, "a", &instance("a")).await;
    assert_eq!(second.problem(), "504 upstream_timeout, not_sent, retryable");
    assert_eq!(gateway.feishu.count("external_instances").await, 2);
    gateway.feishu.clear_faults().await;
    first.await.unwrap().ok();
}

#[tokio::test]
async fn an_attempt_that_may_still_be_applied_keeps_the_turn_of_its_instance_until_it_ends() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    assert_eq!(gateway.put_within(300, "a", &instance("a")).await.status, 504);
    let next = gateway.put_within(300, "a", &instance("a")).await;
    assert_eq!(next.problem(), "504 upstream_timeout, not_sent, retryable");
    gateway.put("b", "", &instance("b")).await.ok();
    gateway.feishu.clear_faults().await;
    gateway.put("a", "", &instance("a")).await.ok();
}

#[test_case("token", 0 => "504 upstream_timeout, not_sent, retryable"; "no token")]
#[test_case("external_instances", 1 => "504 upstream_timeout, unknown, retryable"; "no answer to the push")]
#[tokio::test]
async fn stage_that_hangs(api: &str, pushes: u64) -> String {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": api, "hang": true, "times": 0})).await;
    let answer = gateway.put_within(300, "a", &instance("a")).await;
    assert_eq!(gateway.feishu.count("external_instances").await, pushes);
    answer.problem()
}

#[tokio::test]
async fn a_check_that_hangs_does_not_make_the_push_a_failure() {
    let gateway = Gateway::builder().deadline(Duration::from_millis(500)).start().await;
    gateway.feishu.fault(json!({"api": "check", "hang": true, "times": 0})).await;
    let receipt = gateway.put("a", "?verify=true", &instance("a")).await.ok();
    assert_eq!(receipt["verification"]["status"], "unavailable", "{receipt}");
    assert_eq!(receipt["verification"]["problem_code"], "upstream_timeout", "{receipt}");
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up_at_the_deadline() {
    let upstream = RawUpstream::dripping("{\"code\":0,\"data\":{}}").await;
    let setup = Gateway::builder().upstream(upstream.origin.clone());
    let answer = setup.start().await.put_within(300, "a", &instance("a")).await;
    assert_eq!(answer.problem(), "504 upstream_timeout, unknown, retryable");
    assert_eq!(upstream.pushes(), 1);
}
