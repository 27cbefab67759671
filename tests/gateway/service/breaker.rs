//! An API that keeps failing is left alone, and tried again with one call at a time.

use std::time::Duration;

use serde_json::{Value, json};
use test_case::test_case;

use crate::service::documents::{definition, instance, with};
use crate::service::harness::{Answer, Harness, until};

/// Failing calls that open the breaker.
const ENOUGH: u64 = 20;

/// How long it stays open before a probe is let through.
const PAUSE: Duration = Duration::from_secs(5);

/// Sends so many pushes at once, each of its own instance, and gives their answers.
async fn push(harness: &Harness, count: u64) -> Vec<Answer> {
    let begin = |number: u64| {
        let harness = harness.clone();
        tokio::spawn(async move { harness.put(&number.to_string(), "", &instance("a")).await })
    };
    let pushes: Vec<_> = (0..count).map(begin).collect();
    let mut answers = Vec::new();
    for push in pushes {
        answers.push(push.await.unwrap());
    }
    answers
}

/// Whatever is pushed meets this fault.
async fn failing(fault: Value) -> Harness {
    let harness = Harness::start().await;
    harness.put("warm", "", &instance("warm")).await.receipt();
    harness.fault(with(fault, json!({"api": "external_instances", "times": 0}))).await;
    harness
}

async fn opened() -> Harness {
    let harness = Harness::start().await;
    harness.put("warm", "", &instance("warm")).await.receipt();
    open(&harness).await;
    harness
}

/// Lets pushes fail until no more are sent.
pub(crate) async fn open(harness: &Harness) {
    harness.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    push(harness, ENOUGH).await;
}

#[test_case(json!({"http_status": 503}); "server trouble")]
#[test_case(json!({"close": "before_headers"}); "connection lost")]
#[test_case(json!({"http_status": 200, "body_raw": "<html>"}); "a page in place of an answer")]
#[test_case(json!({"code": 1395001}); "try again later")]
#[tokio::test]
async fn sustained_failure_opens_it_and_nothing_more_is_sent(fault: Value) {
    let harness = failing(fault).await;
    push(&harness, ENOUGH).await;
    let calls = harness.count("external_instances").await;
    let answer = harness.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "503 circuit_open, not_sent, retryable");
    assert_eq!(answer.retry_after(), Some(PAUSE.as_secs()));
    assert_eq!(harness.count("external_instances").await, calls);
}

#[test_case(json!({"code": 1390001}); "content refused")]
#[test_case(json!({"code": 1390002, "http_status": 500}); "no such definition")]
#[test_case(json!({"code": 60014}); "the instance is locked")]
#[test_case(json!({"code": 99991672}); "scope missing")]
#[test_case(json!({"code": 99991663}); "token refused")]
#[test_case(json!({"code": 99991403}); "quota used up")]
#[tokio::test]
async fn what_feishu_refuses_never_opens_it(fault: Value) {
    let harness = failing(fault).await;
    push(&harness, 2 * ENOUGH).await;
    harness.clear_faults().await;
    // Less than the breaker's pause, and enough for the token endpoint to be asked again.
    harness.clock.advance(PAUSE / 5);
    harness.put("a", "", &instance("a")).await.receipt();
}

#[tokio::test]
async fn callers_in_a_hurry_never_open_it() {
    let harness = failing(json!({"hang": true})).await;
    let hasty = (0..2 * ENOUGH).map(|number| {
        let harness = harness.clone();
        tokio::spawn(async move { harness.put_within(50, &number.to_string(), &instance("a")).await })
    });
    for push in hasty.collect::<Vec<_>>() {
        assert_eq!(push.await.unwrap().status, 504);
    }
    harness.clear_faults().await;
    harness.put("a", "", &instance("a")).await.receipt();
}

#[tokio::test]
async fn a_broken_api_does_not_stop_the_others() {
    let harness = opened().await;
    assert_eq!(harness.define(&definition("travel-key")).await.status, 200);
}

#[tokio::test]
async fn a_probe_that_works_closes_it_again() {
    let harness = opened().await;
    harness.clear_faults().await;
    harness.clock.advance(PAUSE);
    harness.put("a", "", &instance("a")).await.receipt();
    let answers = push(&harness, ENOUGH).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
}

#[tokio::test]
async fn a_probe_that_fails_is_sent_once_and_keeps_it_open() {
    let harness = opened().await;
    let calls = harness.count("external_instances").await;
    harness.clock.advance(PAUSE);
    let probe = harness.put("a", "", &instance("a")).await;
    assert_eq!(probe.problem(), "503 upstream_unavailable, unknown, retryable");
    let next = harness.put("b", "", &instance("b")).await;
    assert_eq!(next.problem(), "503 circuit_open, not_sent, retryable");
    assert_eq!(harness.count("external_instances").await, calls + 1);
}

#[tokio::test]
async fn half_open_it_lets_one_probe_through_however_many_come() {
    let harness = opened().await;
    harness.clear_faults().await;
    harness.fault(json!({"api": "external_instances", "hang": true})).await;
    harness.clock.advance(PAUSE);
    let calls = harness.count("external_instances").await;
    let probe = {
        let harness = harness.clone();
        tokio::spawn(async move { harness.put("probe", "", &instance("a")).await })
    };
    until(|| async { harness.count("external_instances").await == calls + 1 }).await;
    let answers = push(&harness, 10).await;
    assert!(answers.iter().all(|answer| answer.problem() == "503 circuit_open, not_sent, retryable"));
    assert_eq!(harness.count("external_instances").await, calls + 1);
    probe.abort();
}
