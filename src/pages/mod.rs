//! Files of web pages inside the binary: kept compressed, and sent as they are kept.
//!
//! The sources of our own pages are in `pages/`, `build/pages.rs` prepares what is built of them. No request copies a file: all
//! of them are sent the same bytes. A page asks nobody but the gateway, runs no script but its own, and stands in no frame.

mod file;
mod gzip;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, LOCATION};
use axum::response::IntoResponse as _;
use axum::routing::get;

pub use file::PageFile;

/// Only what comes from where the page comes from may run or be asked; nothing is written into the page itself.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One of our own pages: the name of each file below the page's address, the page itself under the empty one.
pub type Page = [(&'static str, &'static PageFile)];

/// A file of one of our pages.
macro_rules! built {
    ($media_type:literal, $name:literal) => {{
        static FILE: PageFile =
            PageFile::gzip($media_type, include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")), POLICY);
        &FILE
    }};
}

/// What an employee sees in Feishu, shown by the sandbox.
pub fn approval_centre() -> &'static Page {
    static FILES: &Page = &[
        ("", built!("text/html; charset=utf-8", "sandbox-index.html")),
        ("page.js", built!("text/javascript", "sandbox-page.js")),
        ("page.css", built!("text/css", "sandbox-page.css")),
        ("icon.svg", built!("image/svg+xml", "sandbox-icon.svg")),
    ];
    FILES
}

/// How deliveries stand, for operators.
pub fn console() -> &'static Page {
    static FILES: &Page = &[
        ("", built!("text/html; charset=utf-8", "console-index.html")),
        ("page.js", built!("text/javascript", "console-page.js")),
        ("page.css", built!("text/css", "console-page.css")),
        ("icon.svg", built!("image/svg+xml", "console-icon.svg")),
    ];
    FILES
}

/// The files of a page at `/<name>/`, and the way there for whoever leaves the slash out. Its address is relative, as the routes
/// may lie deeper than at the root.
pub fn routes<S: Clone + Send + Sync + 'static>(name: &str, page: &'static Page) -> Router<S> {
    let address = format!("{name}/");
    let to_the_page =
        get(async move || (StatusCode::PERMANENT_REDIRECT, [(LOCATION, address)]).into_response());
    page.iter().fold(Router::new().route(&format!("/{name}"), to_the_page), |routes, (file_name, file)| {
        routes.route(&format!("/{name}/{file_name}"), get(async |asked: HeaderMap| file.answer(&asked)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_can_be_inflated() {
        for (name, file) in approval_centre().iter().chain(console()) {
            assert!(!file.inflated().is_empty(), "{name}");
        }
    }
}
