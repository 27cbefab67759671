//! What every request passes on its way in, and every answer on its way out.
//!
//! `pass` is what all requests pass, `admit` what those of the API pass before their operation, and `operate` what stands
//! around the operation itself; each is read from top to bottom.

mod access_log;
mod around;
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
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};

use super::ApiState;
use super::metrics::HttpMetrics;
use access_log::Line;
use around::{Inside, around};
pub use auth::AuthPolicy;
pub use cors::with_cors;
pub use request_id::{REQUEST_ID_HEADER, RequestId};
pub(super) use shed::Intake;
pub use shed::{Crowded, Shares};

/// Puts `pass` around complete routes and the answers for those that are missing.
///
/// It goes inside the router, and not around it, because only there the route's template is known. Nothing escapes it
/// for that: axum puts it around its fallbacks too. Call it last: routes added later would go without.
pub(super) fn wrap<S: Clone + Send + Sync + 'static>(routes: Router<S>, metrics: HttpMetrics) -> Router<S> {
    routes
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(around(move |request, inside| pass(metrics.clone(), request, inside)))
}

async fn pass(metrics: HttpMetrics, mut request: Request, inside: Inside) -> Response {
    // First, so that every line logged below and every answer carries the id.
    let id = request_id::assign(&mut request);
    // Outside of everything that can fail, so that its one line and the metrics tell what the caller really got.
    let line = Line::begin(metrics, &request, id.clone());
    let answer = async {
        // Innermost, so that a panic of any handler becomes a problem like all others. The rest does not panic.
        let answer = panic::caught(inside.answer(request)).await;
        // The only place that writes problem documents.
        respond::with_problem_document(answer, &id)
    };
    let mut answer = line.follow(answer).await;
    line.end(&answer);
    id.mark(&mut answer);
    answer
}

/// Lets requests of the API in: those with a key, while there is room.
///
/// It stands on the routes alone, before their extractors, and leaves everything else open.
pub(super) fn admission<S: Clone + Send + Sync + 'static>(
    api: Router<S>,
    policy: AuthPolicy,
    intake: Intake,
) -> Router<S> {
    api.route_layer(around(move |request, inside| admit(policy.clone(), intake.clone(), request, inside)))
}

async fn admit(policy: AuthPolicy, intake: Intake, mut request: Request, inside: Inside) -> Response {
    if let Err(problem) = policy.recognise(&mut request) {
        return problem.into_response();
    }
    // Behind the key, so that strangers take no room; health and catalogue are never refused.
    match intake.room_for(&request) {
        Ok(room) => shed::holding(inside.answer(request).await, room),
        Err(problem) => problem.into_response(),
    }
}

/// Puts around operations what all of them keep and tell.
pub(super) fn operation(routes: Router<ApiState>, state: ApiState) -> Router<ApiState> {
    routes.route_layer(around(move |request, inside| operate(state.clone(), request, inside)))
}

async fn operate(state: ApiState, request: Request, inside: Inside) -> Response {
    let limits = state.limits;
    // Outside of everything that may take time, so that nothing is late.
    deadline::keep(limits, request, async move |request| {
        let asked = rate_limit::asked(&state, &request);
        let mut answer = inside.answer(request).await;
        rate_limit::tell(asked, &mut answer);
        answer
    })
    .await
}
