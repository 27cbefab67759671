//! Documents that name people by e-mail, mobile or union id, and what the sandbox has of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use serde_json::{Value, json};

use crate::durable::support::Kept;
use crate::harness::documents::{copy, instance, task, with};
use crate::harness::{Answer, Feishu, Gateway};

/// The call that finds people by e-mail and mobile.
pub(super) const CONTACTS: &str = "users_batch_get_id";

/// The call that finds people by union id.
pub(super) const UNION_IDS: &str = "users_batch";

/// An instance without a version, whose applicant and approvers are named in these ways.
pub(super) fn naming(id: &str, applicant: &Value, approvers: &[Value]) -> Value {
    let tasks = approvers
        .iter()
        .enumerate()
        .map(|(index, approver)| with(with(task(id, index + 1), json!({"user_id": null})), approver.clone()));
    let document = with(instance(id), json!({"applicant_user_id": null, "updated_at": null}));
    with(with(document, applicant.clone()), json!({"tasks": tasks.collect::<Vec<_>>()}))
}

/// An instance that names one person in each way.
pub(super) fn everybody(id: &str) -> Value {
    let approvers = [json!({"mobile": "13800138001"}), json!({"union_id": "on_d89jhsdh"})];
    let reader = with(with(copy(id, 1), json!({"user_id": null})), json!({"mobile": "+14155552671"}));
    with(naming(id, &json!({"applicant_email": "alice@example.com"}), &approvers), json!({"cc": [reader]}))
}

/// What the sandbox has stored of an instance.
pub(super) async fn stored(feishu: &Feishu, id: &str) -> Value {
    feishu.control("GET", &format!("instances/{id}"), Value::Null).await.1["stored"].clone()
}

/// Both ids of a person in something that is stored.
pub(super) fn ids(of: &Value) -> (&str, &str) {
    (of["user_id"].as_str().unwrap_or("-"), of["open_id"].as_str().unwrap_or("-"))
}

/// Puts people into the directory of the sandbox.
pub(super) async fn hire(feishu: &Feishu, people: Vec<Value>) {
    let (status, answer) = feishu.control("PUT", "directory", json!({"people": people})).await;
    assert_eq!(status, 200, "{answer}");
}

/// Somebody with an address.
pub(super) fn employee(user_id: &str) -> Value {
    json!({"user_id": user_id, "email": format!("{user_id}@example.com")})
}

/// Another process on the same ledger and the same Feishu, which has asked nothing yet; the first one ends.
pub(super) async fn next_process(kept: &Kept) -> Gateway {
    for delivery in &kept.gateway.deliveries {
        delivery.drained().await;
    }
    let builder = Gateway::builder().clock(kept.gateway.clock.clone()).feishu(&kept.gateway.feishu);
    builder.ledger(kept.ledger.clone()).start().await
}

/// A complaint of Feishu's about a field, for every call of an operation.
pub(super) async fn complain(feishu: &Feishu, api: &str, code: i64, field: &str) {
    let error = json!({"field_violations": [{"field": field, "description": "no such user"}]});
    feishu.fault(json!({"api": api, "times": 0, "code": code, "error": error})).await;
}

/// Pushes a document that Feishu takes.
pub(super) async fn push(gateway: &Gateway, id: &str, document: &Value) -> Value {
    let answer = gateway.put(id, "", document).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// Pointers and codes of what is wrong.
pub(super) fn errors(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap();
    let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| format!("{} {}", text(error, "pointer"), text(error, "code"))).collect()
}

/// What a test expects of an answer that is a problem.
pub(super) trait Refused {
    /// The problem, which has this status and this code.
    fn refused(&self, status: u16, code: &str) -> Value;
}

impl Refused for Answer {
    fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, &self.body["code"]), (status, &json!(code)), "{}", self.text);
        self.body.clone()
    }
}
