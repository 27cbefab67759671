//! Definitions: two codes under two names, and secrets that go one way only.

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::Gateway;
use crate::harness::documents::{definition, instance, with};

#[tokio::test]
async fn a_definition_has_two_codes_and_keeps_them() {
    let gateway = Gateway::start().await;
    let first = gateway.define(&definition("trip")).await.ok();
    assert_eq!(first["definition_key"], "trip");
    assert_ne!(first["approval_code"], "trip");
    let renamed = with(definition("trip"), json!({"name": "Journey"}));
    let second = gateway.define(&renamed).await.ok();
    assert_eq!(second["approval_code"], first["approval_code"]);
    let other = gateway.define(&definition("leave")).await.ok();
    assert_ne!(other["approval_code"], first["approval_code"]);
    assert_eq!(gateway.feishu.count("external_approvals").await, 3);
}

#[tokio::test]
async fn a_push_with_the_answered_code_is_shown_under_the_definitions_name() {
    let gateway = Gateway::start().await;
    let approval_code = gateway.define(&definition("trip")).await.ok()["approval_code"].take();
    gateway.put("a", "", &with(instance("a"), json!({"approval_code": approval_code}))).await.ok();
    let item = gateway.feishu.inbox("approver", "zh-CN").await["todo"][0].take();
    let shown =
        [&item["approval_name"], &item["source"], &item["group_name"]].map(|text| text.as_str().unwrap());
    assert_eq!(shown, ["Business trip", "OA", "Travel"]);
}

#[tokio::test]
async fn callback_secrets_are_sent_and_never_answered() {
    let gateway = Gateway::start().await;
    let answer = gateway.define(&definition("trip")).await;
    let text = format!("{answer:?}");
    assert!(!text.contains("callback-token") && !text.contains("callback-key"), "{text}");
    let mut stored = gateway.feishu.control("GET", "definitions", Value::Null).await.1["definitions"].take();
    let is_it = |one: &&mut Value| one["custom_code"] == "trip";
    let external =
        stored.as_array_mut().unwrap().iter_mut().find(is_it).unwrap()["stored"]["external"].take();
    assert_eq!(
        (&external["action_callback_token"], &external["action_callback_key"]),
        (&json!("callback-token"), &json!("callback-key"))
    );
}

#[tokio::test]
async fn callback_secrets_are_not_in_a_problem_either() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_approvals", "code": 1390001})).await;
    let answer = gateway.define(&definition("trip")).await;
    let refused = gateway.define(&with(definition("trip"), json!({"action_callback_key": null}))).await;
    assert_eq!(answer.problem(), "422 upstream_rejected, rejected");
    assert_eq!(refused.violations(), ["body /action_callback_key: required"]);
    let text = format!("{answer:?}{refused:?}");
    assert!(!text.contains("callback-token") && !text.contains("callback-key"), "{text}");
}

#[test_case(
    json!({"group_key": null})
    => vec!["body /group_key: required".to_owned()];
    "a group without a key"
)]
#[test_case(
    json!({"viewers": null})
    => vec!["body /viewers: required".to_owned()];
    "nobody said who may see it"
)]
#[test_case(
    json!({"support_pc": false, "support_mobile": false})
    => vec!["body /support_pc: contradiction".to_owned()];
    "shown nowhere"
)]
#[test_case(
    json!({"action_callback_token": null, "action_callback_key": null})
    => vec!["body /action_callback_token: required".to_owned(), "body /action_callback_key: required".to_owned()];
    "a callback without secrets"
)]
#[tokio::test]
async fn refused_before_anything_is_sent(changes: Value) -> Vec<String> {
    let gateway = Gateway::start().await;
    let answer = gateway.define(&with(definition("trip"), changes)).await;
    assert_eq!(answer.problem(), "422 validation_failed, not_sent");
    assert_eq!(gateway.feishu.count("external_approvals").await, 0);
    answer.violations()
}

