//! `/openapi.json`, `/openapi.yaml` and the page that shows them; open to everybody, like the file itself.

use std::sync::LazyLock;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::in_order::InOrder;
use super::{Format, Version, docs, text, value};

/// The routes of the OpenAPI file and its page.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        // Whoever opens the bare address in a browser.
        .route("/", get(|| async { (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "/docs/")]) }))
        .route("/openapi.json", get(json))
        .route("/openapi.yaml", get(yaml))
        .route("/docs", get(|| async { (StatusCode::PERMANENT_REDIRECT, [(LOCATION, "/docs/")]) }))
        .route("/docs/", get(docs::index))
        .route("/docs/openapi.json", get(page_json))
        .route("/docs/{*file}", get(docs::file))
}

async fn json() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| text(Version::V3_1, Format::Json));
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], TEXT.as_str()).into_response()
}

async fn yaml() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| text(Version::V3_1, Format::Yaml));
    ([(CONTENT_TYPE, HeaderValue::from_static("application/yaml"))], TEXT.as_str()).into_response()
}

/// The file as the page needs it: what one tries out there is to reach this gateway under whatever name it was opened by,
/// and the page's policy lets it reach nothing else.
async fn page_json() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut document = value(Version::V3_1);
        document["servers"] = json!([{ "url": "/", "description": "This gateway" }]);
        serde_json::to_string(&InOrder(&document)).unwrap_or_default()
    });
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], TEXT.as_str()).into_response()
}
