//! One line for every request.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span, error_span, info};

use super::{RequestId, trace_context};
use crate::http::problem::Code;

/// Opens the span that every line of the request stands in, and logs one line when the answer's head is ready.
///
/// Ids of callers' documents are in the path, so the route's template is logged in its place.
pub(super) async fn record(request: Request, next: Next) -> Response {
    let span = span_of(&request);
    let line = Line::begin(span.clone());
    let response = next.run(request).instrument(span).await;
    line.end(&response);
    response
}

/// `caller` and `app` stay empty until the key is known.
///
/// The span has the level `error` so that a filter that shows only errors still shows which request they belong to.
fn span_of(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let span = error_span!(
        "request",
        request_id = Empty,
        trace_id = Empty,
        caller = Empty,
        app = Empty,
        method = method_name(request),
        route,
    );
    if let Some(id) = request.extensions().get::<RequestId>() {
        span.record("request_id", display(id));
    }
    if let Some(trace_id) = trace_context::trace_id(request.headers()) {
        span.record("trace_id", trace_id);
    }
    span
}

/// A method that no standard knows is the caller's own text, and may be of any length.
fn method_name(request: &Request) -> &str {
    let method = request.method().as_str();
    if method.len() <= "OPTIONS".len() { method } else { "-" }
}

/// The line to be; when it is dropped unfinished, the caller went away before the answer.
struct Line {
    span: Span,
    begun: Instant,
    ended: bool,
}

impl Line {
    fn begin(span: Span) -> Self {
        Self { span, begun: Instant::now(), ended: false }
    }

    fn end(mut self, response: &Response) {
        self.ended = true;
        let code = response.extensions().get::<Code>().copied();
        let duration_ms = self.millis();
        let _inside = self.span.enter();
        info!(
            status = response.status().as_u16(),
            code = code.map(Code::as_str),
            duration_ms,
            "request answered"
        );
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.ended {
            let duration_ms = self.millis();
            let _inside = self.span.enter();
            info!(duration_ms, "request abandoned by the caller");
        }
    }
}
