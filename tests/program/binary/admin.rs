//! `admin.listen`: health and metrics on a listener of their own.

use serde_json::json;

use crate::binary::documents::instance;
use crate::feishu::{FOR_EVER, client};
use crate::process::{Running, run};

/// A gateway with an admin listener, and where that is.
fn start(environment: &[(&str, &str)]) -> (Running, String) {
    let environment = [environment, &[("GATEWAY_ADMIN__LISTEN", "127.0.0.1:0")]].concat();
    let mut gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    let line = gateway.next_line();
    let admin = line.strip_prefix("admin listening on ").unwrap().to_owned();
    (gateway, admin)
}

async fn get(url: String) -> (u16, String) {
    let answer = client().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn health_metrics_and_the_console_move_to_the_admin_listener_and_nothing_else_does() {
    let (gateway, admin) = start(&[]);
    for path in ["/livez", "/readyz", "/metrics", "/version", "/console/", "/console/access"] {
        assert_eq!(get(format!("{admin}{path}")).await.0, 200, "{path}");
        assert_eq!(get(format!("{}{path}", gateway.origin)).await.0, 404, "{path}");
    }
    let (_, elsewhere) = get(format!("{}/livez", gateway.origin)).await;
    assert!(elsewhere.contains("GATEWAY_ADMIN__LISTEN"), "{elsewhere}");
    let (_, here) = get(format!("{admin}/")).await;
    assert!(here.contains("/livez, /readyz, /version, /metrics and /console"), "{here}");
    // What the console asks for is wherever the console is.
    for path in ["/v1/caller", "/v1/deliveries/summary", "/v1/problems/overloaded"] {
        assert_eq!(get(format!("{admin}{path}")).await.0, 200, "{path}");
    }
    for path in ["/openapi.json", "/docs/", "/sandbox/counts"] {
        assert_eq!(get(format!("{admin}{path}")).await.0, 404, "{path}");
        assert_eq!(get(format!("{}{path}", gateway.origin)).await.0, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_listener_that_others_reach_lets_nobody_in_without_a_key() {
    let environment = [("GATEWAY_ADMIN__LISTEN", "0.0.0.0:0")];
    let mut gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    let line = gateway.next_line();
    let admin = line.strip_prefix("admin listening on ").unwrap().replace("0.0.0.0", "127.0.0.1");
    assert_eq!(get(format!("{admin}/console/access")).await, (200, "{\"needs_key\":true}\n".to_owned()));
    assert_eq!(get(format!("{admin}/v1/caller")).await.0, 401);
    assert_eq!(get(format!("{}/v1/caller", gateway.origin)).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_of_the_admin_listener_count_requests_of_the_api() {
    let (gateway, admin) = start(&[]);
    assert_eq!(gateway.put("a", "", &instance("a")).await.0, 200);
    let (_, text) = get(format!("{admin}/metrics")).await;
    assert!(text.contains(r#"http_route="/v1/instances/{instance_id}""#), "{text}");
    assert!(text.lines().any(|line| line == "gateway_open_connections 1"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_listener_says_that_the_gateway_drains_until_it_has_stopped() {
    let (gateway, admin) = start(&[("GATEWAY_SERVER__DRAIN_DELAY_MS", "600000")]);
    gateway.terminate();
    let polling = async {
        loop {
            let (status, body) = get(format!("{admin}/readyz")).await;
            if status != 200 {
                return (status, serde_json::from_str::<serde_json::Value>(&body).unwrap()["code"].clone());
            }
        }
    };
    assert_eq!(tokio::time::timeout(FOR_EVER, polling).await.unwrap(), (503, json!("draining")));
    assert_eq!(get(format!("{admin}/livez")).await.0, 200);
    assert_eq!(gateway.stop().await.code, Some(130), "the second signal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_with_an_admin_listener_ends_with_success() {
    let (mut gateway, admin) = start(&[]);
    assert!(gateway.next_line().starts_with("approval centre: "));
    assert_eq!(get(format!("{admin}/livez")).await.0, 200);
    let ended = gateway.stop().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    assert!(ended.stderr.contains("admin listening"), "{}", ended.stderr);
}

#[test]
fn a_port_that_is_taken_is_named_and_nothing_is_announced() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let environment = [("GATEWAY_ADMIN__LISTEN", address.as_str())];
    let ended = run(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment, b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(
        ended.stderr.contains(&format!("cannot listen on {address}: the port is taken")),
        "{}",
        ended.stderr
    );
}
