//! CORS: lets scripts of the configured web pages call the gateway.

use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{rate_limit_headers, trace_context};
use crate::http::extract::TIMEOUT_HEADER_NAME;
use crate::http::request_id::REQUEST_ID_HEADER;

/// How long a browser need not ask again; ten minutes is the most that Chrome and Firefox both keep.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Answers preflights and tells browsers which pages may read answers; without `origins` every page may.
///
/// Credentials that browsers add by themselves are not allowed, because the gateway knows none.
pub fn cors(origins: Option<&[String]>) -> CorsLayer {
    let origins = match origins {
        None => AllowOrigin::any(),
        Some(origins) => {
            AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
        }
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::PATCH])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            ACCEPT,
            REQUEST_ID_HEADER,
            TIMEOUT_HEADER_NAME,
            trace_context::HEADER,
        ])
        .expose_headers([
            REQUEST_ID_HEADER,
            RETRY_AFTER,
            rate_limit_headers::POLICY,
            rate_limit_headers::LIMIT,
        ])
        .max_age(MAX_AGE)
}
