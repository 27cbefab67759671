//! What is measured about the API's own side, and `/metrics`.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};

use super::health::Readiness;
use super::labels::{METHODS, ROUTES, STATUSES, method_place, route_place, status_place};
use super::layers::Shares;
use super::problem::{Code, Problem};
use crate::metrics::{CONTENT_TYPE as PROMETHEUS_TEXT, Metrics, counters, gauges, histograms, table};

/// Handles for the layers around all routes. Cheap to clone.
#[derive(Clone)]
pub(super) struct HttpMetrics(Arc<Handles>);

struct Handles {
    durations: HistogramVec,
    problems: IntCounterVec,
    /// By place in [`ROUTES`].
    routes: Vec<RouteMetrics>,
    active: IntGauge,
    /// Requests that came when there was no room.
    overloaded: IntCounter,
    /// Requests that came during a shutdown.
    draining: IntCounter,
}

/// The handles of one route. Series are made when they first occur: most combinations never do.
struct RouteMetrics {
    durations: [[OnceLock<Histogram>; STATUSES.len()]; METHODS.len()],
    problems: [OnceLock<IntCounter>; Code::COUNT],
    abandoned: IntCounter,
}

impl fmt::Debug for HttpMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpMetrics").finish_non_exhaustive()
    }
}

impl HttpMetrics {
    /// Makes the metrics part of the gateway's text.
    pub(super) fn new(metrics: &Metrics) -> Self {
        let durations = histograms(&table::HTTP_DURATION);
        let problems = counters(&table::PROBLEMS);
        let abandoned = counters(&table::ABANDONED);
        let active = gauges(&table::HTTP_ACTIVE).with_label_values::<&str>(&[]);
        let shed = counters(&table::SHED);
        metrics.add(durations.clone());
        metrics.add(problems.clone());
        metrics.add(abandoned.clone());
        metrics.add(active.clone());
        metrics.add(shed.clone());
        let route = |route: &&str| RouteMetrics {
            durations: [const { [const { OnceLock::new() }; STATUSES.len()] }; METHODS.len()],
            problems: [const { OnceLock::new() }; Code::COUNT],
            abandoned: abandoned.with_label_values(&[*route]),
        };
        Self(Arc::new(Handles {
            durations,
            problems,
            routes: ROUTES.iter().map(route).collect(),
            active,
            overloaded: shed.with_label_values(&["overloaded"]),
            draining: shed.with_label_values(&["draining"]),
        }))
    }

    /// A request has come.
    pub(super) fn begun(&self) {
        self.0.active.inc();
    }

    /// Its answer begins.
    pub(super) fn answered(
        &self,
        method: &Method,
        route: Option<&str>,
        status: StatusCode,
        code: Option<Code>,
        took: Duration,
    ) {
        self.0.active.dec();
        let (route, method, status) = (route_place(route), method_place(method), status_place(status));
        let handles = &self.0.routes[route];
        let durations = handles.durations[method][status].get_or_init(|| {
            self.0.durations.with_label_values(&[METHODS[method], ROUTES[route], STATUSES[status]])
        });
        durations.observe(took.as_secs_f64());
        if let Some(code) = code {
            let problems = &handles.problems[code as usize];
            problems.get_or_init(|| self.0.problems.with_label_values(&[ROUTES[route], code.as_str()])).inc();
        }
    }

    /// Its caller went away.
    pub(super) fn abandoned(&self, route: Option<&str>) {
        self.0.active.dec();
        self.0.routes[route_place(route)].abandoned.inc();
    }

    /// A request was refused because there is no room.
    pub(super) fn overloaded(&self) {
        self.0.overloaded.inc();
    }

    /// A request was refused because the gateway stops.
    pub(super) fn draining(&self) {
        self.0.draining.inc();
    }
}

/// What is read when somebody asks: how much is under way, and whether the gateway stops.
pub(super) struct LiveState {
    shares: Shares,
    readiness: Readiness,
    used: IntGaugeVec,
    room: IntGaugeVec,
    draining: IntGauge,
}

impl LiveState {
    pub(super) fn new(shares: Shares, readiness: Readiness) -> Self {
        let [used, room] = [&table::INTAKE_USED, &table::INTAKE_CAPACITY].map(gauges);
        let draining = gauges(&table::DRAINING).with_label_values::<&str>(&[]);
        Self { shares, readiness, used, room, draining }
    }

    fn gauges(&self) -> [&dyn Collector; 3] {
        [&self.used, &self.room, &self.draining]
    }
}

impl Collector for LiveState {
    fn desc(&self) -> Vec<&Desc> {
        self.gauges().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let whole = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        for (app, (used, room)) in self.shares.bytes() {
            self.used.with_label_values(&[app.as_str()]).set(whole(used));
            self.room.with_label_values(&[app.as_str()]).set(whole(room));
        }
        self.draining.set(i64::from(!self.readiness.is_ready()));
        self.gauges().into_iter().flat_map(Collector::collect).collect()
    }
}

/// `/metrics`, open to everybody like the probes; it never calls Feishu.
pub(super) fn routes<S>(metrics: Metrics) -> Router<S> {
    Router::new().route("/metrics", get(text)).with_state(metrics)
}

async fn text(State(metrics): State<Metrics>) -> Result<Response, Problem> {
    let text = metrics.text().map_err(Problem::internal)?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static(PROMETHEUS_TEXT))], text).into_response())
}
