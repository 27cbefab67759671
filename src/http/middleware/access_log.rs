//! One entry in the access log for every request, and what is measured about it.

use std::time::{Duration, Instant};

use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::future::Either;
use tracing::{Instrument as _, Span, debug, debug_span, info};

use super::trace_context::{TraceParent, trace_parent};
use crate::feishu::CallReport;
use crate::http::metrics::{HttpMetrics, RequestOutcome, method_label, route_label};
use crate::http::problem::Code;
use crate::http::request_context::RequestContext;
use crate::http::request_id::request_id;
use crate::support::spans;

/// Routes that are asked every few seconds and have little to tell: their entries are for those who debug.
const POLLED: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// An entry of the access log, at the level that its route has.
macro_rules! entry {
    ($route:expr, $($fields:tt)*) => {
        if POLLED.contains(&$route) { debug!($($fields)*) } else { info!($($fields)*) }
    };
}

/// Logs and measures a request when the head of its answer is ready, or when its caller goes away before.
pub(super) async fn log(State(metrics): State<HttpMetrics>, mut request: Request, next: Next) -> Response {
    let entry = AccessLogEntry::begin(metrics, &request);
    request.extensions_mut().insert(entry.context.clone());
    let answer = entry.follow(next.run(request)).await;
    entry.end(&answer);
    answer
}

/// The entry of one request; when it is dropped unfinished, the caller went away before the answer.
///
/// Ids of callers' documents are in the path, so the route's template is logged in its place.
struct AccessLogEntry {
    metrics: HttpMetrics,
    context: RequestContext,
    request_id: Box<str>,
    trace_id: Option<Box<str>>,
    method: Method,
    route: Option<MatchedPath>,
    spans: Option<[Span; 2]>,
    begun: Instant,
    ended: bool,
}

impl AccessLogEntry {
    fn begin(metrics: HttpMetrics, request: &Request) -> Self {
        metrics.begun();
        let mut entry = Self {
            metrics,
            context: RequestContext::default(),
            request_id: request_id(request.extensions()).into(),
            trace_id: trace_parent(request.headers()).map(|parent| parent.trace_id.into()),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            spans: None,
            begun: Instant::now(),
            ended: false,
        };
        entry.spans = entry.spans(request);
        entry
    }

    /// The work that answers the request, in the spans if there are any.
    fn follow<F: Future<Output = Response>>(&self, work: F) -> impl Future<Output = Response> {
        match self.spans.clone() {
            None => Either::Left(work),
            Some([exported, logged]) => Either::Right(work.instrument(logged).instrument(exported)),
        }
    }

    /// The span for a trace collector, and the one that the entries of the request stand in. There is none unless
    /// somebody collects traces or wants more than the usual entries: this entry and that of a failure name the
    /// request themselves.
    fn spans(&self, request: &Request) -> Option<[Span; 2]> {
        let exported = spans::request(self.method_name(), self.route_name(), &self.request_id);
        let logged = debug_span!(
            "request",
            request_id = &*self.request_id,
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

    /// Measures the request and logs it, when the answer's head is ready.
    fn end(mut self, response: &Response) {
        self.ended = true;
        let took = self.begun.elapsed();
        let status = response.status();
        let code = response.extensions().get::<Code>().copied();
        self.metrics.answered(self.method_name(), self.route_name(), status, code, took);
        self.metrics.called(&self.context, RequestOutcome::of(status, code));
        if let Some([exported, _]) = &self.spans {
            spans::request_answered(exported, status.as_u16(), code.map(Code::as_str), self.context.caller());
        }
        // Of those that asked Feishu for something.
        let report = response.extensions().get::<CallReport>().filter(|report| report.attempts > 0);
        entry!(
            self.route_name(),
            request_id = &*self.request_id,
            trace_id = self.trace_id.as_deref(),
            caller = self.context.caller(),
            app = self.context.app(),
            method = self.method_name(),
            route = self.route_name(),
            status = status.as_u16(),
            code = code.map(Code::as_str),
            duration_ms = millis(took),
            bytes = response.body().size_hint().exact(),
            attempts = report.map(|report| report.attempts),
            upstream_ms = report.map(|report| millis(report.upstream_time)),
            log_id = report.and_then(|report| report.log_id.as_deref()),
            "request answered"
        );
    }

    fn route_name(&self) -> &str {
        route_label(self.route.as_ref())
    }

    fn method_name(&self) -> &'static str {
        method_label(&self.method)
    }
}

/// Milliseconds with three places: most requests that Feishu is not asked for take less than one.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

impl Drop for AccessLogEntry {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.metrics.abandoned(self.route_name());
        self.metrics.called(&self.context, RequestOutcome::Abandoned);
        entry!(
            self.route_name(),
            request_id = &*self.request_id,
            trace_id = self.trace_id.as_deref(),
            caller = self.context.caller(),
            app = self.context.app(),
            method = self.method_name(),
            route = self.route_name(),
            duration_ms = millis(self.begun.elapsed()),
            "request abandoned by the caller"
        );
    }
}
