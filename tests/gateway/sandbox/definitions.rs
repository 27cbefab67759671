//! Contract §3: two codes, upsert by one, read by the other.

use approval_gateway::sandbox::{Brand, SEEDED_APPROVAL_CODE, Switches};
use serde_json::{Value, json};
use test_case::test_case;

use crate::sandbox::support::{DEFINITIONS, INSTANCES, TestSandbox, definition, instance, with};

async fn upsert(sandbox: &TestSandbox, body: Value) -> String {
    let data = sandbox.ask("POST", DEFINITIONS, body).await.data();
    data["approval_code"].as_str().unwrap().to_owned()
}

async fn read(sandbox: &TestSandbox, code: &str) -> Value {
    sandbox.ask("GET", &format!("{DEFINITIONS}/{code}?user_id_type=user_id"), Value::Null).await.data()
}

#[tokio::test]
async fn create_answers_an_upper_case_real_code() {
    let code = upsert(&TestSandbox::new(), definition()).await;
    assert_eq!((code.len(), code.to_uppercase()), (36, code.clone()));
}

#[tokio::test]
async fn same_custom_code_is_the_same_definition() {
    let sandbox = TestSandbox::new();
    let first = upsert(&sandbox, definition()).await;
    assert_eq!(upsert(&sandbox, definition()).await, first);
}

#[tokio::test]
async fn other_custom_code_silently_makes_another_definition() {
    let sandbox = TestSandbox::new();
    let first = upsert(&sandbox, definition()).await;
    let typo = with(definition(), &[("/approval_code", json!("acme-travle"))]);
    assert_ne!(upsert(&sandbox, typo).await, first);
}

