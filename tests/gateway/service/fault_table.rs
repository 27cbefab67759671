//! What an answer of Feishu becomes for the caller, and how many calls it costs.

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use test_case::test_case;
use tokio::net::TcpListener;

use crate::harness::Gateway;
use crate::harness::documents::instance;

/// Less than the shortest pause before a slow retry, so that a code which deserves one is reported at once.
const NO_TIME_FOR_A_SLOW_RETRY: u64 = 950;

/// Pushes once with this fault on every push; the token is there already.
async fn push_against(fault: Value, millis: u64) -> (Gateway, crate::harness::Answer) {
    let gateway = Gateway::start().await;
    gateway.put("warm", "", &instance("warm")).await.ok();
    let Value::Object(mut members) = fault else { panic!("a fault is an object") };
    members.insert("api".to_owned(), json!("external_instances"));
    members.insert("times".to_owned(), json!(0));
    gateway.feishu.fault(Value::Object(members)).await;
    let answer = gateway.put_within(millis, "a", &instance("a")).await;
    (gateway, answer)
}

async fn outcome_of(fault: Value, millis: u64) -> String {
    let (gateway, answer) = push_against(fault, millis).await;
    let calls = gateway.feishu.count("external_instances").await - 1;
    let attempts = answer.body["upstream"]["attempts"].as_u64().unwrap();
    assert_eq!(attempts, calls, "{}", answer.body);
    format!("{}; {calls} call(s)", answer.problem())
}

#[test_case(json!({"code": 1390001}) => "422 upstream_rejected, rejected; 1 call(s)"; "param is invalid")]
#[test_case(
    json!({"code": 1390001, "http_status": 200})
    => "422 upstream_rejected, rejected; 1 call(s)";
    "a business error with HTTP 200"
)]
#[test_case(
    json!({"code": 1390001, "http_status": 500})
    => "422 upstream_rejected, rejected; 1 call(s)";
    "a business error with HTTP 500"
)]
#[test_case(json!({"code": 1390004}) => "422 upstream_rejected, rejected; 1 call(s)"; "user not found")]
#[test_case(json!({"code": 9499}) => "422 upstream_rejected, rejected; 1 call(s)"; "wrong JSON type")]
#[test_case(json!({"code": 99992402}) => "422 upstream_rejected, rejected; 1 call(s)"; "field validation")]
#[test_case(
    json!({"code": 99992361})
    => "422 upstream_rejected, rejected; 1 call(s)";
    "open_id of another app"
)]
#[test_case(
    json!({"code": 1390002})
    => "422 unknown_approval_code, rejected; 1 call(s)";
    "approval code not found"
)]
#[test_case(
    json!({"code": 1390016})
    => "422 unknown_approval_code, rejected; 1 call(s)";
    "definition deleted"
)]
#[test_case(
    json!({"code": 99991403})
    => "503 upstream_quota_exhausted, rejected; 1 call(s)";
    "quota used up"
)]
#[test_case(
    json!({"code": 99991672})
    => "502 upstream_permission_denied, rejected; 1 call(s)";
    "scope missing"
)]
#[test_case(
    json!({"code": 99991401})
    => "502 upstream_permission_denied, rejected; 1 call(s)";
    "address not allowed"
)]
#[test_case(json!({"code": 123456}) => "502 upstream_error, rejected; 1 call(s)"; "unknown code")]
#[test_case(
    json!({"code": 1390009, "http_status": 200})
    => "502 upstream_error, rejected; 1 call(s)";
    "no operation permission with HTTP 200"
)]
#[test_case(json!({"code": -1}) => "502 upstream_error, rejected; 1 call(s)"; "negative code")]
#[tokio::test]
async fn refusal(fault: Value) -> String {
    outcome_of(fault, 30_000).await
}

#[test_case(
    json!({"code": 1395001})
    => "503 upstream_unavailable, unknown, retryable; 1 call(s)";
    "try again later with HTTP 400"
)]
#[test_case(
    json!({"code": 1395001, "http_status": 200})
    => "503 upstream_unavailable, unknown, retryable; 1 call(s)";
    "try again later with HTTP 200"
)]
#[test_case(
    json!({"code": 65001})
    => "503 upstream_unavailable, unknown, retryable; 1 call(s)";
    "legacy internal error"
)]
#[test_case(
    json!({"code": 2200})
    => "503 upstream_unavailable, unknown, retryable; 1 call(s)";
    "internal error"
)]
#[test_case(json!({"code": 60014}) => "409 sync_conflict, rejected, retryable; 1 call(s)"; "update lock")]
#[test_case(
    json!({"code": 1390014, "msg": "Do not synchronize the same approval instance for a short period of time!"})
    => "409 sync_conflict, rejected, retryable; 1 call(s)";
    "too often"
)]
#[test_case(
    json!({"code": 1390014, "msg": "tenant_id not found"})
    => "502 upstream_misconfigured, rejected; 1 call(s)";
    "tenant not found"
)]
#[tokio::test]
async fn trouble_without_time_for_a_retry(fault: Value) -> String {
    outcome_of(fault, NO_TIME_FOR_A_SLOW_RETRY).await
}

