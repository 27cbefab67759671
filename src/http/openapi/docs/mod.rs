//! Swagger UI, the page that shows the OpenAPI file: its files are inside the binary, the large ones compressed.
//!
//! `build/swagger_ui.rs` prepares what comes from Swagger UI; `index.html` and the settings are ours.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::http::problem::{Code, Problem};
use crate::pages::PageFile;

/// Only what comes from here may run; the page's own styles are written into it.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of Swagger UI, prepared by the build.
macro_rules! prepared {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

/// A file that is kept as it is.
macro_rules! plain {
    ($media_type:literal, $bytes:expr) => {{
        static FILE: PageFile = PageFile::plain($media_type, $bytes, POLICY);
        &FILE
    }};
}

/// A file that is kept compressed.
macro_rules! compressed {
    ($media_type:literal, $bytes:expr) => {{
        static FILE: PageFile = PageFile::gzip($media_type, $bytes, POLICY);
        &FILE
    }};
}

/// A file of the page; the empty name is the page itself.
fn find(name: &str) -> Option<&'static PageFile> {
    Some(match name {
        "" | "index.html" => plain!("text/html", include_bytes!("index.html")),
        "swagger-initializer.js" => plain!("text/javascript", include_bytes!("swagger-initializer.js")),
        "swagger-ui-bundle.js" => compressed!("text/javascript", prepared!("swagger-ui-bundle.js.gz")),
        "swagger-ui.css" => compressed!("text/css", prepared!("swagger-ui.css.gz")),
        "index.css" => plain!("text/css", prepared!("index.css")),
        "favicon-16x16.png" => plain!("image/png", prepared!("favicon-16x16.png")),
        "favicon-32x32.png" => plain!("image/png", prepared!("favicon-32x32.png")),
        _ => return None,
    })
}

/// The page itself.
pub(super) async fn index(headers: HeaderMap) -> Result<Response, Problem> {
    file(Path(String::new()), headers).await
}

/// A file of the page, as it is kept where the caller takes that, else inflated.
pub(super) async fn file(Path(name): Path<String>, asked: HeaderMap) -> Result<Response, Problem> {
    let file = find(&name)
        .ok_or_else(|| Problem::new(Code::NotFound).detail("The documentation has no such file."))?;
    Ok(file.answer(&asked))
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
