//! Which routes exist, and which of them need a key.

use axum::Router;
use tower_http::cors::CorsLayer;

use super::extract::RequestLimits;
use super::health::{self, DrainState};
use super::load_shedder::LoadShedder;
use super::mcp::{self, McpAccess};
use super::metrics::{self, HttpMetrics, LiveState};
use super::middleware::{self, AuthPolicy, LoadShedding};
use super::state::ApiState;
use super::{console, fallback, openapi, operation, routes};
use crate::metrics::Metrics;

/// Settings of the middleware around all routes.
#[derive(Debug, Clone)]
pub struct Policies {
    /// Who may call.
    pub auth: AuthPolicy,
    /// Which web pages may call from a browser; without it none may.
    pub cors: Option<CorsLayer>,
    /// What a single request may take.
    pub limits: RequestLimits,
    /// What all requests together may take.
    pub load_shedder: LoadShedder,
}

/// Every route of the API that asks for a caller's key.
pub fn api_routes(state: ApiState) -> Router {
    let routes = routes::api().into_iter().map(|route| middleware::with_rate_limit_headers(route, &state));
    operation::router(routes).with_state(state)
}

/// The routes of a gateway whose health and metrics have a listener of their own.
#[derive(Debug)]
pub struct Separate {
    /// What [`compose`] makes, without health and metrics.
    pub api: Router,
    /// `/livez`, `/readyz`, `/version` and `/metrics`; the console with the operations that it calls.
    pub admin: Router,
}

/// Puts the whole HTTP surface together: `api` behind a key, `open` and our own open routes before it, the middleware
/// around all.
///
/// `api` takes on no more at once than the load shedder allows, and nothing once `drain_state` forbids it. It must have at
/// least one route. The key is asked for by routes of `api` only: an unknown path is 404 and a wrong method 405 without one,
/// which reveals nothing that the public OpenAPI file does not.
pub fn compose<S: Clone + Send + Sync + 'static>(
    api: Router<S>,
    open: Router<S>,
    policies: Policies,
    drain_state: DrainState,
    metrics: &Metrics,
) -> Router<S> {
    let admin = admin_routes(drain_state.clone(), metrics).merge(console::routes(&policies.auth));
    Middleware::new(policies, drain_state, metrics).wrap(api, open.merge(admin))
}

/// As [`compose`], with tools for agents where they are wanted and the program was built with them.
pub fn compose_with_tools(
    api: Router,
    open: Router,
    tools: Option<McpAccess>,
    policies: Policies,
    drain_state: DrainState,
    metrics: &Metrics,
) -> Router {
    let admin = admin_routes(drain_state.clone(), metrics).merge(console::routes(&policies.auth));
    let stack = Middleware::new(policies, drain_state, metrics);
    stack.with_tools(stack.wrap(api, open.merge(admin)), tools)
}

/// As [`compose_with_tools`], with health, metrics and the console apart from the rest; `admin_auth` says who may call from
/// there.
pub fn compose_separately(
    api: Router,
    open: Router,
    tools: Option<McpAccess>,
    policies: Policies,
    admin_auth: AuthPolicy,
    drain_state: DrainState,
    metrics: &Metrics,
) -> Separate {
    let stack = Middleware::new(policies, drain_state.clone(), metrics);
    let Middleware { shedding, limits, .. } = &stack;
    let admin = admin_routes(drain_state, metrics)
        .merge(console::routes(&admin_auth))
        // The page may ask nobody but who has sent it.
        .merge(operation::router(routes::problems()))
        .merge(middleware::for_api_routes(api.clone(), admin_auth, shedding.clone(), *limits))
        .fallback(fallback::not_found_on_admin)
        .method_not_allowed_fallback(fallback::method_not_allowed);
    let admin = middleware::for_all_routes(admin, shedding.metrics.clone(), None);
    let api = stack.wrap(api, open);
    Separate { api: stack.with_tools(api, tools), admin }
}

fn admin_routes<S: Clone + Send + Sync + 'static>(drain_state: DrainState, metrics: &Metrics) -> Router<S> {
    let health = operation::router(health::routes()).with_state(drain_state);
    health.merge(metrics::routes(metrics.clone()))
}

/// The middleware of one gateway, with its settings.
struct Middleware {
    auth: AuthPolicy,
    cors: Option<CorsLayer>,
    limits: RequestLimits,
    shedding: LoadShedding,
}

impl Middleware {
    fn new(policies: Policies, drain_state: DrainState, metrics: &Metrics) -> Self {
        let Policies { auth, cors, limits, load_shedder } = policies;
        metrics.register(LiveState::new(load_shedder.clone(), drain_state.clone()));
        let shedding =
            LoadShedding { shedder: load_shedder, drain_state, metrics: HttpMetrics::new(metrics) };
        Self { auth, cors, limits, shedding }
    }

    /// All routes, within the middleware.
    fn wrap<S: Clone + Send + Sync + 'static>(&self, api: Router<S>, open: Router<S>) -> Router<S> {
        let routes = self
            .behind_a_key(api)
            .merge(operation::router(routes::problems()))
            .merge(openapi::routes::routes())
            .merge(open)
            .fallback(fallback::not_found)
            .method_not_allowed_fallback(fallback::method_not_allowed);
        middleware::for_all_routes(routes, self.shedding.metrics.clone(), self.cors.clone())
    }

    /// The same routes, and the tools that call them.
    fn with_tools(&self, routes: Router, tools: Option<McpAccess>) -> Router {
        let tools = tools.and_then(|access| mcp::routes(routes.clone(), self.limits, access));
        let Some(tools) = tools else { return routes };
        let tools = self.behind_a_key(tools).method_not_allowed_fallback(fallback::method_not_allowed);
        routes.merge(middleware::for_all_routes(tools, self.shedding.metrics.clone(), self.cors.clone()))
    }

    fn behind_a_key<S: Clone + Send + Sync + 'static>(&self, routes: Router<S>) -> Router<S> {
        middleware::for_api_routes(routes, self.auth.clone(), self.shedding.clone(), self.limits)
    }
}
