//! Lets scripts of some web pages call, in the browsers that ask first.

use std::time::Duration;

use axum::Router;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{REQUEST_ID_HEADER, rate_limit, trace_context};
use crate::http::extract::TIMEOUT_HEADER_NAME;

/// How long a browser need not ask again; ten minutes is the most that Chrome and Firefox both keep.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Puts CORS around everything, problems and preflights included; without `origins` every page may call.
///
/// It goes around the whole router: a preflight has no key and no route. Credentials that browsers add by themselves are
/// not allowed, because the gateway knows none.
pub fn with_cors(routes: Router, origins: Option<&[String]>) -> Router {
    let origins = match origins {
        None => AllowOrigin::any(),
        Some(origins) => {
            AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
        }
    };
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::PUT, Method::POST])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            ACCEPT,
            REQUEST_ID_HEADER,
            TIMEOUT_HEADER_NAME,
            trace_context::HEADER,
        ])
        .expose_headers([REQUEST_ID_HEADER, RETRY_AFTER, rate_limit::POLICY, rate_limit::LIMIT])
        .max_age(MAX_AGE);
    routes.layer(cors)
}