#[tokio::test]
async fn the_key_of_a_group_is_passed_on_alone() {
    let gateway = Gateway::start().await;
    gateway.define(&definition("trip")).await.ok();
    gateway.define(&with(definition("trip"), json!({"group_name": null}))).await.ok();
    let sent = gateway.feishu.sent("external_approvals").await[1].take();
    assert_eq!((&sent["group_code"], sent.get("group_name")), (&json!("travel"), None));
}

#[tokio::test]
async fn doubtful_texts_and_links_of_a_definition_are_warned_about() {
    let gateway = Gateway::start().await;
    let doubtful = json!({"name": "@i18n@1", "pc_create_link": "null"});
    let receipt = gateway.define(&with(definition("trip"), doubtful)).await.ok();
    let warned: Vec<_> =
        receipt["warnings"].as_array().unwrap().iter().map(|found| &found["pointer"]).collect();
    assert_eq!(warned, ["/name", "/pc_create_link"]);
}

#[test_case(json!({"scope": "everyone"}) => json!([{"viewer_type": "TENANT"}]); "everyone")]
#[test_case(json!({"scope": "nobody"}) => json!([{"viewer_type": "NONE"}]); "nobody")]
#[test_case(
    json!({"scope": "selected", "user_ids": ["u1"], "department_ids": ["d1"]})
    => json!([{"viewer_type": "USER", "viewer_user_id": "u1"}, {"viewer_type": "DEPARTMENT", "viewer_department_id": "d1"}]);
    "selected"
)]
#[tokio::test]
async fn viewers_as_feishu_is_told(viewers: Value) -> Value {
    let gateway = Gateway::start().await;
    gateway.define(&with(definition("trip"), json!({"viewers": viewers}))).await.ok();
    gateway.feishu.sent("external_approvals").await[0]["viewers"].take()
}

#[tokio::test]
async fn id_types_are_always_named() {
    let gateway = Gateway::start().await;
    gateway.define(&definition("trip")).await.ok();
    let call = gateway.feishu.requests("external_approvals").await[0].take();
    assert_eq!(call["query"], "department_id_type=open_department_id&user_id_type=user_id");
    assert_eq!(call["unknown_fields"], json!([]));
}

#[tokio::test]
async fn the_stored_names_are_resolved_in_every_locale() {
    let gateway = Gateway::start().await;
    let translations = json!({"zh-CN": {}, "en-US": {"出差": "Trip"}});
    let named =
        with(definition("trip"), json!({"name": "出差", "locale": "zh-CN", "translations": translations}));
    gateway.define(&named).await.ok();
    let definitions = gateway.feishu.definitions().await;
    let stored = definitions.as_array().unwrap().iter().find(|one| one["custom_code"] == "trip").unwrap();
    assert_eq!(stored["approval_name"], json!({"en-US": "Trip", "zh-CN": "出差"}));
    assert!(stored["stored"]["approval_name"].as_str().unwrap().len() >= 9);
}

#[test_case(json!({"code": 1395001}) => "503 upstream_unavailable, unknown, retryable"; "try again later")]
#[test_case(json!({"code": 99991672}) => "502 upstream_permission_denied, rejected"; "scope missing")]
#[test_case(json!({"code": 1390016}) => "422 unknown_approval_code, rejected"; "deleted")]
#[test_case(json!({"http_status": 200}) => "502 upstream_protocol_error, unknown, retryable"; "HTML")]
#[test_case(
    json!({"code": 0})
    => "502 upstream_protocol_error, unknown, retryable";
    "a success without the code"
)]
#[tokio::test]
async fn failure(fault: Value) -> String {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(with(fault, json!({"api": "external_approvals", "times": 0}))).await;
    let request = gateway.request(reqwest::Method::POST, "/v1/definitions", &definition("trip"));
    crate::harness::answer(request.header("x-request-timeout-ms", 950)).await.problem()
}

#[tokio::test]
async fn a_success_with_an_empty_code_is_no_success() {
    let gateway = Gateway::start().await;
    gateway
        .feishu
        .fault(json!({"api": "external_approvals", "code": 0, "data": {"approval_code": ""}}))
        .await;
    let answer = gateway.define(&definition("trip")).await;
    assert_eq!(answer.problem(), "502 upstream_protocol_error, unknown, retryable");
}
