//! One line for every request, and what is measured about it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument as _, Level, Span, debug_span, info};

use super::RequestId;
use super::trace_context::{TraceParent, trace_parent};
use crate::http::metrics::HttpMetrics;
use crate::http::problem::Code;
use crate::journal::{self, Journal};
use crate::spans;

/// Serves the request with a journal, measures it, and logs one line when the answer's head is ready.
///
/// Ids of callers' documents are in the path, so the route's template is logged in its place.
pub(super) async fn record(State(metrics): State<HttpMetrics>, request: Request, next: Next) -> Response {
    let line = Line::begin(metrics, &request);
    let spans = line.spans(&request);
    let work = journal::kept(Arc::clone(&line.journal), next.run(request));
    let response = match spans {
        None => work.await,
        Some([exported, logged]) => {
            let response = work.instrument(logged).instrument(exported.clone()).await;
            let code = response.extensions().get::<Code>().map(|code| code.as_str());
            spans::request_answered(&exported, response.status().as_u16(), code, line.journal.caller());
            response
        }
    };
    line.end(&response);
    response
}

/// The line to be; when it is dropped unfinished, the caller went away before the answer.
struct Line {
    metrics: HttpMetrics,
    journal: Arc<Journal>,
    request_id: Option<RequestId>,
    trace_id: Option<Box<str>>,
    method: Method,
    route: Option<MatchedPath>,
    begun: Instant,
    ended: bool,
}

impl Line {
    fn begin(metrics: HttpMetrics, request: &Request) -> Self {
        metrics.begun();
        Self {
            metrics,
            journal: Arc::default(),
            request_id: request.extensions().get::<RequestId>().cloned(),
            trace_id: trace_parent(request.headers()).map(|parent| parent.trace_id.into()),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            begun: Instant::now(),
            ended: false,
        }
    }

    /// The span for a trace collector, and the one that the lines of the request stand in. There is none unless
    /// somebody collects traces or wants more than the usual lines: this one line and that of a failure name the
    /// request themselves.
    fn spans(&self, request: &Request) -> Option<[Span; 2]> {
        let exported = spans::request(self.method_name(), self.route_name(), self.request_id());
        let logged = debug_span!(
            "request",
            request_id = self.request_id(),
            trace_id = self.trace_id.as_deref(),
            method = self.method_name(),
            route = self.route_name(),
        );
        if exported.is_disabled() && logged.is_disabled() {
            return None;
        }
        if let Some(TraceParent { trace_id, span_id, flags }) = trace_parent(request.headers()) {
            spans::set_parent(&exported, trace_id, span_id, flags);
        }
        Some([exported, logged])
    }

    fn end(mut self, response: &Response) {
        self.ended = true;
        let took = self.begun.elapsed();
        let status = response.status();
        let code = response.extensions().get::<Code>().copied();
        self.metrics.answered(&self.method, self.route.as_ref().map(MatchedPath::as_str), status, code, took);
        if !tracing::enabled!(Level::INFO) {
            return;
        }
        let upstream = self.journal.upstream();
        let upstream = upstream.as_ref();
        info!(
            request_id = self.request_id(),
            trace_id = self.trace_id.as_deref(),
            caller = self.journal.caller(),
            app = self.journal.app(),
            method = self.method_name(),
            route = self.route_name(),
            status = status.as_u16(),
            code = code.map(Code::as_str),
            duration_ms = millis(took),
            bytes = response.body().size_hint().exact(),
            attempts = upstream.map(|upstream| upstream.attempts),
            upstream_ms = upstream.map(|upstream| millis(upstream.took)),
            log_id = upstream.and_then(|upstream| upstream.log_id.as_deref()),
            "request answered"
        );
    }

    fn request_id(&self) -> &str {
        self.request_id.as_ref().map_or("", RequestId::as_str)
    }

    fn route_name(&self) -> &str {
        self.route.as_ref().map_or("-", MatchedPath::as_str)
    }

    /// A method that no standard knows is the caller's own text, and may be of any length.
    fn method_name(&self) -> &str {
        let method = self.method.as_str();
        if method.len() <= "OPTIONS".len() { method } else { "-" }
    }
}

/// Milliseconds with three places: most requests that Feishu is not asked for take less than one.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.metrics.abandoned(self.route.as_ref().map(MatchedPath::as_str));
        let upstream = self.journal.upstream();
        info!(
            request_id = self.request_id(),
            trace_id = self.trace_id.as_deref(),
            caller = self.journal.caller(),
            app = self.journal.app(),
            method = self.method_name(),
            route = self.route_name(),
            duration_ms = millis(self.begun.elapsed()),
            attempts = upstream.map(|upstream| upstream.attempts),
            "request abandoned by the caller"
        );
    }
}
