//! What is logged about a request, and what never is.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use axum::body::Body;
use axum::http::request;
use insta::assert_snapshot;
use serde_json::Value;
use tracing::level_filters::LevelFilter;

use crate::harness::{Connection, until};
use crate::http_surface::support::{KEY, UNANSWERED, app, request, send};

thread_local! {
    /// Each test has its own thread and runs server and caller there.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ToThisThread;

impl io::Write for ToThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Global and not per thread, because callsites that another test met first would stay disabled.
fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        tracing_subscriber::fmt()
            .json()
            .without_time()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(|| ToThisThread)
            .init();
    });
}

/// What is logged up to a message.
async fn logged(message: &str) -> String {
    let written = || String::from_utf8(LINES.with_borrow(Clone::clone)).unwrap();
    until(|| async { written().contains(message) }).await;
    written()
}

async fn log_of(request: request::Builder) -> String {
    start();
    send(request.body(Body::empty()).unwrap()).await;
    logged("request answered").await
}

/// Lines of one level about requests with their own fields, without what differs from run to run: the usual filter has no
/// spans.
fn lines(log: &str, level: &str) -> String {
    let shown = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter_map(|line| {
        let mut fields = line["fields"].clone();
        fields.sort_all_objects();
        fields.as_object_mut()?.remove("duration_ms");
        (line["level"] == level && fields["request_id"].is_string()).then(|| fields.to_string())
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn one_line_tells_who_asked_for_what_and_what_came_of_it() {
    let request = request("GET", "/v1/things/secret-id")
        .header("Authorization", format!("Bearer {KEY}"))
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    assert_snapshot!(lines(&log_of(request).await, "INFO"), @r#"{"app":"default","bytes":12,"caller":"erp","message":"request answered","method":"GET","request_id":"test-1","route":"/v1/things/{thing_id}","status":200,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#);
}

#[tokio::test]
async fn access_line_of_a_problem_has_its_code() {
    assert_snapshot!(lines(&log_of(request("GET", "/v1/nothing/secret-id")).await, "INFO"), @r#"{"bytes":229,"code":"not_found","message":"request answered","method":"GET","request_id":"test-1","route":"-","status":404}"#);
}

#[tokio::test]
async fn failure_is_logged_once_with_its_whole_chain() {
    assert_snapshot!(lines(&log_of(request("GET", "/v1/failure")).await, "WARN"), @r#"{"app":"default","attempts":3,"cause":"pushing the instance got no answer: connection reset","code":"upstream_unavailable","log_id":"2026LOG","message":"request failed","request_id":"test-1","upstream_code":1395001,"upstream_status":400}"#);
}

#[tokio::test]
async fn panic_is_logged_as_an_error_with_its_message() {
    assert_snapshot!(lines(&log_of(request("POST", "/v1/panic")).await, "ERROR"), @r#"{"app":"default","cause":"panicked: the secret is hunter2","code":"internal_error","message":"request failed","request_id":"test-1"}"#);
}

#[tokio::test]
async fn neither_key_nor_id_nor_query_is_ever_logged() {
    let request =
        request("GET", "/v1/things/secret-id?secret=query").header("Authorization", "Bearer secret-key");
    let log = log_of(request).await;
    assert!(log.contains("unauthorized") && !log.contains("secret"), "{log}");
}

#[tokio::test]
async fn request_that_its_caller_abandons_is_logged() {
    start();
    let mut caller = Connection::open(app().await.address).await;
    caller.send(format!("PUT /v1/things/{UNANSWERED} HTTP/1.1\r\nHost: gateway\r\n")).await;
    caller.send("X-Request-Id: test-1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n").await;
    caller.send("Expect: 100-continue\r\n\r\n").await;
    // Now the body is being read, so that the request is under way.
    assert!(caller.read(12).await.starts_with("HTTP/1.1 100"));
    caller.send("{}").await;
    caller.finish().await;
    let log = logged("request abandoned").await;
    assert_snapshot!(lines(&log, "INFO"), @r#"{"app":"default","message":"request abandoned by the caller","method":"PUT","request_id":"test-1","route":"/v1/things/{thing_id}"}"#);
}
