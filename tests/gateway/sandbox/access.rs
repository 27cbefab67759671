//! Routing, tokens, scopes and rates: what is refused before a body is read (contract §11, §13).

use std::time::Duration;

use approval_gateway::sandbox::{SEEDED_APPROVAL_CODE, Switches};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use test_case::test_case;

use crate::sandbox::support::{CHECK, DEFINITIONS, INSTANCES, TASKS, TOKEN, TestSandbox, instance};

#[tokio::test]
async fn unknown_path_is_plain_text() {
    let reply =
        TestSandbox::new().call("GET", "/open-apis/approval/v4/external_approval_list", Value::Null).await;
    assert_eq!((reply.status, reply.text.as_str()), (404, "404 page not found"));
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[test_case("GET", TOKEN)]
#[test_case("PUT", INSTANCES)]
#[test_case("POST", TASKS)]
#[tokio::test]
async fn other_method_is_refused_in_json(method: &str, path: &str) {
    assert_eq!(TestSandbox::new().ask(method, path, Value::Null).await.outcome(), (400, 99991301));
}

#[tokio::test]
async fn every_answer_carries_ids_and_the_json_media_type() {
    let sandbox = TestSandbox::new();
    let reply = sandbox.ask("POST", CHECK, json!({"instances": []})).await;
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(reply.header("x-request-id").unwrap().len(), 32);
    assert!(reply.header("x-tt-logid").unwrap().starts_with("20260314090000"));
}

#[tokio::test]
async fn log_id_of_the_body_is_that_of_the_header() {
    let reply = TestSandbox::new().call("POST", INSTANCES, instance()).await;
    let json = reply.json();
    assert_eq!(json["error"]["log_id"].as_str(), reply.header("x-tt-logid"));
    assert!(json["error"]["troubleshooter"].as_str().unwrap().contains("code=99991661"));
}

#[test_case(None, 99991661; "no header")]
#[test_case(Some("Bearer "), 99991661; "empty token")]
#[test_case(Some("Basic abc"), 99991661; "other scheme")]
#[test_case(Some("Bearer abcdef"), 99991671; "no prefix")]
#[test_case(Some("Bearer é"), 99991661; "not ascii")]
#[test_case(Some("Bearer t-unknown"), 99991663; "unknown token")]
#[test_case(Some("Bearer u-user"), 99991668; "user token")]
#[tokio::test]
async fn bad_token_is_refused_with_its_own_code(authorization: Option<&str>, code: i64) {
    let sandbox = TestSandbox::new();
    let mut request = Request::builder().uri(format!("{DEFINITIONS}/X"));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    assert_eq!(sandbox.send(request.body(Body::empty()).unwrap()).await.outcome(), (400, code));
}

#[tokio::test]
async fn status_of_refused_tokens_is_a_switch() {
    let sandbox = TestSandbox::with(Switches { auth_failure_http_status: 200, ..Switches::default() });
    assert_eq!(sandbox.call("POST", INSTANCES, instance()).await.outcome(), (200, 99991661));
}

#[tokio::test]
async fn missing_scope_names_those_that_would_do() {
    let sandbox = TestSandbox::with(Switches {
        granted_scopes: Some(vec!["approval:external_task".to_owned()]),
        ..Switches::default()
    });
    let reply = sandbox.ask("POST", INSTANCES, instance()).await;
    assert_eq!(reply.outcome(), (400, 99991672));
    let error = &reply.json()["error"];
    assert_eq!(
        error["permission_violations"],
        json!([
            {"type": "action_scope_required", "subject": "approval:approval"},
            {"type": "action_scope_required", "subject": "approval:external_instance"}
        ])
    );
    assert!(
        error["helps"][0]["url"].as_str().unwrap().contains("approval:approval,approval:external_instance")
    );
    assert_eq!(sandbox.ask("GET", TASKS, json!({"instance_ids": ["x"]})).await.code(), 0);
}

async fn check_nothing(sandbox: &TestSandbox, token: &str) -> crate::sandbox::support::Reply {
    sandbox.ask_with(token, "POST", CHECK, json!({"instances": []})).await
}

#[tokio::test]
async fn fifty_first_call_of_a_second_is_refused_with_both_headers() {
    let sandbox = TestSandbox::new();
    let token = sandbox.token().await;
    for _ in 0..50 {
        assert_eq!(check_nothing(&sandbox, &token).await.code(), 0);
    }
    let refused = check_nothing(&sandbox, &token).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json(), json!({"code": 99991400, "msg": "request trigger frequency limit"}));
    assert_eq!(refused.header("x-ogw-ratelimit-limit"), Some("50"));
    assert_eq!(refused.header("x-ogw-ratelimit-reset"), Some("1"));
    sandbox.clock.advance(Duration::from_secs(1));
    assert_eq!(check_nothing(&sandbox, &token).await.code(), 0);
}

