//! The approval centre in a browser, at `/sandbox/`.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, LOCATION};
use axum::response::IntoResponse as _;
use axum::routing::get;

use crate::pages::approval_centre;

/// The page with its files; its address is relative, as the control API may lie deeper than at the root.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let to_the_page =
        get(|| async { (StatusCode::PERMANENT_REDIRECT, [(LOCATION, "sandbox/")]).into_response() });
    approval_centre().iter().fold(Router::new().route("/sandbox", to_the_page), |routes, (name, file)| {
        routes.route(&format!("/sandbox/{name}"), get(async |asked: HeaderMap| file.answer(&asked)))
    })
}
