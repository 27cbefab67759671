//! What every request passes on its way in, and every answer on its way out.
//!
//! `wrap` is the whole stack, read from top to bottom.

mod access_log;
mod auth;
mod cors;
mod deadline;
mod fallback;
mod panic;
mod rate_limit;
mod request_id;
mod respond;
mod shed;
mod trace_context;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use super::metrics::HttpMetrics;
pub use auth::{AuthPolicy, require_caller};
pub use cors::with_cors;
pub(super) use deadline::keep as keep_deadline;
pub(super) use rate_limit::tell as tell_rate_limit;
pub use request_id::{REQUEST_ID_HEADER, RequestId};
pub use shed::{Crowded, Shares};
pub(super) use shed::{Intake, shed};

/// Puts the stack around complete routes; the first layer sees the request first and the answer last.
///
/// It goes inside the router, and not around it, because only there the route's template is known. Nothing escapes it
/// for that: axum puts it around its fallbacks too. Call it last: routes added later would go without.
pub(super) fn wrap<S: Clone + Send + Sync + 'static>(routes: Router<S>, metrics: HttpMetrics) -> Router<S> {
    let stack = ServiceBuilder::new()
        // First, so that every line logged below and every answer carries the id.
        .layer(from_fn(request_id::assign))
        // Outside of everything that can fail, so that its one line and the metrics tell what the caller really got.
        .layer(from_fn_with_state(metrics, access_log::record))
        // The only place that writes problem documents; outside of every layer that makes one.
        .layer(from_fn(respond::with_problem_document))
        // Innermost, so that a panic of any handler becomes a problem like all others. The layers above do not panic.
        .layer(CatchPanicLayer::custom(panic::Caught));
    routes
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(stack)
}
