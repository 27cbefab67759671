//! What Feishu says about the content, in the words and places of the caller's own document.

use approval_gateway::sandbox::SEEDED_APPROVAL_CODE;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::Gateway;
use crate::harness::documents::{definition, instance, with};

#[tokio::test]
async fn field_violations_point_into_the_callers_document() {
    let gateway = Gateway::start().await;
    let violation =
        |field: &str, description: &str| json!({"field": field, "value": "", "description": description});
    let error = json!({
        "log_id": "2026LOG",
        "field_violations": [
            violation("task_list[0].user_id", "no such user"),
            violation("task_list[0].links.pc_link", "too long"),
            violation("end_time", "not a number"),
            violation("i18n_resources[0].texts", "too many"),
            violation("some_new_field", ""),
        ],
    });
    let msg = "field validation failed";
    gateway
        .feishu
        .fault(json!({"api": "external_instances", "code": 99992402, "msg": msg, "error": error}))
        .await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "422 upstream_rejected, rejected");
    insta::assert_json_snapshot!(answer.body["errors"], @r#"
    [
      {
        "code": "upstream_rejected",
        "detail": "no such user (Feishu's field task_list[0].user_id)",
        "in": "body",
        "pointer": "/tasks/0/user_id"
      },
      {
        "code": "upstream_rejected",
        "detail": "too long (Feishu's field task_list[0].links.pc_link)",
        "in": "body",
        "pointer": "/tasks/0/pc_link"
      },
      {
        "code": "upstream_rejected",
        "detail": "not a number (Feishu's field end_time)",
        "in": "body",
        "pointer": "/ended_at"
      },
      {
        "code": "upstream_rejected",
        "detail": "too many (Feishu's field i18n_resources[0].texts)",
        "in": "body",
        "pointer": ""
      },
      {
        "code": "upstream_rejected",
        "detail": "is refused by Feishu (Feishu's field some_new_field)",
        "in": "body",
        "pointer": ""
      }
    ]
    "#);
    assert_eq!(answer.body["upstream"]["code"], 99992402);
    assert_eq!(answer.body["upstream"]["message"], "field validation failed");
}

#[tokio::test]
async fn violations_of_a_definition_point_into_the_definition() {
    let gateway = Gateway::start().await;
    let violations: Vec<_> =
        ["approval_code", "external.create_link_pc", "viewers[0].viewer_user_id", "managers[1]"]
            .iter()
            .map(|field| json!({"field": field, "description": "is wrong"}))
            .collect();
    let error = json!({"field_violations": violations});
    gateway.feishu.fault(json!({"api": "external_approvals", "code": 99992402, "error": error})).await;
    let answer = gateway.define(&definition("trip")).await;
    assert_eq!(answer.problem(), "422 upstream_rejected, rejected");
    let pointers = ["definition_key", "pc_create_link", "viewers", "managers/1"];
    assert_eq!(answer.violations(), pointers.map(|pointer| format!("body /{pointer}: upstream_rejected")));
}

#[test_case("7C468A54-0000-0000-0000-000000000000"; "no such definition")]
#[test_case("sandbox-demo"; "the definition_key in its place")]
#[tokio::test]
async fn unknown_approval_code_points_at_it_and_tells_the_two_codes_apart(approval_code: &str) {
    let gateway = Gateway::start().await;
    let answer = gateway.put("a", "", &with(instance("a"), json!({"approval_code": approval_code}))).await;
    assert_eq!(answer.problem(), "422 unknown_approval_code, rejected");
    assert_eq!(answer.violations(), ["body /approval_code: unknown_approval_code"]);
    assert!(answer.body["errors"][0]["hint"].as_str().unwrap().contains("definition_key"), "{}", answer.body);
}

#[tokio::test]
async fn deleted_definition_is_an_unknown_approval_code() {
    let gateway = Gateway::start().await;
    gateway.feishu.delete_definition(SEEDED_APPROVAL_CODE).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "422 unknown_approval_code, rejected");
    let error = &answer.body["errors"][0];
    assert!(error["detail"].as_str().unwrap().contains("deleted"), "{error}");
    assert!(error["hint"].as_str().unwrap().starts_with("create another definition"), "{error}");
}

#[tokio::test]
async fn a_refused_address_is_told_apart_from_a_missing_scope() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "code": 99991401})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "502 upstream_permission_denied, rejected");
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("list of allowed addresses"), "{detail}");
}

#[test_case(99991662; "the app is disabled")]
#[test_case(99991665; "the tenant is not valid")]
#[test_case(99991673; "the app is not available in the tenant")]
#[tokio::test]
async fn trouble_of_the_app_is_not_blamed_on_the_document(code: i64) {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "code": code})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "502 upstream_auth_failed, rejected");
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("that the app is enabled"), "{detail}");
}

#[tokio::test]
async fn a_user_id_of_another_tenant_is_called_so() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "external_instances", "code": 99992364})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "422 upstream_rejected, rejected");
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("belongs to another tenant"), "{detail}");
}

#[tokio::test]
async fn missing_scopes_are_named() {
    let gateway = Gateway::start().await;
    gateway.feishu.switch(json!({"granted_scopes": ["approval:approval:readonly"]})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "502 upstream_permission_denied, rejected");
    let detail = answer.body["detail"].to_string();
    assert!(detail.contains("approval:approval, approval:external_instance"), "{detail}");
}

#[test_case(json!({"type": "action_scope_required", "subject": "approval:approval"}); "as seen in practice")]
#[test_case(json!({"scope": "approval:approval", "url": "https://open.feishu.cn/x"}); "as on one page")]
#[tokio::test]
async fn scopes_are_found_in_both_shapes(violation: Value) {
    let gateway = Gateway::start().await;
    let error = json!({"permission_violations": [violation]});
    gateway.feishu.fault(json!({"api": "external_instances", "code": 99991672, "error": error})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert!(answer.body["detail"].to_string().contains("approval:approval"), "{}", answer.body);
}

#[test_case(json!({"code": 1390001}))]
#[test_case(json!({"http_status": 500, "times": 3}))]
#[test_case(json!({"http_status": 200}))]
#[tokio::test]
async fn feishus_id_of_the_exchange_is_passed_on(fault: Value) {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(with(fault, json!({"api": "external_instances"}))).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    let log_id = answer.body["upstream"]["log_id"].as_str().unwrap();
    assert!(log_id.starts_with("20260102"), "{log_id}");
}

#[tokio::test]
async fn no_problem_quotes_an_answer_that_is_no_json() {
    let gateway = Gateway::start().await;
    gateway
        .feishu
        .fault(json!({"api": "external_instances", "http_status": 200, "body_raw": "<html>hunter2</html>"}))
        .await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.status, 502);
    assert!(!answer.body.to_string().contains("hunter2"), "{}", answer.body);
}
