//! The tenant token: fetched once, renewed ahead, replaced when refused.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::service::documents::instance;
use crate::service::harness::{Harness, until};

/// Beyond the moment at which 30 minutes of two hours are left, when Feishu hands out a new token.
const INTO_THE_OVERLAP: Duration = Duration::from_secs(92 * 60);

/// From there past the end of the first token, but not of the second.
const PAST_THE_FIRST: Duration = Duration::from_secs(60 * 60);

async fn push_many(harness: &Harness, count: usize) -> Vec<u16> {
    let push = async |number: usize| {
        let id = format!("i{number}");
        harness.put(&id, "", &instance(&id)).await.status
    };
    join_all((0..count).map(push)).await
}

#[tokio::test]
async fn two_hundred_cold_callers_cost_one_token_call() {
    let harness = Harness::start().await;
    assert_eq!(push_many(&harness, 200).await, [200; 200]);
    assert_eq!((harness.count("token").await, harness.count("external_instances").await), (1, 200));
}

#[tokio::test]
async fn cached_token_is_reused() {
    let harness = Harness::start().await;
    for id in ["a", "b", "c"] {
        harness.put(id, "", &instance(id)).await.receipt();
    }
    assert_eq!(harness.count("token").await, 1);
}

#[tokio::test]
async fn nobody_waits_for_a_renewal() {
    let harness = Harness::start().await;
    harness.put("a", "", &instance("a")).await.receipt();
    harness.clock.advance(INTO_THE_OVERLAP);
    harness.fault(json!({"api": "token", "hang": true})).await;
    // Answered although the renewal never is; and one renewal is enough.
    assert_eq!(push_many(&harness, 20).await, [200; 20]);
    assert_eq!(harness.count("token").await, 2);
    harness.clear_faults().await;
}

#[tokio::test]
async fn renewed_token_outlives_the_first() {
    let harness = Harness::start().await;
    harness.put("a", "", &instance("a")).await.receipt();
    harness.clock.advance(INTO_THE_OVERLAP);
    until(|| async {
        harness.put("b", "", &instance("b")).await.receipt();
        harness.tokens_seen() == 2
    })
    .await;
    harness.clock.advance(PAST_THE_FIRST);
    harness.put("c", "", &instance("c")).await.receipt();
    assert_eq!(harness.count("token").await, 2);
}

#[tokio::test]
async fn failed_renewal_is_harmless_while_the_first_token_lives() {
    let harness = Harness::start().await;
    harness.put("a", "", &instance("a")).await.receipt();
    harness.clock.advance(INTO_THE_OVERLAP);
    harness.fault(json!({"api": "token", "code": 10014, "http_status": 200, "times": 0})).await;
    assert_eq!(push_many(&harness, 5).await, [200; 5]);
    until(|| async { harness.count("token").await == 2 }).await;
    harness.clear_faults().await;
    harness.clock.advance(PAST_THE_FIRST);
    harness.put("c", "", &instance("c")).await.receipt();
}

#[tokio::test]
async fn expired_token_is_fetched_anew_and_never_sent() {
    let harness = Harness::start().await;
    harness.put("a", "", &instance("a")).await.receipt();
    harness.clock.advance(Duration::from_secs(3 * 60 * 60));
    harness.put("b", "", &instance("b")).await.receipt();
    assert_eq!((harness.count("token").await, harness.count("external_instances").await), (2, 2));
}

#[tokio::test]
async fn refused_token_is_replaced_and_the_call_replayed() {
    let harness = Harness::start().await;
    harness.put("a", "", &instance("a")).await.receipt();
    harness.revoke_tokens().await;
    harness.put("b", "", &instance("b")).await.receipt();
    assert_eq!((harness.count("token").await, harness.count("external_instances").await), (2, 3));
    assert_eq!(harness.tokens_seen(), 2);
}

#[tokio::test]
async fn tokens_revoked_under_load_cost_one_refresh_and_no_failure() {
    let harness = Harness::start().await;
    harness.put("warm", "", &instance("warm")).await.receipt();
    // All of them are on their way before the first is judged.
    harness.fault(json!({"api": "external_instances", "delay_ms": 500, "times": 50})).await;
    let revoke = async {
        until(|| async { harness.count("external_instances").await == 51 }).await;
        harness.revoke_tokens().await;
    };
    let (statuses, ()) = tokio::join!(push_many(&harness, 50), revoke);
    assert_eq!(statuses, [200; 50]);
    harness.put("last", "", &instance("last")).await.receipt();
    assert_eq!(harness.count("token").await, 2);
}

#[tokio::test]
async fn refusals_are_recognised_by_their_code_whatever_the_http_status() {
    for status in [200, 400, 401, 403] {
        let harness = Harness::start().await;
        harness.switch(json!({"auth_failure_http_status": status})).await;
        harness.put("a", "", &instance("a")).await.receipt();
        harness.revoke_tokens().await;
        harness.put("b", "", &instance("b")).await.receipt();
        assert_eq!(harness.count("token").await, 2, "HTTP {status}");
    }
}

#[tokio::test]
async fn token_is_refused_in_four_ways_and_replaced_each_time() {
    for code in [99991661, 99991663, 99991664, 99991671] {
        let harness = Harness::start().await;
        harness.put("a", "", &instance("a")).await.receipt();
        harness.fault(json!({"api": "external_instances", "code": code, "delay_ms": 1})).await;
        harness.revoke_tokens().await;
        harness.put("b", "", &instance("b")).await.receipt();
        assert_eq!(harness.count("token").await, 2, "code {code}");
    }
}
