//! `serve` and `sandbox`: what they print, and that they do the main job.

use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::binary::documents::instance;
use crate::feishu::client;
use crate::process::{Running, environment, start_feishu};

const ON_A_FREE_PORT: [&str; 4] = ["serve", "--sandbox", "--listen", "127.0.0.1:0"];

#[tokio::test(flavor = "multi_thread")]
async fn serve_with_sandbox_shows_an_approval_in_an_inbox_without_any_configuration() {
    let gateway = Running::start(&ON_A_FREE_PORT, &[]);
    let (status, receipt) = gateway.put("a", "?verify=true", &instance("a")).await;
    assert_eq!((status, &receipt["applied"]), (200, &json!("yes")), "{receipt}");
    let (status, inbox) = gateway.get("/sandbox/inbox/approver?locale=zh-CN").await;
    assert_eq!((status, &inbox["todo"][0]["title"]), (200, &json!("Trip to Chengdu")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_announcements_are_all_that_is_on_standard_output() {
    let mut gateway = Running::start(&ON_A_FREE_PORT, &[]);
    assert!(gateway.origin.starts_with("http://127.0.0.1:") && gateway.port() > 0, "{}", gateway.origin);
    assert_eq!(gateway.next_line(), format!("approval centre: {}/sandbox/", gateway.origin));
    gateway.put("a", "", &instance("a")).await;
    let ended = gateway.stop().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_log_is_json_where_there_is_no_terminal_and_one_names_the_address() {
    let gateway = Running::start(&ON_A_FREE_PORT, &[]);
    let address = gateway.origin.trim_start_matches("http://").to_owned();
    gateway.put("a", "", &instance("a")).await;
    let ended = gateway.stop().await;
    let lines: Vec<Value> = ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["listen"] == address.as_str()), "{}", ended.stderr);
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "request answered").collect();
    assert_eq!(answered.len(), 1, "{}", ended.stderr);
    assert_eq!(answered[0]["status"], 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_reaches_the_feishu_that_is_configured() {
    let feishu = start_feishu().await;
    let gateway = Running::start(&["serve"], &environment(&feishu));
    let (status, receipt) = gateway.put("a", "", &instance("a")).await;
    assert_eq!(status, 200, "{receipt}");
    assert_eq!(feishu.count("external_instances").await, 1);
    assert_eq!(gateway.get("/sandbox/counts").await.0, 404, "no sandbox of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_version_need_no_feishu() {
    let feishu = start_feishu().await;
    let gateway = Running::start(&["serve"], &environment(&feishu));
    for path in ["/livez", "/readyz", "/version", "/v1/problems/upstream_timeout"] {
        assert_eq!(gateway.get(path).await.0, 200, "{path}");
    }
    assert_eq!(feishu.control("GET", "counts", Value::Null).await.1, json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn sandbox_alone_answers_the_wire_and_the_control_api() {
    let mut sandbox = Running::start(&["sandbox", "--listen", "127.0.0.1:0"], &[]);
    assert_eq!(sandbox.next_line(), format!("approval centre: {}/sandbox/", sandbox.origin));
    let credentials = json!({"app_id": "cli_x", "app_secret": "y"});
    let path = "/open-apis/auth/v3/tenant_access_token/internal";
    let (status, token) = crate::process::answer(sandbox.request("POST", path, &credentials)).await;
    assert_eq!((status, &token["code"], &token["expire"]), (200, &json!(0), &json!(7200)));
    assert_eq!(sandbox.get("/sandbox/counts").await, (200, json!({"token": 1})));
    let ended = sandbox.stop().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_on_free_ports_do_not_meet() {
    let first = Running::start(&ON_A_FREE_PORT, &[]);
    let second = Running::start(&ON_A_FREE_PORT, &[]);
    assert_ne!(first.port(), second.port());
    first.put("a", "", &instance("a")).await;
    assert_eq!(second.get("/sandbox/instances/a").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_say_how_many_connections_are_open() {
    let gateway = Running::start(&ON_A_FREE_PORT, &[]);
    let _silent = TcpStream::connect(("127.0.0.1", gateway.port())).await.unwrap();
    let text = client().get(format!("{}/metrics", gateway.origin)).send().await.unwrap();
    let text = text.text().await.unwrap();
    // The one that asks, and the one before it, which was accepted first.
    assert!(text.lines().any(|line| line == "gateway_open_connections 2"), "{text}");
}
