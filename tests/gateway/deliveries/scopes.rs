//! Intervening needs a scope of its own.

use serde_json::json;
use test_case::test_case;

use super::of;
use crate::durable::support::Kept;
use crate::harness::documents::instance;

#[test_case("" => json!({"name": "k", "app": "default", "scopes": ["read", "write"]}); "a key that says nothing")]
#[test_case("scope=operate" => json!({"name": "k", "app": "default", "scopes": ["operate"]}); "a key for one thing")]
#[tokio::test]
async fn a_key_can_be_asked_what_it_may_do(options: &str) -> serde_json::Value {
    let kept = Kept::with(|builder| builder.key("k", options)).await;
    assert_eq!(kept.gateway.get("/v1/caller").await.status, 401);
    kept.gateway.with_key("k").get("/v1/caller").await.ok()
}

#[tokio::test]
async fn where_nobody_needs_a_key_nobody_is_named() {
    let caller = Kept::start().await.gateway.get("/v1/caller").await.ok();
    assert_eq!(caller, json!({"app": "default", "scopes": ["read", "write", "operate"]}));
}

#[test_case("" => [403, 403]; "what a key has that says nothing")]
#[test_case("scope=read,write" => [403, 403]; "reading and writing")]
#[test_case("scope=operate" => [200, 204]; "operating alone")]
#[tokio::test]
async fn retrying_and_forgetting_need_the_scope_operate(options: &str) -> [u16; 2] {
    let kept = Kept::with(|builder| builder.key("k", options).set("AUTH__ALLOW_ANONYMOUS", true)).await;
    kept.gateway.put("a", "", &instance("a")).await.ok();
    let gateway = kept.gateway.with_key("k");
    let retried = gateway.post("/v1/deliveries/retry", &json!({"state": ["refused"]})).await;
    let forgotten = gateway.send("DELETE", &of("a", "document"), &json!(null)).await;
    if retried.status == 403 {
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"operate\"";
        assert_eq!(retried.header("www-authenticate"), Some(challenge));
    }
    [retried.status, forgotten.status]
}
