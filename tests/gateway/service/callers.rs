//! Callers of one app share its rate and its memory: whoever floods is in nobody's way but its own.

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::documents::{instance, with};
use crate::harness::{Answer, Builder, Gateway, until};

fn two_callers() -> Builder {
    Gateway::builder().key("flood", "").key("other", "")
}

/// Pushes so many instances at once with this key.
async fn push(gateway: &Gateway, key: &str, count: usize) -> Vec<Answer> {
    let caller = gateway.with_key(key);
    let ids: Vec<_> = (0..count).map(|number| format!("{key}-{number}")).collect();
    join_all(ids.iter().map(async |id| caller.put(id, "", &instance(id)).await)).await
}

/// How many of the answers have this status.
fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// The value of a series as the text has it; 0 when it is not there.
async fn value(gateway: &Gateway, series: &str) -> f64 {
    let text = gateway.get("/metrics").await.text;
    let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.map_or(0.0, |value| value.parse().unwrap())
}

#[tokio::test]
async fn sixty_waiting_pushes_of_one_caller_are_not_ahead_of_anothers() {
    let gateway = two_callers().rate(4, 0).deadline(std::time::Duration::from_secs(60)).start().await;
    let flood = {
        let gateway = gateway.clone();
        tokio::spawn(async move { push(&gateway, "flood", 60).await })
    };
    let waiting = r#"feishu_limiter_queue_depth{api="external_instances",app="default"}"#;
    until(|| async { value(&gateway, waiting).await >= 40.0 }).await;
    assert_eq!(count(&push(&gateway, "other", 4).await, 200), 4);
    flood.abort();
    let pushed = gateway.feishu.sent("external_instances").await;
    let is_other = |push: &&serde_json::Value| push["instance_id"].as_str().unwrap().starts_with("other");
    assert_eq!(pushed.iter().filter(is_other).count(), 4);
    // They came when at most 20 had been sent, and took turns.
    assert!(pushed.len() <= 32, "{} were sent before", pushed.len() - 4);
}

#[tokio::test]
async fn a_minute_that_one_caller_has_used_up_has_something_left_for_another() {
    let gateway = two_callers().rate(0, 30).start().await;
    let flood = push(&gateway, "flood", 60).await;
    assert_eq!((count(&flood, 200), count(&flood, 429)), (27, 33));
    let other = push(&gateway, "other", 4).await;
    assert_eq!((count(&other, 200), count(&other, 429)), (3, 1));
    assert_eq!(
        push(&gateway, "flood", 1).await[0].problem(),
        "429 upstream_rate_limited, not_sent, retryable"
    );
    let counted = |caller: &str, outcome: &str| {
        format!(r#"gateway_caller_requests_total{{app="default",caller="{caller}",outcome="{outcome}"}}"#)
    };
    let unused = gateway.with_key("flood").get("/v1/instances/flood-0").await;
    assert_eq!(unused.header("ratelimit").unwrap(), r#""minute";r=26;t=60"#, "three are not for it alone");
    for (series, expected) in [
        (counted("flood", "ok"), 28.0),
        (counted("flood", "limited"), 34.0),
        (counted("other", "ok"), 3.0),
        (counted("other", "limited"), 1.0),
    ] {
        assert_eq!(value(&gateway, &series).await, expected, "{series}");
    }
}

#[tokio::test]
async fn a_caller_without_company_uses_the_whole_minute() {
    let gateway = Gateway::builder().key("flood", "").rate(0, 30).start().await;
    assert_eq!(count(&push(&gateway, "flood", 40).await, 200), 30);
}

#[tokio::test]
async fn those_without_a_key_are_one_caller_more() {
    let builder = Gateway::builder().key("flood", "").set("AUTH__ALLOW_ANONYMOUS", true);
    let gateway = builder.rate(0, 30).start().await;
    assert_eq!(count(&push(&gateway, "flood", 40).await, 200), 27);
    gateway.put("a", "", &instance("a")).await.ok();
    let anonymous = r#"gateway_caller_requests_total{app="default",caller="anonymous",outcome="ok"}"#;
    assert_eq!(value(&gateway, anonymous).await, 1.0);
}

#[tokio::test]
async fn memory_that_one_caller_has_used_up_has_something_left_for_another() {
    let quota = 8 * 1024 * 1024;
    let gateway = two_callers().set("REQUEST__CAPACITY_BYTES", quota).start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "hang": true, "times": 0})).await;
    let padding = "x".repeat(1024 * 1024);
    let pushes: Vec<_> = (0..20)
        .map(|number| {
            let id = format!("large-{number}");
            let document = with(instance(&id), json!({"extra": {"padding": padding}}));
            tokio::spawn(gateway.with_key("flood").pushing(&id, "", &document).send())
        })
        .collect();
    let limited = r#"gateway_caller_requests_total{app="default",caller="flood",outcome="limited"}"#;
    until(|| async { value(&gateway, limited).await >= 12.0 }).await;
    let held = value(&gateway, r#"gateway_request_quota_used_bytes{app="default"}"#).await;
    assert!(held <= f64::from(quota) * 0.9, "{held}");
    for _ in 0..20 {
        assert_eq!(gateway.with_key("other").preview("a", "", &instance("a")).await.status, 200);
    }
    pushes.iter().for_each(tokio::task::JoinHandle::abort);
}
