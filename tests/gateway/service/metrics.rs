//! What `/metrics` says about what has happened.

use std::collections::BTreeMap;
use std::time::Duration;

use approval_gateway::metrics::table::{self, METRICS};
use serde_json::json;

use crate::harness::Gateway;
use crate::harness::documents::{instance, with};

/// The series by name and labels, as the text has them.
async fn series(gateway: &Gateway) -> BTreeMap<String, f64> {
    let text = gateway.get("/metrics").await.text;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

/// The value of a series; nothing counts as zero, as in Prometheus's own sums.
async fn value(gateway: &Gateway, name: &str) -> f64 {
    series(gateway).await.get(name).copied().unwrap_or_default()
}

const PUSH: &str =
    r#"{http_request_method="PUT",http_response_status_code="200",http_route="/v1/instances/{instance_id}"}"#;

#[tokio::test]
async fn a_push_is_counted_on_both_sides() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    let series = series(&gateway).await;
    for (name, count) in [
        (format!("http_server_request_duration_seconds_count{PUSH}"), 1.0),
        (exchanges("external_instances", "ok"), 1.0),
        (exchanges("tenant_access_token", "ok"), 1.0),
        (r#"feishu_token_refreshes_total{app="default",outcome="ok"}"#.to_owned(), 1.0),
        (r#"feishu_limiter_wait_seconds_count{api="external_instances",app="default"}"#.to_owned(), 1.0),
        (r#"feishu_token_fetched_timestamp_seconds{app="default"}"#.to_owned(), 1_767_323_045.0),
        (r#"feishu_pushes_in_flight{app="default"}"#.to_owned(), 0.0),
        (r#"feishu_circuit_breaker_state{api="external_instances",app="default"}"#.to_owned(), 0.0),
        ("http_server_active_requests".to_owned(), 1.0),
        ("gateway_draining".to_owned(), 0.0),
        (r#"gateway_request_quota_bytes{app="default"}"#.to_owned(), 134_217_728.0),
        (r#"gateway_request_quota_used_bytes{app="default"}"#.to_owned(), 0.0),
    ] {
        assert_eq!(series.get(&name), Some(&count), "{name}");
    }
}

fn exchanges(api: &str, outcome: &str) -> String {
    format!(r#"feishu_request_duration_seconds_count{{api="{api}",app="default",outcome="{outcome}"}}"#)
}

#[tokio::test]
async fn every_attempt_and_every_retry_is_counted_by_its_reason() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 2})).await;
    gateway.put("b", "", &instance("b")).await.ok();
    let headers = json!({"x-ogw-ratelimit-reset": "0.01"});
    let limit = json!({"code": 99991400, "http_status": 429, "headers": headers, "times": 1});
    gateway.feishu.fault(with(limit, json!({"api": "external_instances"}))).await;
    gateway.put("c", "", &instance("c")).await.ok();
    gateway.feishu.revoke_tokens().await;
    gateway.put("d", "", &instance("d")).await.ok();
    let retries = |reason| {
        format!(r#"feishu_retries_total{{api="external_instances",app="default",reason="{reason}"}}"#)
    };
    for (name, count) in [
        (exchanges("external_instances", "ok"), 4.0),
        (exchanges("external_instances", "server_error"), 2.0),
        (exchanges("external_instances", "rate_limited"), 1.0),
        (exchanges("external_instances", "token_refused"), 1.0),
        (retries("failure"), 2.0),
        (retries("rate_limit"), 1.0),
        (retries("token"), 1.0),
    ] {
        assert_eq!(value(&gateway, &name).await, count, "{name}");
    }
}

#[tokio::test]
async fn an_open_breaker_and_a_spent_budget_are_seen() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    for nth in 0..25 {
        let id = format!("i-{nth}");
        gateway.put(&id, "", &instance(&id)).await.problem();
    }
    let label = r#"{api="external_instances",app="default"}"#;
    assert_eq!(value(&gateway, &format!("feishu_circuit_breaker_state{label}")).await, 2.0);
    assert_eq!(value(&gateway, &format!("feishu_circuit_breaker_openings_total{label}")).await, 1.0);
    let spent = r#"feishu_retries_refused_total{api="external_instances",app="default",reason="budget"}"#;
    assert!(value(&gateway, spent).await > 0.0);
    let open = r#"gateway_problems_total{code="circuit_open",http_route="/v1/instances/{instance_id}"}"#;
    assert_eq!(value(&gateway, open).await, 5.0);
    gateway.clock.advance(Duration::from_secs(6));
    assert_eq!(value(&gateway, &format!("feishu_circuit_breaker_state{label}")).await, 1.0);
    // Looking twice does not count an opening twice.
    assert_eq!(value(&gateway, &format!("feishu_circuit_breaker_openings_total{label}")).await, 1.0);
}

#[tokio::test]
async fn a_call_without_room_before_its_deadline_is_counted() {
    let gateway = Gateway::builder().rate(0, 1).start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.put("b", "", &instance("b")).await.problem();
    let refused = r#"feishu_limiter_refused_total{api="external_instances",app="default"}"#;
    assert_eq!(value(&gateway, refused).await, 1.0);
    let rate = r#"feishu_limiter_calls_per_second{api="external_instances",app="default"}"#;
    assert!((value(&gateway, rate).await - 1.0 / 60.0).abs() < 1e-9);
}

#[tokio::test]
async fn what_is_no_route_and_what_is_no_method_have_one_label_each() {
    let gateway = Gateway::start().await;
    gateway.get("/v1/secret-id-of-an-instance").await;
    let text = gateway.get("/metrics").await.text;
    assert!(
        text.contains(r#"{http_request_method="GET",http_response_status_code="404",http_route="-",le="#)
    );
    assert!(!text.contains("secret-id"), "{text}");
}

#[tokio::test]
async fn nothing_is_measured_that_is_not_in_the_table_and_types_are_those_of_the_table() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 1})).await;
    gateway.put("a", "", &instance("a")).await.ok();
    gateway.get("/v1/nothing").await;
    let text = gateway.get("/metrics").await.text;
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).map(str::to_owned);
    let seen: Vec<_> = types.filter(|line| !line.starts_with("process_")).collect();
    let kind =
        |metric: &approval_gateway::metrics::table::Metric| format!("{:?}", metric.kind).to_lowercase();
    // There are no files here that are looked after, and nothing listens for callbacks and events.
    let absent = [table::FILES_CURRENT.name, table::PUSHED_EVENTS.name];
    let is_expected = |name: &str| !absent.contains(&name) && !name.starts_with("gateway_callback");
    let expected = METRICS.iter().filter(|metric| is_expected(metric.name));
    let mut known: Vec<_> = expected.map(|metric| format!("{} {}", metric.name, kind(metric))).collect();
    known.sort();
    assert_eq!(seen, known);
}

#[tokio::test]
async fn metrics_need_no_key_and_never_call_feishu() {
    let gateway = Gateway::start().await;
    let answer = gateway.get("/metrics").await;
    assert_eq!(
        (answer.status, answer.header("content-type").unwrap()),
        (200, "text/plain; version=0.0.4; charset=utf-8")
    );
    assert_eq!(gateway.feishu.count("tenant_access_token").await, 0);
}
