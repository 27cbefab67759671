//! Faults on demand, over real connections where the connection itself is at fault.

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::{client, until};
use crate::sandbox::support::{CHECK, INSTANCES, TestSandbox, instance};

async fn check(sandbox: &TestSandbox) -> crate::sandbox::support::Reply {
    sandbox.ask("POST", CHECK, json!({"instances": []})).await
}

/// A push by a client that is told how its connection fails.
async fn pushing(sandbox: &TestSandbox) -> reqwest::RequestBuilder {
    let (origin, token) = (&sandbox.served().await.origin, sandbox.token().await);
    client().post(format!("{origin}{INSTANCES}")).bearer_auth(token).body(instance().to_string())
}

#[tokio::test]
async fn fault_hits_once_by_default() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "check", "code": 1395001, "msg": "busy"})).await;
    let hit = check(&sandbox).await;
    assert_eq!((hit.outcome(), &hit.json()["msg"]), ((400, 1395001), &json!("busy")));
    assert_eq!(hit.json()["error"]["log_id"].as_str(), hit.header("x-tt-logid"));
    assert_eq!(check(&sandbox).await.code(), 0);
}

#[tokio::test]
async fn times_and_skip_are_counted() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "check", "code": 1395001, "times": 2, "skip": 1})).await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(check(&sandbox).await.code());
    }
    assert_eq!(codes, [0, 1395001, 1395001, 0]);
}

#[tokio::test]
async fn zero_times_lasts_until_removed() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "check", "code": 1395001, "times": 0})).await;
    for _ in 0..3 {
        assert_eq!(check(&sandbox).await.code(), 1395001);
    }
    assert_eq!(sandbox.call("DELETE", "/sandbox/faults", Value::Null).await.status, 204);
    assert_eq!(check(&sandbox).await.code(), 0);
}

#[tokio::test]
async fn fault_of_one_operation_spares_others() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "external_instances", "code": 1395001})).await;
    assert_eq!(check(&sandbox).await.code(), 0);
    assert_eq!(sandbox.ask("POST", INSTANCES, instance()).await.code(), 1395001);
}

#[tokio::test]
async fn any_hits_the_token_endpoint_too() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"code": 10014, "http_status": 200, "msg": "app secret invalid"})).await;
    assert_eq!(sandbox.token_of("a", "b").await.outcome(), (200, 10014));
}

#[tokio::test]
async fn rate_limit_fault_is_a_429_with_the_given_headers_and_no_error_object() {
    let sandbox = TestSandbox::new();
    let headers = json!({"x-ogw-ratelimit-reset": "3"});
    sandbox.fault(json!({"api": "check", "code": 99991400, "msg": "slow down", "headers": headers})).await;
    let hit = check(&sandbox).await;
    assert_eq!((hit.status, hit.json()), (429, json!({"code": 99991400, "msg": "slow down"})));
    assert_eq!(hit.header("x-ogw-ratelimit-reset"), Some("3"));
}

#[tokio::test]
async fn bare_status_is_a_page_without_json() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "check", "http_status": 504})).await;
    let hit = check(&sandbox).await;
    assert_eq!((hit.status, hit.header("content-type")), (504, Some("text/html")));
    assert!(hit.text.starts_with("<html>"));
}

#[tokio::test]
async fn raw_body_and_media_type_are_sent_as_they_are() {
    let sandbox = TestSandbox::new();
    sandbox
        .fault(
            json!({"api": "check", "http_status": 200, "body_raw": "<p>hello", "content_type": "text/html"}),
        )
        .await;
    let hit = check(&sandbox).await;
    assert_eq!(
        (hit.status, hit.text.as_str(), hit.header("content-type")),
        (200, "<p>hello", Some("text/html"))
    );
}

#[tokio::test]
async fn error_object_is_the_given_one() {
    let sandbox = TestSandbox::new();
    let error = json!({"field_violations": [{"field": "a", "value": "", "description": "b"}]});
    sandbox.fault(json!({"api": "check", "code": 99992402, "error": error})).await;
    assert_eq!(check(&sandbox).await.json()["error"], error);
}

#[test_case(true, 200; "applied")]
#[test_case(false, 404; "not applied")]
#[tokio::test]
async fn faulted_call_takes_effect_only_when_asked_to(apply: bool, status: u16) {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "external_instances", "http_status": 503, "apply": apply})).await;
    assert_eq!(sandbox.ask("POST", INSTANCES, instance()).await.status, 503);
    assert_eq!(sandbox.call("GET", "/sandbox/instances/oa-417", Value::Null).await.status, status);
}

#[tokio::test]
async fn mere_delay_leaves_the_real_answer() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "external_instances", "delay_ms": 1})).await;
    assert_eq!(sandbox.ask("POST", INSTANCES, instance()).await.code(), 0);
}

