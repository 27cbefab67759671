//! Definitions that were upserted through the gateway.

use approval_gateway::domain::AppName;
use serde_json::{Value, json};

use crate::durable::support::Kept;
use crate::harness::column;
use crate::harness::documents::{definition, instance, with};

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

#[tokio::test]
async fn a_key_that_differs_from_a_known_one_by_a_slip_is_warned_about_once() {
    let kept = Kept::start().await;
    let warned = async |key: &str| {
        let warnings = kept.gateway.define(&definition(key)).await.ok()["warnings"].take();
        column(warnings.as_array().unwrap(), "code")
    };
    assert_eq!(warned("hr-leave").await, Vec::<Value>::new());
    assert_eq!(warned("hr-leave").await, Vec::<Value>::new());
    assert_eq!(warned("HR_Leave").await, ["similar_definition_key"]);
    assert_eq!(warned("HR_Leave").await, Vec::<Value>::new());
    assert_eq!(warned("hr-laeve").await, ["similar_definition_key"]);
    assert_eq!(warned("hr-travel").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_key_is_compared_with_those_that_the_ledger_kept_before() {
    let kept = Kept::start().await;
    let known = approval_gateway::ledger::DefinitionRecord {
        definition_key: "hr-leave".to_owned(),
        approval_code: "CODE".to_owned(),
        json: "{}".to_owned(),
        caller: None,
        updated_at: approval_gateway::domain::Timestamp::from_unix_millis(crate::harness::START).unwrap(),
    };
    kept.ledger.put_definition(&AppName::default(), known).await.unwrap();
    let receipt = kept.gateway.define(&definition("hr-leaves")).await.ok();
    assert!(receipt["warnings"][0]["detail"].as_str().unwrap().contains("\"hr-leave\""), "{receipt}");
}

#[tokio::test]
async fn a_push_with_an_unknown_code_is_told_which_one_was_probably_meant() {
    let kept = Kept::start().await;
    let code = kept.gateway.define(&definition("hr-leave")).await.ok()["approval_code"].take();
    let code = code.as_str().unwrap();
    let swapped: String = code.chars().rev().collect();
    for (given, hint) in [
        ("hr-leave", format!("\"hr-leave\" is a definition_key; its approval_code is {code:?}")),
        (&code.to_lowercase(), format!("did you mean {code:?}, the approval_code of the definition with the key \"hr-leave\"?")),
        (
            &swapped,
            "this may be a definition_key; what is needed is the approval_code that POST /v1/definitions answered".to_owned(),
        ),
    ] {
        let document = with(instance("a"), json!({"approval_code": given}));
        let answer = kept.gateway.put("a", "", &document).await;
        assert_eq!(answer.problem(), "422 unknown_approval_code, rejected");
        assert_eq!(answer.body["errors"][0]["hint"], hint);
    }
    let answer = super::patch(&kept, "a", &json!({"approval_code": "hr-leave"})).await;
    assert!(answer.body["errors"][0]["hint"].as_str().unwrap().contains(code), "{}", answer.text);
}
