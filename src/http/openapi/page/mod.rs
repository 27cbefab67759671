//! Swagger UI, the page that shows the OpenAPI file: its files are inside the binary, the large ones compressed.
//!
//! `build/page.rs` prepares what comes from Swagger UI; `index.html` and the settings are ours.

mod gzip;

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, VARY,
    X_FRAME_OPTIONS,
};
use axum::response::{IntoResponse as _, Response};

use self::gzip::{gzip_is_accepted, inflated};
use crate::http::problem::{Code, Problem};

/// Only what comes from here may run; the page's own styles are written into it.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a file of the page holds.
enum Content {
    Plain(&'static [u8]),
    Gzip(&'static [u8]),
}

/// A file of the page, with its media type; the empty name is the page itself.
fn find(name: &str) -> Option<(&'static str, Content)> {
    use Content::{Gzip, Plain};
    Some(match name {
        "" | "index.html" => ("text/html", Plain(include_bytes!("index.html"))),
        "swagger-initializer.js" => ("text/javascript", Plain(include_bytes!("swagger-initializer.js"))),
        "swagger-ui-bundle.js" => {
            ("text/javascript", Gzip(include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz"))))
        }
        "swagger-ui.css" => {
            ("text/css", Gzip(include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz"))))
        }
        "index.css" => ("text/css", Plain(include_bytes!(concat!(env!("OUT_DIR"), "/index.css")))),
        "favicon-16x16.png" => {
            ("image/png", Plain(include_bytes!(concat!(env!("OUT_DIR"), "/favicon-16x16.png"))))
        }
        "favicon-32x32.png" => {
            ("image/png", Plain(include_bytes!(concat!(env!("OUT_DIR"), "/favicon-32x32.png"))))
        }
        _ => return None,
    })
}

/// The page itself.
pub(super) async fn index(headers: HeaderMap) -> Result<Response, Problem> {
    file(Path(String::new()), headers).await
}

/// A file of the page, as it is kept where the caller takes that, else inflated.
pub(super) async fn file(Path(name): Path<String>, asked: HeaderMap) -> Result<Response, Problem> {
    let (media_type, content) = find(&name)
        .ok_or_else(|| Problem::new(Code::NotFound).detail("The documentation has no such file."))?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let compressed = match content {
        Content::Plain(bytes) => return Ok((headers, bytes).into_response()),
        Content::Gzip(bytes) => bytes,
    };
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if gzip_is_accepted(&asked) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return Ok((headers, compressed).into_response());
    }
    let bytes = inflated(compressed).map_err(Problem::internal)?;
    Ok((headers, bytes).into_response())
}