#[tokio::test]
async fn get_by_real_code_answers_the_custom_one_and_secrets_in_clear() {
    let sandbox = TestSandbox::new();
    let secret =
        [("/external/action_callback_key", json!("cbk-1")), ("/external/create_link_pc", json!("https://x"))];
    let code = upsert(&sandbox, with(definition(), &secret)).await;
    insta::assert_json_snapshot!(read(&sandbox, &code).await, @r#"
    {
      "approval_code": "acme-travel",
      "approval_name": "@i18n@travel_name",
      "external": {
        "action_callback_key": "cbk-1",
        "allow_batch_operate": false,
        "create_link_mobile": "",
        "create_link_pc": "https://x",
        "enable_mark_readed": false,
        "enable_quick_operate": false,
        "exclude_efficiency_statistics": false,
        "support_batch_read": true,
        "support_mobile": true,
        "support_pc": true
      },
      "group_code": "acme-oa",
      "group_name": "@i18n@group_oa",
      "i18n_resources": [
        {
          "is_default": true,
          "locale": "zh-CN",
          "texts": [
            {
              "key": "@i18n@travel_name",
              "value": "出差申请"
            },
            {
              "key": "@i18n@group_oa",
              "value": "行政"
            }
          ]
        }
      ],
      "managers": [],
      "viewers": [
        {
          "viewer_type": "TENANT"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn get_by_custom_code_is_not_found() {
    let sandbox = TestSandbox::new();
    upsert(&sandbox, definition()).await;
    let reply = sandbox.ask("GET", &format!("{DEFINITIONS}/acme-travel"), Value::Null).await;
    assert_eq!(reply.outcome(), (400, 1390002));
}

#[tokio::test]
async fn definition_of_another_app_is_not_found() {
    let sandbox = TestSandbox::new();
    let code = upsert(&sandbox, definition()).await;
    let other = sandbox.token_of("cli_other", "s").await.json();
    let token = other["tenant_access_token"].as_str().unwrap();
    let reply = sandbox.ask_with(token, "GET", &format!("{DEFINITIONS}/{code}"), Value::Null).await;
    assert_eq!(reply.code(), 1390002);
}

#[tokio::test]
async fn omitted_fields_are_reset_on_update() {
    let sandbox = TestSandbox::new();
    let code = upsert(&sandbox, definition()).await;
    upsert(
        &sandbox,
        with(definition(), &[("/external/support_batch_read", Value::Null), ("/viewers", Value::Null)]),
    )
    .await;
    let stored = read(&sandbox, &code).await;
    assert_eq!(stored["external"]["support_batch_read"], false);
    assert_eq!(stored["viewers"], json!([]));
}

#[tokio::test]
async fn update_without_group_keeps_the_group_and_its_name() {
    let sandbox = TestSandbox::new();
    let code = upsert(&sandbox, definition()).await;
    let mut update = with(definition(), &[("/group_code", Value::Null), ("/group_name", Value::Null)]);
    update["i18n_resources"][0]["texts"].as_array_mut().unwrap().pop();
    upsert(&sandbox, update).await;
    let stored = read(&sandbox, &code).await;
    assert_eq!((&stored["group_code"], &stored["group_name"]), (&json!("acme-oa"), &json!("@i18n@group_oa")));
    assert_eq!(stored["i18n_resources"][0]["texts"][1], json!({"key": "@i18n@group_oa", "value": "行政"}));
}

#[test_case(&[("/group_code", Value::Null)], "Group code cannot be empty"; "name without code")]
#[test_case(&[("/group_name", Value::Null)], "Group name cannot be empty for a new group code"; "new code without name")]
#[test_case(
    &[("/external/support_pc", json!(false)), ("/external/support_mobile", Value::Null)],
    "support_pc and support_mobile cannot both be false"; "shown nowhere")]
#[tokio::test]
async fn rules_of_a_definition_are_business_errors(changes: &[(&str, Value)], msg: &str) {
    let reply = TestSandbox::new().ask("POST", DEFINITIONS, with(definition(), changes)).await;
    assert_eq!(reply.outcome(), (400, 1390001));
    assert_eq!(reply.json()["msg"], msg);
}

#[test_case(&[("/approval_code", json!("x".repeat(129)))], "approval_code"; "custom code too long")]
#[test_case(&[("/viewers/0/viewer_type", json!("ALL"))], "viewers[0].viewer_type"; "unknown viewer type")]
#[test_case(&[("/viewers/0/viewer_type", json!("USER"))], "viewers[0].viewer_user_id"; "viewer without user")]
#[test_case(&[("/viewers/0/viewer_type", json!("DEPARTMENT"))], "viewers[0].viewer_department_id"; "viewer without department")]
#[test_case(&[("/viewers", json!(vec![json!({"viewer_type": "NONE"}); 201]))], "viewers"; "too many viewers")]
#[test_case(&[("/managers", json!(vec!["u"; 201]))], "managers"; "too many managers")]
#[test_case(&[("/external", Value::Null)], "external"; "no external")]
#[tokio::test]
async fn fields_of_a_definition_are_checked(changes: &[(&str, Value)], field: &str) {
    let reply = TestSandbox::new().ask("POST", DEFINITIONS, with(definition(), changes)).await;
    assert_eq!(reply.violations(), [field]);
}

#[tokio::test]
async fn key_of_the_name_has_at_least_nine_characters() {
    let mut body = with(definition(), &[("/approval_name", json!("@i18n@12"))]);
    body["i18n_resources"][0]["texts"][0]["key"] = json!("@i18n@12");
    let sandbox = TestSandbox::new();
    assert_eq!(sandbox.ask("POST", DEFINITIONS, body.clone()).await.violations(), ["approval_name"]);
    body["approval_name"] = json!("@i18n@123");
    body["i18n_resources"][0]["texts"][0]["key"] = json!("@i18n@123");
    assert_eq!(sandbox.ask("POST", DEFINITIONS, body).await.code(), 0);
}

#[tokio::test]
async fn lark_requires_a_group() {
    let sandbox = TestSandbox::with(Switches { region: Brand::Lark, ..Switches::default() });
    let body = with(definition(), &[("/group_code", Value::Null), ("/group_name", Value::Null)]);
    assert_eq!(sandbox.ask("POST", DEFINITIONS, body).await.violations(), ["group_code"]);
}

#[tokio::test]
async fn unknown_id_type_is_refused() {
    let sandbox = TestSandbox::new();
    let path = format!("{DEFINITIONS}?user_id_type=email&department_id_type=open_department_id");
    assert_eq!(sandbox.ask("POST", &path, definition()).await.violations(), ["user_id_type"]);
}

#[tokio::test]
async fn deleted_definition_is_refused_in_get_and_push() {
    let sandbox = TestSandbox::new();
    let path = format!("/sandbox/definitions/{SEEDED_APPROVAL_CODE}");
    assert_eq!(sandbox.call("DELETE", &path, Value::Null).await.status, 204);
    let get = sandbox.ask("GET", &format!("{DEFINITIONS}/{SEEDED_APPROVAL_CODE}"), Value::Null).await;
    assert_eq!(get.outcome(), (400, 1390016));
    assert_eq!(sandbox.ask("POST", INSTANCES, instance()).await.outcome(), (400, 1390016));
}
