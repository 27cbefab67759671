//! Without a ledger, and with one that fails.

use approval_gateway::ledger::LedgerError;
use serde_json::{Value, json};

use super::of;
use crate::durable::support::Kept;
use crate::harness::{Answer, Gateway};

/// Every operation that needs the ledger, with a request that it would take.
async fn ask_all(gateway: &Gateway) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for (method, path, body) in [
        ("PATCH", "/v1/instances/a".to_owned(), json!({"title": "x"})),
        ("GET", of("a", "document"), Value::Null),
        ("DELETE", of("a", "document"), Value::Null),
        ("GET", of("a", "delivery"), Value::Null),
        ("GET", of("a", "history"), Value::Null),
        ("GET", "/v1/deliveries".to_owned(), Value::Null),
        ("POST", "/v1/deliveries/retry".to_owned(), json!({"state": ["refused"]})),
        ("GET", "/v1/deliveries/summary".to_owned(), Value::Null),
        ("GET", "/v1/definitions".to_owned(), Value::Null),
    ] {
        let answer = gateway.send(method, &path, &body).await;
        answers.push((format!("{method} {path}"), answer));
    }
    answers
}

#[tokio::test]
async fn without_a_ledger_there_is_nothing_to_ask() {
    for (what, answer) in ask_all(&Gateway::start().await).await {
        assert_eq!(answer.problem(), "501 ledger_off, not_sent", "{what}");
    }
}

#[tokio::test]
async fn a_ledger_that_fails_is_503_and_may_be_asked_again() {
    let kept = Kept::start().await;
    kept.memory.fail_with(Some(LedgerError::Closed));
    for (what, answer) in ask_all(&kept.gateway).await {
        let problem = answer.problem();
        assert!(problem.starts_with("503 ledger_unavailable, "), "{what}: {problem}");
        assert!(problem.ends_with(", retryable"), "{what}: {problem}");
    }
}

#[tokio::test]
async fn a_definition_that_feishu_took_is_answered_whatever_the_ledger_says() {
    let kept = Kept::start().await;
    kept.memory.fail_with(Some(LedgerError::Closed));
    kept.gateway.define(&crate::harness::documents::definition("a")).await.ok();
}
