//! An API that keeps failing is left alone, and tried again with one call at a time.

use std::time::Duration;

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::documents::{definition, instance, with};
use crate::harness::{Answer, Gateway, until};

/// Failing calls that open the breaker.
const ENOUGH: u64 = 20;

/// How long it stays open before a probe is let through.
const PAUSE: Duration = Duration::from_secs(5);

/// Sends so many pushes at once, each of its own instance, and gives their answers.
async fn push(gateway: &Gateway, count: u64) -> Vec<Answer> {
    let begin = |number: u64| {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.put(&number.to_string(), "", &instance("a")).await })
    };
    let pushes: Vec<_> = (0..count).map(begin).collect();
    let mut answers = Vec::new();
    for push in pushes {
        answers.push(push.await.unwrap());
    }
    answers
}

/// Whatever is pushed meets this fault.
async fn failing(fault: Value) -> Gateway {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    gateway.feishu.fault(with(fault, json!({"api": "external_instances", "times": 0}))).await;
    gateway
}

async fn opened() -> Gateway {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    open(&gateway).await;
    gateway
}

/// Lets pushes fail until no more are sent.
pub(crate) async fn open(gateway: &Gateway) {
    gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    push(gateway, ENOUGH).await;
}

#[test_case(json!({"http_status": 503}); "server trouble")]
#[test_case(json!({"close": "before_headers"}); "connection lost")]
#[test_case(json!({"http_status": 200, "body_raw": "<html>"}); "a page in place of an answer")]
#[test_case(json!({"code": 1395001}); "try again later")]
#[tokio::test]
async fn sustained_failure_opens_it_and_nothing_more_is_sent(fault: Value) {
    let gateway = failing(fault).await;
    push(&gateway, ENOUGH).await;
    let calls = gateway.feishu.count("external_instances").await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "503 circuit_open, not_sent, retryable");
    assert_eq!(answer.retry_after(), Some(PAUSE.as_secs()));
    assert_eq!(gateway.feishu.count("external_instances").await, calls);
}

#[test_case(json!({"code": 1390001}); "content refused")]
#[test_case(json!({"code": 1390002, "http_status": 500}); "no such definition")]
#[test_case(json!({"code": 60014}); "the instance is locked")]
#[test_case(json!({"code": 99991672}); "scope missing")]
#[test_case(json!({"code": 99991663}); "token refused")]
#[test_case(json!({"code": 99991403}); "quota used up")]
#[tokio::test]
async fn what_feishu_refuses_never_opens_it(fault: Value) {
    let gateway = failing(fault).await;
    push(&gateway, 2 * ENOUGH).await;
    gateway.feishu.clear_faults().await;
    // Less than the breaker's pause, and enough for the token endpoint to be asked again.
    gateway.clock.advance(PAUSE / 5);
    gateway.put("a", "", &instance("a")).await.ok();
}

#[test_case(50; "much less than an answer takes")]
#[test_case(600; "nearly as much as an answer takes")]
#[tokio::test]
async fn callers_in_a_hurry_never_open_it(millis: u64) {
    let gateway = failing(json!({"hang": true})).await;
    let hasty = (0..2 * ENOUGH).map(|number| {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.put_within(millis, &number.to_string(), &instance("a")).await })
    });
    for push in hasty.collect::<Vec<_>>() {
        assert_eq!(push.await.unwrap().status, 504);
    }
    gateway.feishu.clear_faults().await;
    gateway.put("a", "", &instance("a")).await.ok();
}

/// Rounds of pushes whose callers wait less than an attempt may take.
async fn push_in_rounds_within(gateway: &Gateway, millis: u64, rounds: u64) {
    for round in 0..rounds {
        let hasty = (0..ENOUGH).map(|number| {
            let (gateway, id) = (gateway.clone(), format!("{round}-{number}"));
            tokio::spawn(async move { gateway.put_within(millis, &id, &instance("a")).await })
        });
        for push in hasty.collect::<Vec<_>>() {
            assert_eq!(push.await.unwrap().status, 504);
        }
    }
}

#[tokio::test]
async fn silence_opens_it_although_callers_wait_less_than_an_attempt_may_take() {
    let gateway = failing(json!({"hang": true})).await;
    push_in_rounds_within(&gateway, 2_600, 2).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "503 circuit_open, not_sent, retryable");
}

#[tokio::test]
async fn callers_who_wait_almost_long_enough_do_not_open_it_for_others() {
    let gateway = failing(json!({"delay_ms": 3_000})).await;
    push_in_rounds_within(&gateway, 2_600, 2).await;
    gateway.put("a", "", &instance("a")).await.ok();
}

#[tokio::test]
async fn a_broken_api_does_not_stop_the_others() {
    let gateway = opened().await;
    assert_eq!(gateway.define(&definition("travel-key")).await.status, 200);
}

#[tokio::test]
async fn a_probe_that_works_closes_it_again() {
    let gateway = opened().await;
    gateway.feishu.clear_faults().await;
    gateway.clock.advance(PAUSE);
    gateway.put("a", "", &instance("a")).await.ok();
    let answers = push(&gateway, ENOUGH).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
}

#[tokio::test]
async fn a_probe_that_fails_is_sent_once_and_keeps_it_open() {
    let gateway = opened().await;
    let calls = gateway.feishu.count("external_instances").await;
    gateway.clock.advance(PAUSE);
    let probe = gateway.put("a", "", &instance("a")).await;
    assert_eq!(probe.problem(), "503 upstream_unavailable, unknown, retryable");
    let next = gateway.put("b", "", &instance("b")).await;
    assert_eq!(next.problem(), "503 circuit_open, not_sent, retryable");
    assert_eq!(gateway.feishu.count("external_instances").await, calls + 1);
}

#[tokio::test]
async fn half_open_it_lets_one_probe_through_however_many_come() {
    let gateway = opened().await;
    gateway.feishu.clear_faults().await;
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true})).await;
    gateway.clock.advance(PAUSE);
    let calls = gateway.feishu.count("external_instances").await;
    let probe = {
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.put("probe", "", &instance("a")).await })
    };
    until(|| async { gateway.feishu.count("external_instances").await == calls + 1 }).await;
    let answers = push(&gateway, 10).await;
    assert!(answers.iter().all(|answer| answer.problem() == "503 circuit_open, not_sent, retryable"));
    assert_eq!(gateway.feishu.count("external_instances").await, calls + 1);
    probe.abort();
}
