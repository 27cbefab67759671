//! Which routes exist, and which of them need a key.

use axum::Router;

use super::health::{self, Readiness};
use super::layers::{self, AuthPolicy, Intake, Shares};
use super::metrics::{self, HttpMetrics, LiveState};
use super::openapi;
use super::problem::catalogue;
use crate::metrics::Metrics;

/// Puts the whole HTTP surface together: `api` behind a key, `open` and our own open routes before it, the layers around
/// all.
///
/// `api` takes on no more at once than `shares` allow, and nothing once `readiness` is off. It must have at least one route. The key is asked for by routes of `api` only: an unknown path is 404 and a wrong
/// method 405 without one, which reveals nothing that the public OpenAPI file does not.
pub fn compose<S: Clone + Send + Sync + 'static>(
    api: Router<S>,
    open: Router<S>,
    policy: AuthPolicy,
    shares: Shares,
    readiness: Readiness,
    metrics: &Metrics,
) -> Router<S> {
    let handles = HttpMetrics::new(metrics);
    metrics.register(LiveState::new(shares.clone(), readiness.clone()));
    let intake = Intake { shares, readiness: readiness.clone(), metrics: handles.clone() };
    let routes = layers::admission(api, policy, intake)
        .merge(catalogue::routes())
        .merge(health::routes(readiness))
        .merge(metrics::routes(metrics.clone()))
        .merge(openapi::routes::routes())
        .merge(open);
    layers::wrap(routes, handles)
}
