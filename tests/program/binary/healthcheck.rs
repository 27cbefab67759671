//! `healthcheck`, by hand and as the container image calls it.

use crate::process::{Running, run};

/// The arguments behind `HEALTHCHECK … CMD` in the Dockerfile.
fn arguments_of_the_image() -> Vec<String> {
    let dockerfile = include_str!("../../../Dockerfile");
    let (_, check) = dockerfile.split_once("\nHEALTHCHECK ").unwrap();
    let (_, command) = check.split_once("CMD ").unwrap();
    let mut command: Vec<String> = serde_json::from_str(command.lines().next().unwrap()).unwrap();
    assert!(command.remove(0).ends_with("/approval-gateway"));
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_images_own_check_finds_a_gateway_that_listens_on_every_address() {
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    let listen = format!("0.0.0.0:{}", gateway.port());
    let arguments = arguments_of_the_image();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let ended = run(&arguments, &[("GATEWAY_LISTEN", &listen)], b"");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_the_servers_environment_needs_no_readable_secrets() {
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    let url = format!("{}/readyz", gateway.origin);
    let environment =
        [("GATEWAY_AUTH__KEYS_FILE", "/nowhere"), ("GATEWAY_FEISHU__APP_SECRET_FILE", "/nowhere")];
    assert_eq!(run(&["healthcheck", "--url", &url], &environment, b"").code, Some(0));
}

#[test]
fn no_gateway_is_not_healthy() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let ended = run(&["healthcheck"], &[("GATEWAY_LISTEN", &listen)], b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.starts_with("approval-gateway: "), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_answer_than_success_is_not_healthy() {
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    let url = format!("{}/nothing", gateway.origin);
    let ended = run(&["healthcheck", "--url", &url], &[], b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("answered 404"), "{}", ended.stderr);
    assert_eq!(gateway.get("/readyz").await.0, 200);
}
