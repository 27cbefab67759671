//! SIGTERM: nothing new is taken, everything accepted is finished.

use serde_json::{Value, json};

use crate::binary::documents::instance;
use crate::feishu::FOR_EVER;
use crate::process::{Running, answer, environment, start_feishu};

const GRACE_WAS_USED_UP: &str = "at the end of the grace period";

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_gateway_ends_at_once_and_with_success() {
    let feishu = start_feishu().await;
    let gateway = Running::start(&["serve"], &environment(&feishu));
    // Leaves an idle connection behind.
    gateway.put("a", "", &instance("a")).await;
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains(GRACE_WAS_USED_UP), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_answered_before_the_end() {
    let feishu = start_feishu().await;
    feishu.fault(json!({"api": "external_instances", "delay_ms": 700})).await;
    let gateway = Running::start(&["serve"], &environment(&feishu));
    let request = gateway.request("PUT", "/v1/instances/a", &instance("a"));
    let push = tokio::spawn(answer(request));
    feishu.until_called("external_instances", 1).await;
    let ended = gateway.stop().await;
    let (status, receipt) = push.await.unwrap();
    assert_eq!(status, 200, "{receipt}");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains(GRACE_WAS_USED_UP), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_of_the_same_process_lives_until_the_last_push_is_answered() {
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    let fault = json!({"api": "external_instances", "delay_ms": 700});
    assert_eq!(answer(gateway.request("POST", "/sandbox/faults", &fault)).await.0, 200);
    let push = tokio::spawn(answer(gateway.request("PUT", "/v1/instances/a", &instance("a"))));
    while gateway.get("/sandbox/counts").await.1["external_instances"] != 1 {
        tokio::task::yield_now().await;
    }
    let ended = gateway.stop().await;
    assert_eq!((push.await.unwrap().0, ended.code), (200, Some(0)), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_whose_caller_went_away_is_finished_before_the_end() {
    let feishu = start_feishu().await;
    feishu.fault(json!({"api": "external_instances", "delay_ms": 700})).await;
    let gateway = Running::start(&["serve"], &environment(&feishu));
    let request = gateway.request("PUT", "/v1/instances/a", &instance("a"));
    let push = tokio::spawn(answer(request));
    feishu.until_called("external_instances", 1).await;
    push.abort();
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(feishu.control("GET", "instances/a", Value::Null).await.0, 200, "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_may_be_applied_late_is_settled_before_the_end() {
    let feishu = start_feishu().await;
    let gateway = Running::start(&["serve"], &environment(&feishu));
    gateway.put("warm", "", &instance("warm")).await;
    feishu.fault(json!({"api": "external_instances", "delay_ms": 1_500})).await;
    let request = gateway.request("PUT", "/v1/instances/a", &instance("a"));
    let (status, problem) = answer(request.header("x-request-timeout-ms", "500")).await;
    assert_eq!((status, &problem["outcome"]), (504, &json!("unknown")), "{problem}");
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(feishu.count("check").await, 1, "nobody asked what became of it: {}", ended.stderr);
    assert!(!ended.stderr.contains(GRACE_WAS_USED_UP), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_gateway_that_still_waits() {
    let feishu = start_feishu().await;
    feishu.fault(json!({"api": "external_instances", "hang": true, "times": 0})).await;
    let mut environment = environment(&feishu);
    environment.push(("GATEWAY_REQUEST__DEADLINE_MS", "600000"));
    let gateway = Running::start(&["serve"], &environment);
    let push = tokio::spawn(gateway.request("PUT", "/v1/instances/a", &instance("a")).send());
    feishu.until_called("external_instances", 1).await;
    gateway.terminate();
    // Taken one after another only when the first has been seen: the listener is closed by then.
    let closing = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", gateway.port())).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(FOR_EVER, closing).await.unwrap();
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("a second signal ends at once"),
        "the last lines were lost: {}",
        ended.stderr
    );
    assert!(push.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_in_flight_are_all_answered_before_the_end() {
    let feishu = start_feishu().await;
    feishu.fault(json!({"api": "external_instances", "delay_ms": 700, "times": 0})).await;
    let mut environment = environment(&feishu);
    environment
        .extend([("GATEWAY_FEISHU__RATE__PER_SECOND", "0"), ("GATEWAY_FEISHU__RATE__PER_MINUTE", "0")]);
    feishu.switch(json!({"per_second": 0, "per_minute": 0})).await;
    let gateway = Running::start(&["serve"], &environment);
    let ids: Vec<_> = (0..50).map(|n| format!("many-{n}")).collect();
    let request = |id: &String| gateway.request("PUT", &format!("/v1/instances/{id}"), &instance(id));
    let pushes: Vec<_> = ids.iter().map(|id| tokio::spawn(answer(request(id)))).collect();
    feishu.until_called("external_instances", 50).await;
    let ended = gateway.stop().await;
    for push in pushes {
        let (status, receipt) = push.await.unwrap();
        assert_eq!(status, 200, "{receipt}");
    }
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains(GRACE_WAS_USED_UP), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_not_ready_any_more_serves_until_its_delay_is_over() {
    let feishu = start_feishu().await;
    let mut environment = environment(&feishu);
    environment.push(("GATEWAY_SERVER__DRAIN_DELAY_MS", "600000"));
    let gateway = Running::start(&["serve"], &environment);
    gateway.terminate();
    tokio::time::timeout(FOR_EVER, async { while gateway.get("/readyz").await.0 == 200 {} }).await.unwrap();
    let (status, problem) = gateway.get("/readyz").await;
    assert_eq!((status, &problem["code"]), (503, &json!("draining")));
    assert_eq!(gateway.put("a", "", &instance("a")).await.0, 200);
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(130), "the second signal: {}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_cannot_be_read_to_its_end_does_not_keep_a_gateway_from_stopping() {
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys");
    std::fs::write(&keys, format!("erp {}\n", "0".repeat(64))).unwrap();
    let environment = [("GATEWAY_AUTH__KEYS_FILE", keys.to_str().unwrap())];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    // Whoever opens a pipe that nobody writes into waits, as on a mount that is gone.
    std::fs::remove_file(&keys).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&keys).status().unwrap().success());
    gateway.hang_up();
    gateway.until_logged("SIGHUP: reading files again").await;
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_cannot_be_written_does_not_keep_a_gateway_from_serving_and_stopping() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::process::{Command, Stdio};

    // Every write to this device fails, as on a full disk.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut gateway = Command::new(env!("CARGO_BIN_EXE_approval-gateway"))
        .args(["serve", "--sandbox", "--listen", "127.0.0.1:0"])
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(full)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(gateway.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap();
    let mut caller = std::net::TcpStream::connect(address).unwrap();
    caller.write_all(b"GET /livez HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(Command::new("kill").arg(gateway.id().to_string()).status().unwrap().success());
    assert_eq!(gateway.wait().unwrap().code(), Some(0));
}
