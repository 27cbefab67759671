//! Calls leave no faster than Feishu takes them, and a refusal holds for everybody who calls the same API.

use std::time::Duration;

use approval_gateway::support::clock::Clock;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::net::{TcpListener, TcpStream};

use crate::harness::documents::{definition, instance};
use crate::harness::{Feishu, Gateway, sandbox};

async fn paced(per_second: u32, per_minute: u32) -> Gateway {
    Gateway::builder().rate(per_second, per_minute).start().await
}

/// A refusal that outlasts every deadline.
fn refusal() -> Value {
    let headers = json!({"x-ogw-ratelimit-reset": "100"});
    json!({"api": "external_instances", "code": 99991400, "headers": headers})
}

#[tokio::test]
async fn a_push_that_cannot_fit_its_deadline_is_refused_at_once_and_not_sent() {
    let gateway = paced(0, 1).await;
    gateway.put("a", "", &instance("a")).await.ok();
    let answer = gateway.put("b", "", &instance("b")).await;
    assert_eq!(answer.problem(), "429 upstream_rate_limited, not_sent, retryable");
    let wait = answer.retry_after().unwrap();
    assert!((30..=61).contains(&wait), "{wait}");
    assert_eq!(gateway.feishu.count("external_instances").await, 1);
}

/// A gateway and a sandbox with the same rate, both by the machine's clock.
async fn as_fast_as_feishu(per_second: u32) -> Gateway {
    let feishu = Feishu::serve(&sandbox(None, &Clock::System)).await;
    feishu.switch(json!({"per_second": per_second})).await;
    Gateway::builder().feishu(&feishu).clock(Clock::System).rate(per_second, 0).start().await
}

/// When each push arrived at Feishu's door, in milliseconds.
async fn arrivals(gateway: &Gateway) -> Vec<i128> {
    let pushes = gateway.feishu.requests("external_instances").await;
    let at = |push: &Value| OffsetDateTime::parse(push["at"].as_str().unwrap(), &Rfc3339).unwrap();
    pushes.iter().map(|push| at(push).unix_timestamp_nanos() / 1_000_000).collect()
}

/// Pushes so many instances at once, all of which Feishu must take at the first attempt.
async fn push_at_once(gateway: &Gateway, count: usize) {
    let ids: Vec<_> = (0..count).map(|number| format!("at-once-{number}")).collect();
    for answer in join_all(ids.iter().map(async |id| gateway.put(id, "", &instance(id)).await)).await {
        answer.ok();
    }
    for push in gateway.feishu.requests("external_instances").await {
        assert_eq!(push["http_status"], 200, "{push}");
    }
    assert_eq!(gateway.feishu.count("external_instances").await, count as u64);
}

#[tokio::test]
async fn more_pushes_than_fit_into_a_second_wait_for_their_turn() {
    let gateway = as_fast_as_feishu(4).await;
    push_at_once(&gateway, 11).await;
    let arrivals = arrivals(&gateway).await;
    // A little less than a second, for what the machine does between leaving and arriving.
    let close = arrivals.windows(5).filter(|five| five[4] - five[0] < 900);
    assert_eq!(close.count(), 0, "{arrivals:?}");
}

/// A way to the sandbox on which every new connection takes its time.
async fn slow_to_connect(feishu: &Feishu, delay: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let target = feishu.origin.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let target = target.clone();
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                let mut far = TcpStream::connect(target).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    origin
}

#[tokio::test]
async fn feishu_sees_no_more_than_the_rate_although_connections_are_slow_to_open() {
    let feishu = Feishu::serve(&sandbox(None, &Clock::System)).await;
    let slow = slow_to_connect(&feishu, Duration::from_millis(300)).await;
    let builder = Gateway::builder().feishu(&feishu).clock(Clock::System).rate(50, 0);
    let gateway = builder.upstream(slow).start().await;
    push_at_once(&gateway, 120).await;
    let arrivals = arrivals(&gateway).await;
    let most =
        arrivals.iter().map(|at| arrivals.iter().filter(|other| (*at..at + 950).contains(other)).count());
    assert!(most.clone().max() <= Some(50), "{:?} in a second", most.max());
}

