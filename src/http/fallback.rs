//! Answers for requests that no route takes.

use axum::http::Uri;

use crate::http::problem::{Code, Problem};

/// No route has the path. It needs no key: which routes exist is public in the OpenAPI file.
pub(super) async fn not_found(uri: Uri) -> Problem {
    let detail = if uri.path().len() > 1 && uri.path().ends_with('/') {
        "There is no such route. No route ends with a slash; try again without it."
    } else {
        "There is no such route. The routes are in /openapi.json."
    };
    Problem::new(Code::NotFound).detail(detail)
}

/// The route does not have the method. axum adds the `Allow` header behind all middleware.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed)
        .detail("The route exists, but not with this method. The Allow header names those it has.")
}
