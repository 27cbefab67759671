//! Definitions that were upserted through the gateway.

use serde_json::{Value, json};

use crate::durable::support::Kept;
use crate::harness::column;
use crate::harness::documents::{definition, with};

#[tokio::test]
async fn upserted_definitions_are_listed_by_key_without_secrets() {
    let kept = Kept::with(|builder| builder.key("oa", "")).await;
    let gateway = kept.gateway.with_key("oa");
    for key in ["b", "a", "c"] {
        gateway.define(&definition(key)).await.ok();
    }
    let changed = with(definition("b"), json!({"name": "Trip", "description": null}));
    let code = gateway.define(&changed).await.ok()["approval_code"].take();
    let all = gateway.all("/v1/definitions?", 200).await;
    assert_eq!(column(&all, "definition_key"), ["a", "b", "c"]);
    assert_eq!(gateway.all("/v1/definitions?", 1).await, all);
    assert_eq!(gateway.lines("/v1/definitions").await, all);
    assert_eq!((&all[1]["approval_code"], &all[1]["caller"]), (&code, &json!("oa")));
    assert_eq!(all[1]["upserted_at"], "2026-01-02T03:04:05.000Z");
    let mut expected = with(changed, json!({"action_callback_token": null, "action_callback_key": null}));
    expected.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(all[1]["definition"], expected);
    let text = Value::from(all).to_string();
    assert!(!text.contains("callback-token") && !text.contains("callback-key"), "{text}");
}

#[tokio::test]
async fn a_definition_that_feishu_refused_is_not_listed() {
    let kept = Kept::start().await;
    let refusal = json!({"api": "external_approvals", "code": 99_992_402, "msg": "no", "times": 1});
    kept.gateway.feishu.fault(refusal).await;
    assert_ne!(kept.gateway.define(&definition("a")).await.status, 200);
    assert_eq!(kept.gateway.all("/v1/definitions?", 10).await, Vec::<Value>::new());
}
