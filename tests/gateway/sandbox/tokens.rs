//! Contract §2: who gets a token, and when a new one.

use std::time::Duration;

use approval_gateway::sandbox::{Options, Switches};
use serde_json::{Value, json};
use test_case::test_case;

use crate::sandbox::support::{INSTANCES, START, TOKEN, TestSandbox, instance};

const ID: &str = "cli_a5d1e7b3c9f2400e";
const SECRET: &str = "qH2vTz8WmK4rYx0LbN6sJd3PfGc7UeAi";

fn strict() -> TestSandbox {
    TestSandbox::of(Options { credentials: Some((ID.to_owned(), SECRET.to_owned())), ..Options::default() })
}

async fn grant(sandbox: &TestSandbox) -> (String, i64) {
    let json = sandbox.token_of(ID, SECRET).await.json();
    (json["tenant_access_token"].as_str().unwrap().to_owned(), json["expire"].as_i64().unwrap())
}

#[tokio::test]
async fn token_lives_two_hours_and_stands_at_the_top_level() {
    let reply = strict().token_of(ID, SECRET).await;
    let json = reply.json();
    assert_eq!(
        (reply.status, &json["code"], &json["msg"], &json["expire"]),
        (200, &json!(0), &json!("ok"), &json!(7200))
    );
    assert!(json["tenant_access_token"].as_str().unwrap().starts_with("t-"));
}

#[tokio::test]
async fn same_token_comes_back_with_the_rest_of_its_life_while_thirty_minutes_remain() {
    let sandbox = strict();
    let (first, _) = grant(&sandbox).await;
    sandbox.clock.advance(Duration::from_secs(5400));
    assert_eq!(grant(&sandbox).await, (first, 1800));
}

#[tokio::test]
async fn new_token_is_issued_below_thirty_minutes_and_both_work() {
    let sandbox = strict();
    let (first, _) = grant(&sandbox).await;
    sandbox.clock.advance(Duration::from_secs(5401));
    let (second, expire) = grant(&sandbox).await;
    assert_ne!(first, second);
    assert_eq!(expire, 7200);
    for token in [&first, &second] {
        assert_eq!(sandbox.ask_with(token, "POST", INSTANCES, instance()).await.code(), 0);
    }
}

#[tokio::test]
async fn expired_token_is_refused() {
    let sandbox = strict();
    let (token, _) = grant(&sandbox).await;
    sandbox.clock.advance(Duration::from_secs(7200));
    assert_eq!(sandbox.ask_with(&token, "POST", INSTANCES, instance()).await.outcome(), (400, 99991663));
}

#[test_case(json!({"app_id": ID, "app_secret": "no"}), 10014, "app secret invalid"; "wrong secret")]
#[test_case(json!({"app_id": "cli_other", "app_secret": SECRET}), 10014, "app id not exists"; "unknown app")]
#[test_case(json!({"app_id": "other", "app_secret": SECRET}), 10003, "invalid param"; "malformed app id")]
#[test_case(json!({"app_id": "", "app_secret": ""}), 10003, "invalid param"; "empty pair")]
#[test_case(json!({"app_id": ID}), 10003, "invalid param"; "no secret")]
#[test_case(json!([1]), 10003, "invalid param"; "no object")]
#[tokio::test]
async fn refused_credentials_come_with_http_200(body: Value, code: i64, msg: &str) {
    let reply = strict().call("POST", TOKEN, body).await;
    assert_eq!(reply.status, 200);
    assert_eq!((&reply.json()["code"], &reply.json()["msg"]), (&json!(code), &json!(msg)));
    assert_eq!(reply.json().get("error"), None);
}

#[tokio::test]
async fn trailing_slash_is_tolerated() {
    let reply = TestSandbox::new()
        .call("POST", &format!("{TOKEN}/"), json!({"app_id": "a", "app_secret": "b"}))
        .await;
    assert_eq!(reply.outcome(), (200, 0));
}

#[tokio::test]
async fn any_pair_is_accepted_when_none_is_set() {
    assert_eq!(TestSandbox::new().token_of("whatever", "secret").await.code(), 0);
}

#[tokio::test]
async fn revoked_token_is_refused_and_replaced() {
    let sandbox = strict();
    let (first, _) = grant(&sandbox).await;
    let revoked = sandbox.call("POST", "/sandbox/tokens/revoke", Value::Null).await.json();
    assert_eq!(revoked, json!({"revoked": 1}));
    assert_eq!(sandbox.ask_with(&first, "POST", INSTANCES, instance()).await.code(), 99991663);
    assert_ne!(grant(&sandbox).await.0, first);
}

#[tokio::test]
async fn sticky_dead_token_comes_back_again_and_again() {
    let sandbox = strict();
    sandbox.switch(json!({"sticky_dead_token": true})).await;
    let (first, _) = grant(&sandbox).await;
    sandbox.call("POST", "/sandbox/tokens/revoke", Value::Null).await;
    assert_eq!(grant(&sandbox).await.0, first);
}

#[tokio::test]
async fn token_life_is_a_switch() {
    let sandbox = TestSandbox::of(Options {
        switches: Switches { token_life_seconds: 2400, ..Switches::default() },
        ..Options::default()
    });
    assert_eq!(sandbox.token_of("a", "b").await.json()["expire"], 2400);
}

#[tokio::test]
async fn clock_of_the_control_api_ages_tokens() {
    let sandbox = strict();
    let (token, _) = grant(&sandbox).await;
    let now = sandbox.call("POST", "/sandbox/clock", json!({"advance_ms": 7_200_000})).await.json();
    assert_eq!(now, json!({"now": "2026-03-14T11:00:00.000Z"}));
    assert_eq!(sandbox.ask_with(&token, "POST", INSTANCES, instance()).await.code(), 99991663);
    assert_eq!(sandbox.clock.unix_millis(), START);
}
