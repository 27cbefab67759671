//! Middleware around all routes, and how it is put together.
//!
//! Two stacks, each read from top to bottom: the first middleware sees the request first and the answer last.

mod access_log;
mod auth;
mod catch_panic;
mod cors;
mod deadline;
mod host;
mod load_shedding;
mod problem_document;
mod rate_limit_headers;
mod trace_context;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{from_fn, from_fn_with_state};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::extract::RequestLimits;
use super::metrics::HttpMetrics;
use super::request_id::{MakeUuidV7, drop_unusable_id};
pub use auth::AuthPolicy;
pub use cors::cors;
pub use host::HostFault;
pub(super) use load_shedding::LoadShedding;
pub(super) use rate_limit_headers::with_rate_limit_headers;

/// Puts what every request goes through around complete routes and the answers for those that are missing.
///
/// It goes inside the router, and not around it, because only there the route's template is known. Nothing escapes it
/// for that: axum puts it around its fallbacks too. Call it last: routes added later would go without.
pub(super) fn for_all_routes<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    metrics: HttpMetrics,
    cors: Option<CorsLayer>,
) -> Router<S> {
    routes.layer(
        ServiceBuilder::new()
            // First, so that every entry logged below and every answer carries the same id. A caller's id that would
            // harm the log is dropped before, and so replaced.
            .map_request(drop_unusable_id)
            .layer(SetRequestIdLayer::x_request_id(MakeUuidV7))
            .layer(PropagateRequestIdLayer::x_request_id())
            // On everything: a browser that takes JSON for a page would run what callers have written into it.
            .layer(SetResponseHeaderLayer::overriding(
                X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ))
            // Before everything that could print headers.
            .layer(SetSensitiveRequestHeadersLayer::new([AUTHORIZATION]))
            // Outside of everything that can fail, so that its one entry and the metrics tell what the caller really got.
            .layer(from_fn_with_state(metrics, access_log::log))
            // Around problems too, so that a page can read them; preflights need neither route nor key.
            .option_layer(cors)
            // The only place that writes problem documents.
            .layer(from_fn(problem_document::write))
            // Before any route: who the request is for is not known.
            .layer(from_fn(host::refuse_fault))
            // Innermost, so that a panic of any handler becomes a problem like all others.
            .layer(CatchPanicLayer::custom(catch_panic::problem)),
    )
}

/// Puts what requests of the API go through around its routes, before their extractors; everything else stays open.
pub(super) fn for_api_routes<S: Clone + Send + Sync + 'static>(
    api: Router<S>,
    policy: AuthPolicy,
    load_shedding: LoadShedding,
    limits: RequestLimits,
) -> Router<S> {
    api.route_layer(
        ServiceBuilder::new()
            // First, so that the body of an unknown caller is never read and takes no quota.
            .layer(from_fn_with_state(policy, auth::authenticate))
            // Before any work. Health and catalogue, which stand outside, are never refused.
            .layer(from_fn_with_state(load_shedding, load_shedding::shed))
            // Around all that may take time, so that nothing is late.
            .layer(from_fn_with_state(limits, deadline::enforce)),
    )
}
