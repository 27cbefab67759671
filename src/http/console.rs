//! The console for operators, at `/console/`: a page that calls the operations of the API with its reader's key.

use axum::Router;
use axum::routing::get;

use super::json_response::JsonResponse;
use super::middleware::AuthPolicy;
use crate::pages;

/// What the page must know before it asks for anything.
#[derive(Debug, Clone, Copy, serde::Serialize)]
struct Access {
    /// Whether the API wants a key.
    needs_key: bool,
}

/// The page with its files; none of them needs a key, and none says anything of any delivery.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(auth: &AuthPolicy) -> Router<S> {
    let access = Access { needs_key: !auth.allow_anonymous };
    pages::routes("console", pages::console())
        .route("/console/access", get(move || async move { JsonResponse(access) }))
}
