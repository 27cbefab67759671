//! What the gateway serves about itself: the OpenAPI file, and the page that shows it.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like the tests themselves")]

use std::io::Read as _;

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use flate2::read::GzDecoder;
use serde_json::Value;
use test_case::test_case;

use crate::harness::{Gateway, exchange};

async fn answer(request: Builder) -> (StatusCode, HeaderMap, Bytes) {
    let address = Gateway::start().await.address;
    let (head, body) = exchange(address, request.body(Body::empty()).unwrap()).await.into_parts();
    (head.status, head.headers, body)
}

async fn get(path: &str) -> (StatusCode, HeaderMap, String) {
    let (status, headers, body) = answer(Request::get(path)).await;
    (status, headers, String::from_utf8_lossy(&body).into_owned())
}

/// The files that the page names.
async fn loaded() -> Vec<String> {
    let (_, _, page) = get("/docs/").await;
    let values = ["src=\"", "href=\""].into_iter().flat_map(|attribute| page.split(attribute).skip(1));
    values.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test_case("/openapi.json", include_str!("../../openapi/openapi.json"), "application/json"; "json")]
#[test_case("/openapi.yaml", include_str!("../../openapi/openapi.yaml"), "application/yaml"; "yaml")]
#[tokio::test]
async fn the_served_file_is_the_committed_one(path: &str, committed: &str, content_type: &str) {
    let (status, headers, body) = get(path).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-type"], content_type);
    assert!(body == committed);
}

#[test_case("/docs/", "text/html"; "page")]
#[test_case("/docs/swagger-initializer.js", "text/javascript"; "settings")]
#[test_case("/docs/swagger-ui-bundle.js", "text/javascript"; "program")]
#[test_case("/docs/swagger-ui.css", "text/css"; "styles")]
#[tokio::test]
async fn files_of_the_page_may_run_nothing_from_elsewhere(path: &str, content_type: &str) {
    let (status, headers, body) = get(path).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-type"], content_type);
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["x-frame-options"], "DENY");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self';"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{policy}");
    assert!(!body.is_empty());
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let loaded = loaded().await;
    assert!(loaded.contains(&"./swagger-ui-bundle.js".to_owned()), "{loaded:?}");
    assert_eq!(loaded.iter().filter(|file| file.contains("//")).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test]
async fn the_page_has_every_file_that_it_names() {
    for file in loaded().await {
        let (status, headers, body) = get(&format!("/docs/{}", file.trim_start_matches("./"))).await;
        assert_eq!((status, body.is_empty()), (StatusCode::OK, false), "{file}");
        assert_ne!(headers["content-type"], "text/html", "{file}");
    }
}

#[test_case("/docs/swagger-ui-bundle.js"; "program")]
#[test_case("/docs/swagger-ui.css"; "styles")]
#[tokio::test]
async fn a_large_file_is_sent_compressed_to_whoever_takes_that(path: &str) {
    let (status, headers, compressed) =
        answer(Request::get(path).header("accept-encoding", "gzip, br")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["content-encoding"], "gzip");
    assert_eq!(headers["vary"], "accept-encoding");
    assert!(headers.contains_key("content-security-policy"));

    let (_, headers, plain) = answer(Request::get(path)).await;
    assert_eq!(headers.get("content-encoding"), None);
    assert_eq!(headers["vary"], "accept-encoding");
    let mut inflated = Vec::new();
    GzDecoder::new(&compressed[..]).read_to_end(&mut inflated).unwrap();
    assert!(inflated == plain);
    assert!(compressed.len() * 3 < plain.len());
}

#[test_case("/docs"; "without its slash")]
#[test_case("/"; "the bare address")]
#[tokio::test]
async fn the_page_is_found_from(path: &str) {
    let (status, headers, _) = get(path).await;
    assert!(status.is_redirection(), "{status}");
    assert_eq!(headers["location"], "/docs/");
}

#[tokio::test]
async fn the_page_calls_the_gateway_that_it_came_from() {
    let (_, _, settings) = get("/docs/swagger-initializer.js").await;
    assert!(settings.contains("\"url\": \"/docs/openapi.json\""), "{settings}");
    let (_, _, shown) = get("/docs/openapi.json").await;
    let mut shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["servers"][0]["url"], "/");
    let committed: Value = serde_json::from_str(include_str!("../../openapi/openapi.json")).unwrap();
    shown["servers"] = committed["servers"].clone();
    assert_eq!(shown, committed);
}

#[tokio::test]
async fn a_file_that_the_page_does_not_have_is_not_found() {
    let (status, _, _) = get("/docs/../Cargo.toml").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
