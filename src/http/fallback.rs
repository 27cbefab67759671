//! Answers for requests that no route takes.

use axum::http::Uri;

use crate::http::problem::{Code, Problem};

/// What the admin listener serves, and the API's own one where there is no other.
const ADMIN_ROUTES: [&str; 6] = ["/livez", "/readyz", "/version", "/metrics", "/console", "/console/"];

/// No route has the path. It needs no key: which routes exist is public in the OpenAPI file.
pub(super) async fn not_found(uri: Uri) -> Problem {
    let path = uri.path();
    let detail = if ADMIN_ROUTES.contains(&path) {
        "Health, version, metrics and the console are at the address of admin.listen (GATEWAY_ADMIN__LISTEN)."
    } else if path == "/mcp" {
        "There are no tools for agents here: the gateway was built without them (cargo build --features mcp), or mcp.enabled is \
         false."
    } else if path == "/sandbox" || path.starts_with("/sandbox/") {
        "There is no such route. Those of the sandbox are in docs/sandbox.md, such as /sandbox/inbox/USER and \
         /sandbox/requests. They are here with serve --sandbox only, where callers need no key; the sandbox's own \
         address always has them."
    } else if path.len() > 1 && path.ends_with('/') {
        "There is no such route. No route of the API ends with a slash. The routes are in /openapi.json."
    } else {
        "There is no such route. The routes are in /openapi.json."
    };
    Problem::new(Code::NotFound).detail(detail)
}

/// No route of the admin listener has the path.
pub(super) async fn not_found_on_admin() -> Problem {
    Problem::new(Code::NotFound)
        .detail(
            "Only /livez, /readyz, /version, /metrics and /console are here, with what the console asks for. The API is at \
             the address of listen.",
        )
}

/// The route does not have the method. axum adds the `Allow` header behind all middleware.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed)
        .detail("The route exists, but not with this method. The Allow header names those it has.")
}
