//! Metrics of the API, and the route `/metrics`.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{HistogramVec, IntCounterVec, IntGauge, IntGaugeVec};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::health::DrainState;
use super::load_shedder::LoadShedder;
use super::problem::{Code, Problem};
use super::request_context::RequestContext;
use crate::metrics::{
    CONTENT_TYPE as PROMETHEUS_TEXT, Metrics, counter_vec, gauge, gauge_vec, histogram_vec, table,
};

/// Label of requests without a matching route, and of unknown methods.
const OTHER: &str = "-";

/// The metrics of the middleware around all routes. Cheap to clone.
#[derive(Clone)]
pub(super) struct HttpMetrics {
    durations: HistogramVec,
    active: IntGauge,
    problems: IntCounterVec,
    caller_requests: IntCounterVec,
    abandoned: IntCounterVec,
    shed: IntCounterVec,
}

impl fmt::Debug for HttpMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpMetrics").finish_non_exhaustive()
    }
}

impl HttpMetrics {
    /// Registers the metrics.
    pub(super) fn new(metrics: &Metrics) -> Self {
        let abandoned = metrics.register(counter_vec(&table::ABANDONED));
        let shed = metrics.register(counter_vec(&table::SHED));
        // These begin at 0: Prometheus does not see the first increase of a series that was not there before.
        abandoned.with_label_values(&[OTHER]);
        for reason in ["overloaded", "draining"] {
            shed.with_label_values(&[reason]);
        }
        Self {
            durations: metrics.register(histogram_vec(&table::HTTP_DURATION)),
            active: metrics.register(gauge(&table::HTTP_ACTIVE)),
            problems: metrics.register(counter_vec(&table::PROBLEMS)),
            caller_requests: metrics.register(counter_vec(&table::CALLER_REQUESTS)),
            abandoned,
            shed,
        }
    }

    /// Counts a request that has come.
    pub(super) fn begun(&self) {
        self.active.inc();
    }

    /// Counts a request whose answer begins; `method` and `route` are labels.
    pub(super) fn answered(
        &self,
        method: &'static str,
        route: &str,
        status: StatusCode,
        code: Option<Code>,
        took: Duration,
    ) {
        self.active.dec();
        let labels = [method, route, status.as_str()];
        self.durations.with_label_values(&labels).observe(took.as_secs_f64());
        if let Some(code) = code {
            self.problems.with_label_values(&[route, code.as_str()]).inc();
        }
    }

    /// Counts a request of a caller who was let in.
    pub(super) fn called(&self, context: &RequestContext, outcome: RequestOutcome) {
        if let Some((app, caller)) = context.labels() {
            self.caller_requests.with_label_values(&[app.as_str(), &*caller, outcome.as_str()]).inc();
        }
    }

    /// Counts a request whose caller went away.
    pub(super) fn abandoned(&self, route: &str) {
        self.active.dec();
        self.abandoned.with_label_values(&[route]).inc();
    }

    /// A request was refused because its app has no quota left.
    pub(super) fn overloaded(&self) {
        self.shed.with_label_values(&["overloaded"]).inc();
    }

    /// A request was refused because the gateway stops.
    pub(super) fn draining(&self) {
        self.shed.with_label_values(&["draining"]).inc();
    }
}

/// What became of a request, in few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestOutcome {
    /// It was answered as it was asked.
    Ok,
    /// It was refused for what it is.
    Refused,
    /// It was refused because there was too much at that time: for the rate, for memory, for a gateway that stops.
    Limited,
    /// It failed.
    Failed,
    /// Its caller went away before the answer.
    Abandoned,
}

impl RequestOutcome {
    /// The outcome that an answer shows.
    pub(super) fn of(status: StatusCode, code: Option<Code>) -> Self {
        match code {
            Some(Code::UpstreamRateLimited | Code::Overloaded | Code::Draining) => Self::Limited,
            _ if status.is_server_error() => Self::Failed,
            _ if status.is_client_error() => Self::Refused,
            _ => Self::Ok,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }
}

/// The label of a route: its template, never a path, or `-` where none matched.
pub(super) fn route_label(route: Option<&MatchedPath>) -> &str {
    route.map_or(OTHER, MatchedPath::as_str)
}

/// The label of a method: its name, or `-` for one that no standard knows, of which callers may make up as many as they
/// like.
pub(super) fn method_label(method: &Method) -> &'static str {
    const STANDARD: [&str; 9] =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];
    STANDARD.into_iter().find(|label| *label == method.as_str()).unwrap_or(OTHER)
}