#[test_case(
    json!({"http_status": 500})
    => "503 upstream_unavailable, unknown, retryable; 3 call(s)";
    "500 with a page"
)]
#[test_case(
    json!({"http_status": 503, "body_raw": ""})
    => "503 upstream_unavailable, unknown, retryable; 3 call(s)";
    "503 with nothing"
)]
#[test_case(
    json!({"http_status": 502, "code": 77})
    => "503 upstream_unavailable, unknown, retryable; 3 call(s)";
    "502 with an unknown code"
)]
#[test_case(
    json!({"close": "before_headers"})
    => "503 upstream_unavailable, unknown, retryable; 3 call(s)";
    "closed before the headers"
)]
#[test_case(
    json!({"close": "mid_body"})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "body cut off"
)]
#[test_case(
    json!({"http_status": 200})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "HTML with 200"
)]
#[test_case(
    json!({"http_status": 200, "body_raw": ""})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "nothing with 200"
)]
#[test_case(
    json!({"http_status": 200, "body_raw": "[]"})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "an array"
)]
#[test_case(
    json!({"http_status": 200, "body_raw": "{\"code\":\"0\"}"})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "a code that is a string"
)]
#[test_case(
    json!({"code": 0, "data": "x"})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "data of a wrong type"
)]
#[test_case(
    json!({"code": 0, "http_status": 400})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "success with HTTP 400"
)]
#[test_case(
    json!({"content_type": "text/html"})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "a success labelled as a page"
)]
#[test_case(
    json!({"http_status": 404, "body_raw": "404 page not found"})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "unknown path"
)]
#[test_case(
    json!({"http_status": 307, "headers": {"location": "http://127.0.0.1:9/"}})
    => "502 upstream_protocol_error, unknown, retryable; 1 call(s)";
    "redirect"
)]
#[tokio::test]
async fn broken_answer(fault: Value) -> String {
    outcome_of(fault, 30_000).await
}

#[test_case(429, json!({"x-ogw-ratelimit-reset": "100"}) => (100, 1); "with HTTP 429")]
#[test_case(400, json!({"x-ogw-ratelimit-reset": "100"}) => (100, 1); "with HTTP 400")]
#[test_case(429, json!({"x-ogw-ratelimit-reset": "1e9"}) => (120, 1); "with an absurd reset")]
#[test_case(200, json!({"x-ogw-ratelimit-reset": "60.2"}) => (61, 1); "with HTTP 200 and a fraction")]
#[tokio::test]
async fn rate_limit_that_outlasts_the_deadline(http_status: u16, headers: Value) -> (u64, u64) {
    let fault = json!({"code": 99991400, "http_status": http_status, "headers": headers});
    let (gateway, answer) = push_against(fault, 30_000).await;
    assert_eq!(answer.problem(), "429 upstream_rate_limited, rejected, retryable");
    (answer.retry_after().unwrap(), gateway.feishu.count("external_instances").await - 1)
}

#[tokio::test]
async fn rate_limit_without_a_reset_is_waited_for_until_the_deadline() {
    let (gateway, answer) = push_against(json!({"code": 99991400}), 700).await;
    assert_eq!(answer.problem(), "429 upstream_rate_limited, rejected, retryable");
    assert!((1..=2).contains(&(gateway.feishu.count("external_instances").await - 1)));
}

#[test_case(
    json!({"http_status": 429, "headers": {"x-ogw-ratelimit-reset": "100"}})
    => Some(100);
    "with a reset"
)]
#[tokio::test]
async fn rate_limit_of_a_proxy_in_its_own_words(fault: Value) -> Option<u64> {
    let (_, answer) = push_against(fault, 30_000).await;
    assert_eq!(answer.problem(), "429 upstream_rate_limited, rejected, retryable");
    answer.retry_after()
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_its_target_never_sees_the_token() {
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location =
        format!("http://{}/open-apis/approval/v4/external_instances", target.local_addr().unwrap());
    for status in [301, 302, 303, 307, 308] {
        let fault = json!({"http_status": status, "headers": {"location": location}});
        let (_, answer) = push_against(fault, 30_000).await;
        assert_eq!(answer.problem(), "502 upstream_protocol_error, unknown, retryable");
    }
    assert!(target.accept().now_or_never().is_none(), "somebody connected to the redirect's target");
}
