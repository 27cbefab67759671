//! Swagger UI, the page that shows the OpenAPI file: its files are inside the binary, the large ones compressed.
//!
//! `build/page.rs` prepares what comes from Swagger UI; `index.html` and the settings are ours. No request copies a file:
//! all of them are sent the same bytes.

mod gzip;

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, VARY,
    X_FRAME_OPTIONS,
};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;

use self::gzip::{Corrupt, gzip_is_accepted, inflated};
use crate::http::problem::{Code, Problem};

/// Only what comes from here may run; the page's own styles are written into it.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a file of the page holds.
enum Content {
    Plain(&'static [u8]),
    Gzip { compressed: &'static [u8], inflated: &'static LazyLock<Result<Bytes, Corrupt>> },
}

/// A file of Swagger UI, prepared by the build.
macro_rules! prepared {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

/// A compressed file. Inflating takes milliseconds, so that it is done for the first client that takes no gzip, once.
macro_rules! compressed {
    ($name:literal) => {{
        const COMPRESSED: &[u8] = prepared!($name);
        static INFLATED: LazyLock<Result<Bytes, Corrupt>> = LazyLock::new(|| inflated(COMPRESSED));
        Content::Gzip { compressed: COMPRESSED, inflated: &INFLATED }
    }};
}

/// A file of the page, with its media type; the empty name is the page itself.
fn find(name: &str) -> Option<(&'static str, Content)> {
    use Content::Plain;
    Some(match name {
        "" | "index.html" => ("text/html", Plain(include_bytes!("index.html"))),
        "swagger-initializer.js" => ("text/javascript", Plain(include_bytes!("swagger-initializer.js"))),
        "swagger-ui-bundle.js" => ("text/javascript", compressed!("swagger-ui-bundle.js.gz")),
        "swagger-ui.css" => ("text/css", compressed!("swagger-ui.css.gz")),
        "index.css" => ("text/css", Plain(prepared!("index.css"))),
        "favicon-16x16.png" => ("image/png", Plain(prepared!("favicon-16x16.png"))),
        "favicon-32x32.png" => ("image/png", Plain(prepared!("favicon-32x32.png"))),
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
    let (compressed, inflated) = match content {
        Content::Plain(bytes) => return Ok((headers, bytes).into_response()),
        Content::Gzip { compressed, inflated } => (compressed, inflated),
    };
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if gzip_is_accepted(&asked) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return Ok((headers, compressed).into_response());
    }
    match &**inflated {
        Ok(bytes) => Ok((headers, bytes.clone()).into_response()),
        Err(corrupt) => Err(Problem::internal(*corrupt)),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    /// Where the first piece of the body lies in memory, and how long it is.
    async fn first_bytes(name: &str) -> (*const u8, usize) {
        let answer = file(Path(name.to_owned()), HeaderMap::new()).await.unwrap();
        let frame = answer.into_body().frame().await.unwrap().unwrap();
        let bytes = frame.into_data().unwrap();
        (bytes.as_ptr(), bytes.len())
    }

    #[tokio::test]
    async fn clients_without_gzip_share_the_same_inflated_bytes() {
        for name in ["swagger-ui-bundle.js", "swagger-ui.css"] {
            assert_eq!(first_bytes(name).await, first_bytes(name).await, "{name}");
        }
    }
}
