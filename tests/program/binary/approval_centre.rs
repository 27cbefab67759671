//! The approval centre of `serve --sandbox`: where it is said to be, and that it does not hold up the end.

use crate::feishu::client;
use crate::process::Running;

#[tokio::test(flavor = "multi_thread")]
async fn the_line_after_the_address_names_the_approval_centre() {
    let mut gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    assert_eq!(gateway.next_line(), format!("approval centre: {}/sandbox/", gateway.origin));
    assert_eq!(gateway.get("/sandbox/").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_callers_need_a_key_the_approval_centre_is_at_the_sandboxs_own_address() {
    let keys = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(keys.path(), format!("erp {}\n", "0".repeat(64))).unwrap();
    let environment = [("GATEWAY_AUTH__KEYS_FILE", keys.path().to_str().unwrap())];
    let mut gateway = Running::start(&["serve", "--sandbox", "--listen", "0.0.0.0:0"], &environment);
    let line = gateway.next_line();
    let centre = line.strip_prefix("approval centre: ").unwrap();
    assert_ne!(centre, format!("{}/sandbox/", gateway.origin));
    assert_eq!(client().get(centre).send().await.unwrap().status(), 200);
    assert_eq!(gateway.get("/sandbox/").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_listens_does_not_hold_up_the_end() {
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    let url = format!("{}/sandbox/changes", gateway.origin);
    let listening = client().get(url).send().await.unwrap();
    assert_eq!(listening.status(), 200);
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stderr.contains("connections were still open"), "{}", ended.stderr);
}