#[tokio::test]
async fn connection_is_cut_before_the_headers() {
    let sandbox = TestSandbox::new();
    let pushing = pushing(&sandbox).await;
    sandbox.fault(json!({"api": "external_instances", "close": "before_headers"})).await;
    let error = pushing.send().await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert_eq!(sandbox.call("GET", "/sandbox/instances/oa-417", Value::Null).await.status, 404);
    let record = sandbox.look("requests?api=external_instances").await["requests"][0].clone();
    assert_eq!(
        (&record["faulted"], record.get("http_status"), record.get("code")),
        (&json!(true), None, None)
    );
}

#[tokio::test]
async fn connection_is_cut_in_the_middle_of_the_body() {
    let sandbox = TestSandbox::new();
    let pushing = pushing(&sandbox).await;
    sandbox.fault(json!({"api": "external_instances", "close": "mid_body"})).await;
    let error = pushing.send().await.unwrap().text().await.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(sandbox.stored("oa-417").await["status"], "PENDING");
}

#[tokio::test]
async fn hanging_call_ends_without_an_answer_when_faults_are_cleared() {
    let sandbox = TestSandbox::new();
    let pushing = pushing(&sandbox).await;
    sandbox.fault(json!({"api": "external_instances", "hang": true, "apply": true})).await;
    let call = tokio::spawn(pushing.send());
    let feishu = sandbox.served().await;
    until(|| feishu.is_stored("oa-417")).await;
    until(|| async {
        feishu.clear_faults().await;
        call.is_finished()
    })
    .await;
    assert!(call.await.unwrap().unwrap_err().is_request());
}

#[tokio::test]
async fn sandbox_that_is_down_answers_nobody_until_it_is_up_again() {
    let sandbox = TestSandbox::new();
    let pushing = pushing(&sandbox).await;
    let again = || pushing.try_clone().unwrap().send();
    sandbox.fault(json!({"api": "external_instances", "code": 1395001})).await;
    sandbox.fault(json!({"down": true})).await;
    for _ in 0..3 {
        assert!(again().await.unwrap_err().is_request());
    }
    let origin = sandbox.served().await.origin.clone();
    assert!(client().get(format!("{origin}/nothing")).send().await.unwrap_err().is_request());
    assert_eq!(sandbox.call("GET", "/sandbox/instances/oa-417", Value::Null).await.status, 404);
    assert_eq!(sandbox.call("DELETE", "/sandbox/faults", Value::Null).await.status, 204);
    assert_eq!(again().await.unwrap().status(), 200);
    assert_eq!(sandbox.stored("oa-417").await["status"], "PENDING");
}

#[tokio::test]
async fn call_that_waits_is_cut_when_the_sandbox_goes_down() {
    let sandbox = TestSandbox::new();
    let pushing = pushing(&sandbox).await;
    sandbox.fault(json!({"api": "external_instances", "hang": true})).await;
    let call = tokio::spawn(pushing.send());
    sandbox.served().await.until_called("external_instances", 1).await;
    sandbox.fault(json!({"down": true})).await;
    assert!(call.await.unwrap().unwrap_err().is_request());
}

#[tokio::test]
async fn one_operation_can_be_down() {
    let sandbox = TestSandbox::new();
    let pushing = pushing(&sandbox).await;
    sandbox.fault(json!({"api": "external_instances", "down": true, "times": 1})).await;
    assert_eq!(check(&sandbox).await.code(), 0);
    assert!(pushing.try_clone().unwrap().send().await.unwrap_err().is_request());
    assert_eq!(pushing.send().await.unwrap().status(), 200);
}

#[test_case(json!({"down": true, "apply": true}), "nobody applies"; "down and applied")]
#[test_case(json!({"api": "check"}), "the fault does nothing"; "no effect")]
#[test_case(json!({"api": "chek", "code": 1}), "api must be \"any\" or one of: token, "; "unknown operation")]
#[test_case(json!({"codee": 1}), "unknown field `codee`"; "unknown member")]
#[test_case(json!({"http_status": 99}), "http_status must be between"; "impossible status")]
#[test_case(json!({"headers": {"a b": "c"}}), "is not a header"; "impossible header")]
#[tokio::test]
async fn useless_fault_is_refused_with_a_reason(fault: Value, reason: &str) {
    let reply = TestSandbox::new().call("POST", "/sandbox/faults", fault).await;
    assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/problem+json")));
    assert!(reply.json()["detail"].as_str().unwrap().contains(reason), "{}", reply.text);
}

#[tokio::test]
async fn waiting_faults_are_listed() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "check", "delay_ms": 5, "times": 3})).await;
    let listed = sandbox.look("faults").await;
    assert_eq!(listed["faults"][0]["api"], "check");
    assert_eq!(listed["faults"][0]["times"], 3);
}