#[tokio::test]
async fn minute_limit_counts_across_seconds() {
    let sandbox = TestSandbox::with(Switches { per_second: 0, per_minute: 3, ..Switches::default() });
    let token = sandbox.token().await;
    for _ in 0..3 {
        assert_eq!(check_nothing(&sandbox, &token).await.code(), 0);
        sandbox.clock.advance(Duration::from_secs(1));
    }
    let refused = check_nothing(&sandbox, &token).await;
    assert_eq!(refused.code(), 99991400);
    assert_eq!(refused.header("x-ogw-ratelimit-limit"), Some("3"));
    assert_eq!(refused.header("x-ogw-ratelimit-reset"), Some("17"));
    sandbox.clock.advance(Duration::from_secs(17));
    assert_eq!(check_nothing(&sandbox, &token).await.code(), 0);
}

#[tokio::test]
async fn limit_that_is_switched_on_starts_without_a_history() {
    let sandbox = TestSandbox::with(Switches { per_second: 0, per_minute: 0, ..Switches::default() });
    let token = sandbox.token().await;
    for _ in 0..100 {
        check_nothing(&sandbox, &token).await;
    }
    sandbox.switch(json!({"per_second": 1})).await;
    assert_eq!(check_nothing(&sandbox, &token).await.code(), 0);
    assert_eq!(check_nothing(&sandbox, &token).await.code(), 99991400);
}

#[tokio::test]
async fn limits_of_other_operations_and_apps_are_untouched() {
    let sandbox = TestSandbox::with(Switches { per_second: 1, ..Switches::default() });
    let (one, other) = (sandbox.token().await, sandbox.token_of("cli_other", "s").await);
    let other = other.json()["tenant_access_token"].as_str().unwrap().to_owned();
    assert_eq!(check_nothing(&sandbox, &one).await.code(), 0);
    assert_eq!(check_nothing(&sandbox, &one).await.code(), 99991400);
    assert_eq!(check_nothing(&sandbox, &other).await.code(), 0);
    let definition = format!("{DEFINITIONS}/{SEEDED_APPROVAL_CODE}");
    assert_eq!(sandbox.ask_with(&one, "GET", &definition, Value::Null).await.code(), 0);
}

#[tokio::test]
async fn legacy_rate_limit_is_a_400() {
    let sandbox =
        TestSandbox::with(Switches { per_second: 1, legacy_rate_limit: true, ..Switches::default() });
    let token = sandbox.token().await;
    check_nothing(&sandbox, &token).await;
    assert_eq!(check_nothing(&sandbox, &token).await.outcome(), (400, 99991400));
}

#[tokio::test]
async fn token_is_looked_at_before_the_body() {
    let reply = TestSandbox::new().call("POST", INSTANCES, json!({"nothing": "right"})).await;
    assert_eq!(reply.code(), 99991661);
}

#[tokio::test]
async fn rate_is_counted_before_the_body_is_read() {
    let sandbox = TestSandbox::with(Switches { per_second: 1, ..Switches::default() });
    let token = sandbox.token().await;
    assert_eq!(sandbox.ask_with(&token, "POST", CHECK, json!({})).await.code(), 99992402);
    assert_eq!(check_nothing(&sandbox, &token).await.code(), 99991400);
}
