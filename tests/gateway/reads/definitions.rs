//! `GET /v1/definitions/{approval_code}`, and what becomes of a definition that is read, edited and sent back.

use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::Gateway;
use crate::reads::world::{CODE, DEFINITION_KEY, SECRETS, World, asked, before};

#[tokio::test]
async fn a_definition_is_shown_with_its_texts_and_both_codes() {
    let gateway = before(World::default()).await;
    let definition = gateway.get(&format!("/v1/definitions/{CODE}")).await.ok();
    insta::assert_json_snapshot!(definition, @r#"
    {
      "action_callback_url": "https://gateway.example.org/feishu/approval/action",
      "allow_batch_operate": true,
      "approval_code": "7C468A54-8745-2245-9675-08B7C63E7A85",
      "business_type": "travel",
      "definition_key": "sandbox-demo",
      "description": "国内与国际出差",
      "exclude_from_statistics": false,
      "group_key": "acme-oa",
      "group_name": "行政",
      "has_action_callback_key": true,
      "has_action_callback_token": true,
      "locale": "zh-CN",
      "managers": [
        "c03f5a8e"
      ],
      "name": "出差申请",
      "pc_create_link": "https://oa.example.org/travel/new",
      "support_batch_read": true,
      "support_mobile": true,
      "support_pc": true,
      "translations": {
        "en-US": {
          "出差申请": "Travel request"
        }
      },
      "user_id_type": "user_id",
      "viewers": {
        "department_ids": [
          "od-4be0c1f77a9d2e53"
        ],
        "scope": "selected",
        "user_ids": [
          "e7b21c9d"
        ]
      }
    }
    "#);
}

#[tokio::test]
async fn secrets_of_a_definition_are_nowhere_in_the_answer() {
    let gateway = before(World::default()).await;

    let answer = gateway.get(&format!("/v1/definitions/{CODE}")).await;

    let definition = answer.ok();
    assert_eq!(definition["has_action_callback_token"], true);
    assert_eq!(definition["has_action_callback_key"], true);
    for secret in SECRETS {
        assert!(!answer.text.contains(secret), "{secret} is shown");
    }
}

#[tokio::test]
async fn a_definition_sent_back_without_its_secrets_cannot_disarm_the_callback() {
    let gateway = before(World::default()).await;
    let definition = gateway.get(&format!("/v1/definitions/{CODE}")).await.ok();
    let before = gateway.feishu.calls().await.len();

    let answer = gateway.post("/v1/definitions", &definition).await;

    assert_eq!(answer.refusal(), (422, "validation_failed"));
    assert_eq!(
        answer.violations(),
        ["body /action_callback_token: required", "body /action_callback_key: required"]
    );
    assert_eq!(gateway.feishu.calls().await.len(), before);
}

#[test_case("00000000-0000-0000-0000-000000000000"; "unknown")]
#[test_case(DEFINITION_KEY; "a key in place of a code")]
#[tokio::test]
async fn a_definition_that_is_not_there_is_a_problem(code: &str) {
    let gateway = before(World::default()).await;
    let answer = gateway.get(&format!("/v1/definitions/{code}")).await;
    assert_eq!(answer.refusal(), (404, "definition_not_found"));
}

#[tokio::test]
async fn a_definition_that_somebody_deleted_is_gone() {
    let gateway = before(World::default()).await;
    gateway.feishu.delete_definition(CODE).await;
    assert_eq!(gateway.get(&format!("/v1/definitions/{CODE}")).await.refusal(), (410, "definition_deleted"));
}

#[tokio::test]
async fn the_problem_of_an_unknown_code_says_that_a_key_may_have_been_meant() {
    let gateway = before(World::default()).await;
    let answer = gateway.get(&format!("/v1/definitions/{DEFINITION_KEY}")).await;
    assert!(answer.text.contains("definition_key"), "{}", answer.text);
}

#[test_case("", "user_id"; "by default")]
#[test_case("?user_id_type=open_id", "open_id"; "as asked")]
#[tokio::test]
async fn the_kind_of_user_ids_is_always_sent(query: &str, sent: &str) {
    let gateway = before(World::default()).await;
    let definition = gateway.get(&format!("/v1/definitions/{CODE}{query}")).await.ok();
    assert_eq!(definition["user_id_type"], sent);
    assert_eq!(asked(&gateway).await[0]["query"], format!("user_id_type={sent}"));
}

/// Asserts that whatever Feishu was asked for is a definition.
async fn assert_reaches_no_other_operation(gateway: &Gateway) {
    for call in asked(gateway).await {
        assert_eq!(call["api"], "external_approvals_get", "{call}");
    }
}

#[tokio::test]
async fn a_code_with_a_slash_does_not_reach_another_operation() {
    let gateway = before(World::default()).await;
    let answer = gateway.get("/v1/definitions/..%2Fexternal_tasks").await;
    assert_eq!(answer.status, 404);
    assert_reaches_no_other_operation(&gateway).await;
}

#[test_case("%252E%252E"; "the folder above, encoded twice")]
#[test_case("a%3Fb%23c"; "characters that end a path")]
#[tokio::test]
async fn a_code_that_looks_like_an_address_reaches_no_other_operation(code: &str) {
    let gateway = before(World::default()).await;
    // As bytes, because a client would resolve dots itself.
    let answer = gateway.raw(&format!("GET /v1/definitions/{code} HTTP/1.1")).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert_reaches_no_other_operation(&gateway).await;
}

/// As bytes, because a client would resolve the dots itself.
#[test_case(".."; "the folder above")]
#[test_case("%2E%2E"; "the folder above, encoded")]
#[test_case("."; "the folder itself")]
#[test_case("%2e"; "the folder itself, encoded")]
#[tokio::test]
async fn a_code_of_dots_reaches_no_other_operation(code: &str) {
    let gateway = before(World::default()).await;
    let answer = gateway.raw(&format!("GET /v1/definitions/{code} HTTP/1.1")).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_reaches_no_other_operation(&gateway).await;
}

/// What was read, with the secrets that it does not show.
async fn read_with_secrets(gateway: &Gateway) -> Value {
    let mut definition = gateway.get(&format!("/v1/definitions/{CODE}")).await.ok();
    definition["action_callback_token"] = "new-token".into();
    definition["action_callback_key"] = "".into();
    definition
}

/// The last document of an upsert that Feishu was sent.
async fn sent(gateway: &Gateway) -> Value {
    gateway.feishu.sent("external_approvals").await.pop().unwrap()
}

#[test_case("POST", "/v1/definitions"; "whole")]
#[test_case("PATCH", "/v1/definitions/7C468A54-8745-2245-9675-08B7C63E7A85"; "as a patch")]
#[tokio::test]
async fn what_was_read_can_be_sent_back_with_its_secrets(method: &str, path: &str) {
    let gateway = before(World::default()).await;
    let definition = read_with_secrets(&gateway).await;
    let receipt = gateway.send(method, path, &definition).await.ok();
    assert_eq!((&receipt["approval_code"], &receipt["created"]), (&json!(CODE), &json!(false)));
    let mut again = gateway.get(&format!("/v1/definitions/{CODE}")).await.ok();
    assert_eq!(again["has_action_callback_key"].take(), false);
    let mut before = definition;
    for changed in ["action_callback_token", "action_callback_key", "has_action_callback_key"] {
        before.as_object_mut().unwrap().remove(changed);
        again.as_object_mut().unwrap().remove(changed);
    }
    assert_eq!(again, before);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_keeps_the_rest() {
    let gateway = before(World::default()).await;
    let path = format!("/v1/definitions/{CODE}");
    let earlier = gateway.get(&path).await.ok();
    let patch = json!({
        "support_mobile": false,
        "business_type": null,
        "action_callback_url": null,
        "viewers": {"scope": "nobody", "user_ids": [], "department_ids": []},
    });
    gateway.send("PATCH", &path, &patch).await.ok();
    let later = gateway.get(&path).await.ok();
    assert_eq!((&later["support_mobile"], &later["viewers"]["scope"]), (&json!(false), &json!("nobody")));
    assert_eq!((later.get("business_type"), later.get("action_callback_url")), (None, None));
    for kept in
        ["name", "group_key", "group_name", "description", "pc_create_link", "managers", "translations"]
    {
        assert_eq!(later[kept], earlier[kept], "{kept}");
    }
}

#[test_case(json!({"name": "x"}) => vec!["body /action_callback_token: required", "body /action_callback_key: required"]; "without the secrets that Feishu has")]
#[test_case(json!({"definition_key": "other"}) => vec!["body /definition_key: id_mismatch"]; "for another definition")]
#[test_case(json!({"definition_key": null}) => vec!["body /definition_key: id_mismatch"]; "without its key")]
#[test_case(json!({"nam": "x", "action_callback_url": null}) => vec!["body /nam: unknown_field"]; "with an unknown member")]
#[test_case(json!([]) => vec!["body : type"]; "that is no object")]
#[test_case(json!({"department_id_type": "department_id"}) => vec!["body /viewers: required"]; "with other ids than those that are kept")]
#[tokio::test]
async fn a_patch_is_refused(patch: Value) -> Vec<String> {
    let gateway = before(World::default()).await;
    let answer = gateway.send("PATCH", &format!("/v1/definitions/{CODE}"), &patch).await;
    assert_eq!(answer.problem(), "422 validation_failed, not_sent");
    assert_eq!(gateway.feishu.count("external_approvals").await, 0);
    answer.violations()
}

#[tokio::test]
async fn a_patch_of_a_definition_with_secrets_says_that_they_must_be_given_again() {
    let gateway = before(World::default()).await;
    let answer = gateway.send("PATCH", &format!("/v1/definitions/{CODE}"), &json!({"name": "x"})).await;
    assert!(answer.text.contains("must be given again"), "{}", answer.text);
}

#[test_case(json!({"code": 1395001, "times": 0}) => "503 upstream_unavailable, not_sent, retryable"; "nobody knows the definition")]
#[test_case(json!({"code": 1390002}) => "404 definition_not_found, not_sent"; "there is none")]
#[tokio::test]
async fn a_patch_that_could_not_read_the_definition_has_changed_nothing(fault: Value) -> String {
    let gateway = before(World::default()).await;
    let mut fault = fault;
    fault["api"] = "external_approvals_get".into();
    gateway.feishu.fault(fault).await;
    let patch = json!({"name": "x", "action_callback_url": null});
    gateway.send("PATCH", &format!("/v1/definitions/{CODE}"), &patch).await.problem()
}

#[tokio::test]
async fn a_new_key_with_the_code_of_another_definition_is_said_to_have_created_one() {
    let gateway = before(World::default()).await;
    let mut definition = read_with_secrets(&gateway).await;
    definition["definition_key"] = "sandbox-dem0".into();
    assert_eq!(gateway.post("/v1/definitions", &definition).await.ok()["created"], true);
    definition.as_object_mut().unwrap().remove("approval_code");
    assert_eq!(gateway.post("/v1/definitions", &definition).await.ok().get("created"), None);
    assert_eq!(sent(&gateway).await["approval_code"], "sandbox-dem0");
}
