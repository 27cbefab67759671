//! The console: its files, and what it may know before anybody has logged in.

use serde_json::json;
use test_case::test_case;

use crate::harness::Gateway;

#[test_case("/console/", "text/html; charset=utf-8"; "the page")]
#[test_case("/console/page.js", "text/javascript"; "its program")]
#[test_case("/console/page.css", "text/css"; "its styles")]
#[test_case("/console/icon.svg", "image/svg+xml"; "its icon")]
#[tokio::test]
async fn files_of_the_page_need_no_key_and_may_run_nothing_from_elsewhere(path: &str, content_type: &str) {
    let gateway = Gateway::builder().key("k", "").start().await;
    let file = gateway.get(path).await;
    assert_eq!((file.status, file.header("content-type")), (200, Some(content_type)));
    assert_eq!(file.header("x-frame-options"), Some("DENY"));
    assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    let policy = file.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(file.header("etag").is_some() && file.header("set-cookie").is_none());
}

#[tokio::test]
async fn the_page_knows_whether_it_must_ask_for_a_key() {
    let keyed = Gateway::builder().key("k", "").start().await;
    assert_eq!(keyed.get("/console/access").await.ok(), json!({"needs_key": true}));
    let open = Gateway::start().await;
    assert_eq!(open.get("/console/access").await.ok(), json!({"needs_key": false}));
}
