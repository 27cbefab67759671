//! Spans reach a collector, and are part of the caller's trace.

use serde_json::json;

use crate::binary::collector::{Collector, attribute};
use crate::binary::documents::instance;
use crate::process::{Running, answer, environment, start_feishu};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_a_span_of_the_callers_trace_with_its_attempts_below_it() {
    let (feishu, collector) = (start_feishu().await, Collector::start().await);
    let mut environment = environment(&feishu);
    environment.push(("GATEWAY_OTLP__ENDPOINT", collector.origin.as_str()));
    let gateway = Running::start(&["serve"], &environment);
    feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 1})).await;
    let push = gateway.request("PUT", "/v1/instances/a", &instance("a"));
    let push = push.header("traceparent", format!("00-{TRACE}-{PARENT}-01")).header("x-request-id", "r-1");
    assert_eq!(answer(push).await.0, 200);
    // What is left is handed on at the end.
    assert_eq!(gateway.stop().await.code, Some(0));

    let spans = collector.spans();
    let [request] =
        spans.iter().filter(|span| span.name == "PUT /v1/instances/{instance_id}").collect::<Vec<_>>()[..]
    else {
        panic!("{}", collector.text())
    };
    assert_eq!(
        (hex::encode(&request.trace_id), hex::encode(&request.parent_span_id)),
        (TRACE.into(), PARENT.into())
    );
    for (name, value) in [
        ("http.request.method", "PUT"),
        ("http.route", "/v1/instances/{instance_id}"),
        ("http.response.status_code", "200"),
        ("gateway.request_id", "r-1"),
    ] {
        assert_eq!(attribute(request, name).as_deref(), Some(value), "{name}");
    }
    let mut attempts: Vec<_> = spans.iter().filter(|span| span.name == "feishu external_instances").collect();
    attempts.sort_by_key(|span| span.start_time_unix_nano);
    let outcomes: Vec<_> = attempts.iter().filter_map(|span| attribute(span, "feishu.outcome")).collect();
    assert_eq!(outcomes, ["server_error", "ok"]);
    for attempt in &attempts {
        assert_eq!(attempt.parent_span_id, request.span_id, "below the request");
        assert_eq!(attempt.trace_id, request.trace_id);
        assert!(attribute(attempt, "feishu.log_id").is_some(), "{attempt:?}");
        assert_eq!(attribute(attempt, "feishu.app").as_deref(), Some("default"));
    }
    assert!(spans.iter().any(|span| span.name == "feishu tenant_access_token"));
    assert!(collector.text().contains("approval-gateway"), "the service's name");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standard_variable_names_the_collector_too_and_ours_wins() {
    let (feishu, used, unused) = (start_feishu().await, Collector::start().await, Collector::start().await);
    let mut environment = environment(&feishu);
    environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", unused.origin.as_str()));
    environment.push(("GATEWAY_OTLP__ENDPOINT", used.origin.as_str()));
    let gateway = Running::start(&["serve"], &environment);
    assert_eq!(gateway.get("/livez").await.0, 200);
    gateway.stop().await;
    assert_eq!((used.spans().len(), unused.spans().len()), (1, 0));

    environment.pop();
    let gateway = Running::start(&["serve"], &environment);
    assert_eq!(gateway.get("/livez").await.0, 200);
    gateway.stop().await;
    assert_eq!(unused.spans().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_stops_nothing_and_is_one_line_of_the_log() {
    let feishu = start_feishu().await;
    let mut environment = environment(&feishu);
    // Nobody listens at the port of discarded things.
    environment.push(("GATEWAY_OTLP__ENDPOINT", "http://127.0.0.1:9"));
    let gateway = Running::start(&["serve"], &environment);
    assert_eq!(gateway.get("/livez").await.0, 200);
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0));
    let lines = ended.stderr.lines().filter(|line| line.contains("takes no traces"));
    assert_eq!(lines.count(), 1, "{}", ended.stderr);
}