/// Gauges that are read when metrics are scraped: memory in use, and whether the gateway drains.
#[derive(Clone)]
pub(super) struct LiveState {
    load_shedder: LoadShedder,
    drain_state: DrainState,
    used: IntGaugeVec,
    quota: IntGaugeVec,
    draining: IntGauge,
}

impl LiveState {
    pub(super) fn new(load_shedder: LoadShedder, drain_state: DrainState) -> Self {
        let [used, quota] = [&table::REQUEST_QUOTA_USED, &table::REQUEST_QUOTA].map(gauge_vec);
        Self { load_shedder, drain_state, used, quota, draining: gauge(&table::DRAINING) }
    }

    fn gauges(&self) -> [&dyn Collector; 3] {
        [&self.used, &self.quota, &self.draining]
    }
}

impl Collector for LiveState {
    fn desc(&self) -> Vec<&Desc> {
        self.gauges().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let whole = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        for (app, (used, quota)) in self.load_shedder.usage() {
            self.used.with_label_values(&[app.as_str()]).set(whole(used));
            self.quota.with_label_values(&[app.as_str()]).set(whole(quota));
        }
        self.draining.set(i64::from(self.drain_state.is_draining()));
        self.gauges().into_iter().flat_map(Collector::collect).collect()
    }
}

/// Texts of metrics that are in memory at once, the last one among them. Our choice: more than there are scrapers, few
/// beside what requests may hold. Nobody needs a key for them, so there is no other bound on what is asked for and not read.
const TEXTS: usize = 8;

/// Texts of metrics for those who ask. Cheap to clone.
#[derive(Debug, Clone)]
struct Scrapes {
    metrics: Metrics,
    places: Arc<Semaphore>,
    last: Arc<Mutex<Bytes>>,
}

/// A text that keeps its place until the last of it is sent.
struct Text {
    text: String,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Scrapes {
    fn new(metrics: Metrics) -> Self {
        Self { metrics, places: Arc::new(Semaphore::new(TEXTS)), last: Arc::default() }
    }

    /// What the metrics are now, or, while too many texts are not read, what they were when the last one was made.
    fn text(&self) -> Result<Bytes, prometheus::Error> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(place) = place {
            *last = Bytes::from_owner(Text { text: self.metrics.text()?, _place: place });
        }
        Ok(last.clone())
    }
}

/// `/metrics`, open to everybody like the probes; it never calls Feishu.
pub(super) fn routes<S>(metrics: Metrics) -> Router<S> {
    Router::new().route("/metrics", get(text)).with_state(Scrapes::new(metrics))
}

async fn text(State(scrapes): State<Scrapes>) -> Result<Response, Problem> {
    let text = scrapes.text().map_err(Problem::internal)?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(PROMETHEUS_TEXT))], text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use test_case::test_case;

    #[test]
    fn texts_that_nobody_reads_are_few_and_a_new_one_is_made_when_they_are_gone() {
        let scrapes = Scrapes::new(Metrics::new());
        let unread: Vec<Bytes> = (0..10 * TEXTS).map(|_| scrapes.text().unwrap()).collect();
        let places: HashSet<*const u8> = unread.iter().map(|text| text.as_ptr()).collect();
        assert_eq!(places.len(), TEXTS);
        scrapes.metrics.connections.set(77);
        assert_eq!(scrapes.text().unwrap(), unread[TEXTS]);
        drop(unread);
        assert!(String::from_utf8_lossy(&scrapes.text().unwrap()).contains(" 77\n"));
    }

    #[test_case("PATCH" => "PATCH")]
    #[test_case("BREW" => "-"; "made up")]
    #[test_case("get" => "-"; "another case, which is another method")]
    fn methods_that_callers_make_up_share_one_label(name: &str) -> &'static str {
        method_label(&Method::from_bytes(name.as_bytes()).unwrap())
    }
}
