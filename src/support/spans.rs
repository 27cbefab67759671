//! Spans for a trace collector: one for each request, and one below it for each exchange with Feishu.
//!
//! They are made only while a collector is configured, and are no part of the log: the log has its own span of a
//! request, with the names that the log uses. Names of attributes are those of OpenTelemetry's conventions. The
//! attributes hold no text of a document, no id of one, and no secret.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::field::Empty;
use tracing::{Span, trace_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The target of these spans, which the log leaves out.
pub const TARGET: &str = "approval_gateway::spans";

/// The span of a request; `route` is the template, without ids.
pub fn request(method: &str, route: &str, request_id: &str) -> Span {
    let span = trace_span!(
        target: TARGET,
        "request",
        otel.name = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        error.type = Empty,
        gateway.request_id = request_id,
        gateway.caller = Empty,
    );
    if !span.is_disabled() {
        span.record("otel.name", format!("{method} {route}"));
    }
    span
}

/// Makes the span a part of the caller's trace. All three are hexadecimal digits, as in `traceparent`.
pub fn set_parent(span: &Span, trace_id: &str, span_id: &str, flags: &str) {
    let ids = (TraceId::from_hex(trace_id), SpanId::from_hex(span_id));
    let (Ok(trace_id), Ok(span_id)) = ids else { return };
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).unwrap_or(0));
    let parent = SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE);
    // Fails where no collector is configured; nobody misses the parent then.
    let _ = span.set_parent(Context::new().with_remote_span_context(parent));
}

/// Notes how a request ended; a 5xx counts as an error, as the conventions have it for servers.
pub fn request_answered(span: &Span, status: u16, code: Option<&str>, caller: Option<&str>) {
    span.record("http.response.status_code", status);
    if let Some(code) = code {
        span.record("error.type", code);
    }
    if let Some(caller) = caller {
        span.record("gateway.caller", caller);
    }
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of one exchange with Feishu.
pub fn upstream(api: &str, method: &str, app: &str) -> Span {
    let span = trace_span!(
        target: TARGET,
        "exchange",
        otel.name = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = method,
        http.response.status_code = Empty,
        error.type = Empty,
        feishu.api = api,
        feishu.app = app,
        feishu.outcome = Empty,
        feishu.log_id = Empty,
    );
    if !span.is_disabled() {
        span.record("otel.name", format!("feishu {api}"));
    }
    span
}

/// Notes how an exchange ended.
pub fn upstream_answered(
    span: &Span,
    outcome: &str,
    is_success: bool,
    http_status: Option<u16>,
    log_id: Option<&str>,
) {
    span.record("feishu.outcome", outcome);
    if let Some(status) = http_status {
        span.record("http.response.status_code", status);
    }
    if let Some(log_id) = log_id {
        span.record("feishu.log_id", log_id);
    }
    if !is_success {
        span.record("error.type", outcome);
        span.record("otel.status_code", "ERROR");
    }
}
