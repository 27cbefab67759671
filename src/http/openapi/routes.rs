//! `/openapi.json`, `/openapi.yaml` and the page that shows them; open to everybody, like the file itself.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use utoipa_swagger_ui::Config;

use super::{Format, Version, text, value};
use crate::http::problem::{Code, Problem};

/// The routes of the OpenAPI file and its page.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/openapi.json", get(json))
        .route("/openapi.yaml", get(yaml))
        .route("/docs", get(|| async { (StatusCode::PERMANENT_REDIRECT, [(LOCATION, "/docs/")]) }))
        .route("/docs/", get(|| page(Path(String::new()))))
        .route("/docs/openapi.json", get(page_json))
        .route("/docs/{*file}", get(page))
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
        document.to_string()
    });
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], TEXT.as_str()).into_response()
}

/// A file of the page; all of them are inside the binary.
async fn page(Path(file): Path<String>) -> Result<Response, Problem> {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(settings()));
    match utoipa_swagger_ui::serve(&file, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => {
            let content_type = HeaderValue::try_from(file.content_type).map_err(Problem::internal)?;
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, content_type);
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
            Ok((headers, file.bytes.into_owned()).into_response())
        }
        Ok(None) => Err(Problem::new(Code::NotFound).detail("The documentation has no such file.")),
        Err(cause) => Err(Problem::internal(Unreadable(cause.to_string()))),
    }
}

/// The base layout has no bar for other files, which the policy would not let the page read; without `none`, an outside
/// service is asked to judge the file.
fn settings() -> Config<'static> {
    Config::from("/docs/openapi.json").try_it_out_enabled(true).use_base_layout().validator_url("none")
}

/// Only what comes from here may run; the page's own styles are written into it.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file inside the binary could not be read.
#[derive(Debug, thiserror::Error)]
#[error("a file of the documentation page could not be read: {0}")]
struct Unreadable(String);
