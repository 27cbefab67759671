//! The operations on what is kept and on its deliveries (design §3.3), over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod bad_input;
mod checks;
mod definitions;
mod documents;
mod lists;
mod patches;
mod retries;
mod scopes;
mod summary;
mod trouble;

use serde_json::{Value, json};

use crate::durable::support::Kept;
use crate::harness::documents::instance;
use crate::harness::{Answer, answer, encoded, until};

/// Path of something about an instance.
fn of(id: &str, what: &str) -> String {
    format!("/v1/instances/{}/{what}", encoded(id))
}

/// Sends a merge patch; `headers` go with it.
async fn patch_with(kept: &Kept, id: &str, headers: &[(&str, &str)], patch: &Value) -> Answer {
    let path = format!("/v1/instances/{}", encoded(id));
    let mut request = kept.gateway.request(reqwest::Method::PATCH, &path, &Value::Null);
    request = request.body(patch.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(request).await
}

async fn patch(kept: &Kept, id: &str, patch: &Value) -> Answer {
    patch_with(kept, id, &[], patch).await
}

/// From now on Feishu refuses the content of every push.
async fn refuse_pushes(kept: &Kept) {
    let refusal = json!({"api": "external_instances", "code": 99_992_402, "msg": "field validation failed", "times": 0});
    kept.gateway.feishu.fault(refusal).await;
}

/// Pushes an instance while Feishu is out of order, and waits for the first attempt to fail.
async fn push_in_vain(kept: &Kept, id: &str) {
    break_feishu(kept).await;
    assert_eq!(kept.gateway.put_within(300, id, &instance(id)).await.status, 202);
    until(|| async { kept.record(id).await.problem.is_some() }).await;
}

/// From now on Feishu is out of order.
async fn break_feishu(kept: &Kept) {
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
}
