//! The tenant token: fetched once, renewed ahead, replaced when refused.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::documents::instance;
use crate::harness::{Gateway, until};

/// Beyond the moment at which 30 minutes of two hours are left, when Feishu hands out a new token.
const INTO_THE_OVERLAP: Duration = Duration::from_secs(92 * 60);

/// From there past the end of the first token, but not of the second.
const PAST_THE_FIRST: Duration = Duration::from_secs(60 * 60);

async fn push_many(gateway: &Gateway, count: usize) -> Vec<u16> {
    let push = async |number: usize| {
        let id = format!("i{number}");
        gateway.put(&id, "", &instance(&id)).await.status
    };
    join_all((0..count).map(push)).await
}

#[tokio::test]
async fn two_hundred_cold_callers_cost_one_token_call() {
    let gateway = Gateway::start().await;
    assert_eq!(push_many(&gateway, 200).await, [200; 200]);
    assert_eq!(
        (gateway.feishu.count("token").await, gateway.feishu.count("external_instances").await),
        (1, 200)
    );
}

#[tokio::test]
async fn cached_token_is_reused() {
    let gateway = Gateway::start().await;
    for id in ["a", "b", "c"] {
        gateway.put(id, "", &instance(id)).await.ok();
    }
    assert_eq!(gateway.feishu.count("token").await, 1);
}

#[tokio::test]
async fn nobody_waits_for_a_renewal() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.clock.advance(INTO_THE_OVERLAP);
    gateway.feishu.fault(json!({"api": "token", "hang": true})).await;
    // Answered although the renewal never is; and one renewal is enough.
    assert_eq!(push_many(&gateway, 20).await, [200; 20]);
    assert_eq!(gateway.feishu.count("token").await, 2);
    gateway.feishu.clear_faults().await;
}

#[tokio::test]
async fn renewed_token_outlives_the_first() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.clock.advance(INTO_THE_OVERLAP);
    until(|| async {
        gateway.put("b", "", &instance("b")).await.ok();
        gateway.feishu.tokens().len() == 2
    })
    .await;
    gateway.clock.advance(PAST_THE_FIRST);
    gateway.put("c", "", &instance("c")).await.ok();
    assert_eq!(gateway.feishu.count("token").await, 2);
}

#[tokio::test]
async fn failed_renewal_is_harmless_while_the_first_token_lives() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.clock.advance(INTO_THE_OVERLAP);
    gateway.feishu.fault(json!({"api": "token", "code": 10014, "http_status": 200, "times": 0})).await;
    assert_eq!(push_many(&gateway, 5).await, [200; 5]);
    until(|| async { gateway.feishu.count("token").await == 2 }).await;
    gateway.feishu.clear_faults().await;
    gateway.clock.advance(PAST_THE_FIRST);
    gateway.put("c", "", &instance("c")).await.ok();
}

#[tokio::test]
async fn expired_token_is_fetched_anew_and_never_sent() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.clock.advance(Duration::from_secs(3 * 60 * 60));
    gateway.put("b", "", &instance("b")).await.ok();
    assert_eq!(
        (gateway.feishu.count("token").await, gateway.feishu.count("external_instances").await),
        (2, 2)
    );
}

#[tokio::test]
async fn refused_token_is_replaced_and_the_call_replayed() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.feishu.revoke_tokens().await;
    gateway.put("b", "", &instance("b")).await.ok();
    assert_eq!(
        (gateway.feishu.count("token").await, gateway.feishu.count("external_instances").await),
        (2, 3)
    );
    assert_eq!(gateway.feishu.tokens().len(), 2);
}

#[tokio::test]
async fn tokens_revoked_under_load_cost_one_refresh_and_no_failure() {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    // All of them are on their way before the first is answered.
    gateway.feishu.fault(json!({"api": "external_instances", "delay_ms": 500, "times": 50})).await;
    let revoke = async {
        until(|| async { gateway.feishu.count("external_instances").await == 51 }).await;
        gateway.feishu.revoke_tokens().await;
    };
    let (statuses, ()) = tokio::join!(push_many(&gateway, 50), revoke);
    assert_eq!(statuses, [200; 50]);
    gateway.put("last", "", &instance("last")).await.ok();
    assert_eq!(gateway.feishu.count("token").await, 2);
}

#[tokio::test]
async fn refusals_are_recognised_by_their_code_whatever_the_http_status() {
    for status in [200, 400, 401, 403] {
        let gateway = Gateway::start().await;
        gateway.feishu.switch(json!({"auth_failure_http_status": status})).await;
        gateway.put("a", "", &instance("a")).await.ok();
        gateway.feishu.revoke_tokens().await;
        gateway.put("b", "", &instance("b")).await.ok();
        assert_eq!(gateway.feishu.count("token").await, 2, "HTTP {status}");
    }
}

#[tokio::test]
async fn token_is_refused_in_four_ways_and_replaced_each_time() {
    for code in [99991661, 99991663, 99991664, 99991671] {
        let gateway = Gateway::start().await;
        gateway.put("a", "", &instance("a")).await.ok();
        gateway.feishu.fault(json!({"api": "external_instances", "code": code, "delay_ms": 1})).await;
        gateway.feishu.revoke_tokens().await;
        gateway.put("b", "", &instance("b")).await.ok();
        assert_eq!(gateway.feishu.count("token").await, 2, "code {code}");
    }
}
