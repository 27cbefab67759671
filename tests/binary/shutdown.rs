//! SIGTERM: nothing new is taken, everything accepted is finished.

use serde_json::{Value, json};

use crate::documents::instance;
use crate::process::{Running, answer};
use crate::stand_in::StandIn;

const GRACE_WAS_USED_UP: &str = "at the end of the grace period";

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_gateway_ends_at_once_and_with_success() {
    let stand_in = StandIn::start().await;
    let gateway = Running::start(&["serve"], &stand_in.environment());
    // Leaves an idle connection behind.
    gateway.put("a", "", &instance("a")).await;
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains(GRACE_WAS_USED_UP), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_answered_before_the_end() {
    let stand_in = StandIn::start().await;
    stand_in.fault(json!({"api": "external_instances", "delay_ms": 700})).await;
    let gateway = Running::start(&["serve"], &stand_in.environment());
    let request = gateway.request("PUT", "/v1/instances/a", &instance("a"));
    let push = tokio::spawn(answer(request));
    stand_in.until_called("external_instances", 1).await;
    let ended = gateway.stop().await;
    let (status, receipt) = push.await.unwrap();
    assert_eq!(status, 200, "{receipt}");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains(GRACE_WAS_USED_UP), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_of_the_same_process_lives_until_the_last_push_is_answered() {
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
    let stand_in = StandIn::start().await;
    stand_in.fault(json!({"api": "external_instances", "delay_ms": 700})).await;
    let gateway = Running::start(&["serve"], &stand_in.environment());
    let request = gateway.request("PUT", "/v1/instances/a", &instance("a"));
    let push = tokio::spawn(answer(request));
    stand_in.until_called("external_instances", 1).await;
    push.abort();
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(stand_in.control("GET", "instances/a", Value::Null).await.0, 200, "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_gateway_that_still_waits() {
    let stand_in = StandIn::start().await;
    stand_in.fault(json!({"api": "external_instances", "hang": true, "times": 0})).await;
    let mut environment = stand_in.environment();
    environment.push(("GATEWAY_REQUEST__DEADLINE_MS", "600000"));
    let gateway = Running::start(&["serve"], &environment);
    let push = tokio::spawn(gateway.request("PUT", "/v1/instances/a", &instance("a")).send());
    stand_in.until_called("external_instances", 1).await;
    gateway.terminate();
    // Taken one after another only when the first has been seen: the listener is closed by then.
    while tokio::net::TcpStream::connect(("127.0.0.1", gateway.port())).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let ended = gateway.stop().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("a second signal ends at once"),
        "the last lines were lost: {}",
        ended.stderr
    );
    assert!(push.await.unwrap().is_err());
}