#[tokio::test]
async fn a_call_whose_answer_would_come_too_late_is_not_sent() {
    let deadline = Duration::from_millis(1_300);
    let gateway = Gateway::builder().rate(5, 0).deadline(deadline).start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 500, "times": 0})).await;
    // Nobody knows yet how long answers take.
    gateway.put("first", "", &instance("first")).await.ok();
    let ids: Vec<_> = (0..12).map(|n| format!("a-{n}")).collect();
    let pushes = ids.iter().map(async |id| {
        let answer = gateway.put(id, "", &instance(id)).await;
        if answer.status == 200 { "taken".into() } else { answer.problem() }
    });
    let fates = join_all(pushes).await;
    // The rate lets some go near the end of their time, half a second before which their answers would have to be there.
    let taken = fates.iter().filter(|fate| *fate == "taken").count();
    assert!(taken >= 4, "{fates:?}");
    assert!(fates.iter().all(|fate| fate == "taken" || fate.contains("not_sent")), "{fates:?}");
    assert_eq!(gateway.feishu.count("external_instances").await, taken as u64 + 1);
}

#[tokio::test]
async fn each_api_has_a_rate_of_its_own() {
    let gateway = paced(0, 1).await;
    gateway.put("a", "?verify=true", &instance("a")).await.ok();
    assert_eq!(gateway.define(&definition("travel-key")).await.status, 200);
    assert_eq!(gateway.feishu.count("check").await, 1);
}

#[tokio::test]
async fn after_one_refusal_nobody_else_asks_until_the_reset() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(refusal()).await;
    let refused = gateway.put("a", "", &instance("a")).await;
    assert_eq!(refused.problem(), "429 upstream_rate_limited, rejected, retryable");
    let next = gateway.put("b", "", &instance("b")).await;
    assert_eq!(next.problem(), "429 upstream_rate_limited, not_sent, retryable");
    let wait = next.retry_after().unwrap();
    assert!((90..=100).contains(&wait), "{wait}");
    assert_eq!(gateway.feishu.count("external_instances").await, 1);
}

#[tokio::test]
async fn a_refusal_of_one_api_does_not_hold_the_others_back() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(refusal()).await;
    gateway.put("a", "", &instance("a")).await.problem();
    assert_eq!(gateway.define(&definition("travel-key")).await.status, 200);
}

#[tokio::test]
async fn a_reset_of_zero_is_no_loop_at_the_speed_of_the_network() {
    let gateway = Gateway::start().await;
    let headers = json!({"x-ogw-ratelimit-reset": "0"});
    let fault = json!({"api": "external_instances", "code": 99991400, "headers": headers, "times": 0});
    gateway.feishu.fault(fault).await;
    gateway.put_within(500, "a", &instance("a")).await.problem();
    let calls = gateway.feishu.count("external_instances").await;
    assert!(calls <= 6, "{calls} calls in half a second");
}

#[tokio::test]
async fn a_caller_who_leaves_the_queue_sends_nothing_and_frees_the_place() {
    let gateway = paced(1, 0).await;
    gateway.put("a", "", &instance("a")).await.ok();
    let leaving = gateway.request(Method::PUT, "/v1/instances/b", &instance("b"));
    let left = leaving.timeout(Duration::from_millis(300)).send().await;
    assert!(left.unwrap_err().is_timeout());
    gateway.until_serving(0).await;
    gateway.put("c", "", &instance("c")).await.ok();
    assert!(!gateway.feishu.is_stored("b").await);
    assert_eq!(gateway.feishu.count("external_instances").await, 2);
}

#[tokio::test]
async fn a_replay_with_a_fresh_token_counts_as_a_call_of_its_own() {
    let gateway = paced(0, 2).await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.feishu.revoke_tokens().await;
    let replayed = gateway.put("b", "", &instance("b")).await;
    assert_eq!(replayed.problem(), "429 upstream_rate_limited, rejected, retryable");
    assert_eq!(gateway.feishu.count("external_instances").await, 2);
}
