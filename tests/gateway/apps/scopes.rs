//! What a key may do is what its scopes say.

use std::sync::Arc;

use approval_gateway::http::openapi::{Version, value};
use approval_gateway::ledger::memory::MemoryLedger;
use approval_gateway::support::clock::Clock;
use serde_json::{Value, json};
use test_case::test_case;

use crate::apps::{builder, two_apps};
use crate::harness::START;

/// Method and path of every operation that needs a key, with something in place of the path's parameters.
fn operations() -> Vec<(String, String)> {
    let document = value(Version::V3_1);
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let needs_key = operation["security"].as_array().is_none_or(|security| !security.is_empty());
            if method != "parameters" && path.starts_with("/v1/") && needs_key {
                let segments = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
                found.push((method.to_uppercase(), segments.collect::<Vec<_>>().join("/")));
            }
        }
    }
    found
}

#[tokio::test]
async fn every_operation_needs_exactly_one_scope() {
    // With a ledger, or what needs one would be refused for that.
    let ledger = Arc::new(MemoryLedger::new(Clock::manual(START)));
    let gateway = builder().ledger(ledger).start().await;
    let mut others = Vec::new();
    let operations = operations();
    for (method, path) in &operations {
        // A body that is refused, if the scope is not: nothing is sent to anybody.
        let mut allowed = Vec::new();
        for key in ["k-read", "k-write", "k-operate"] {
            let answer = gateway.with_key(key).send(method, &format!("{path}?unknown=1"), &json!([])).await;
            if answer.code() == "forbidden" {
                continue;
            }
            // An import takes no JSON, and says so before it looks at anything else.
            let refusal = if (method.as_str(), path.as_str()) == ("POST", "/v1/imports") { 415 } else { 422 };
            assert_eq!(answer.status, refusal, "{method} {path}: {answer:?}");
            allowed.push(key);
        }
        if path == "/v1/caller" {
            assert_eq!(allowed.len(), 3, "whoever has a key may ask what it may do");
            continue;
        }
        assert_eq!(allowed.len(), 1, "{method} {path} is open to {allowed:?}");
        if allowed != ["k-read"] {
            others.push(format!("{method} {path}: {}", allowed[0]));
        }
    }
    assert!(operations.len() >= 28, "{operations:?}");
    others.sort();
    let expected = [
        "DELETE /v1/instances/x/document: k-operate",
        "PATCH /v1/definitions/x: k-write",
        "PATCH /v1/imports/x: k-write",
        "PATCH /v1/instances/x: k-write",
        "PATCH /v1/messages/x: k-write",
        "POST /v1/definitions: k-write",
        "POST /v1/deliveries/retry: k-operate",
        "POST /v1/events/retry: k-operate",
        "POST /v1/imports: k-write",
        "POST /v1/instances/x/delivery/check: k-operate",
        "POST /v1/messages: k-write",
        "PUT /v1/instances/x: k-write",
    ];
    assert_eq!(others, expected);
    assert_eq!(gateway.feishu.count("token").await, 0);
}

#[test_case("k-read", "PUT", "/v1/instances/a", "write"; "pushing without write")]
#[test_case("k-write", "POST", "/v1/deliveries/retry", "operate"; "retrying without operate")]
#[test_case("k-write", "GET", "/v1/instances/a", "read"; "reading without read")]
#[tokio::test]
async fn the_missing_scope_is_named(key: &str, method: &str, path: &str, needed: &str) {
    let gateway = two_apps().await;
    let answer = gateway.with_key(key).send(method, path, &Value::Null).await;
    assert_eq!((answer.status, answer.code()), (403, "forbidden"));
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"");
    assert_eq!(answer.headers["www-authenticate"], challenge);
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("the scope {needed}")), "{detail}");
    assert_eq!(answer.body["outcome"], "not_sent");
}
