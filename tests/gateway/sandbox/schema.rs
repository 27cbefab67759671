//! The schema layer: every violation at once, with Feishu's paths (contract §4.1, §13.4).

use approval_gateway::sandbox::{Brand, Switches};
use serde_json::{Value, json};
use test_case::test_case;

use crate::sandbox::support::{CHECK, INSTANCES, TestSandbox, instance, with};

async fn refused(changes: &[(&str, Value)]) -> Vec<String> {
    TestSandbox::new().ask("POST", INSTANCES, with(instance(), changes)).await.violations()
}

#[test_case("/approval_code", "approval_code")]
#[test_case("/status", "status")]
#[test_case("/instance_id", "instance_id")]
#[test_case("/links", "links")]
#[test_case("/start_time", "start_time")]
#[test_case("/end_time", "end_time")]
#[test_case("/update_time", "update_time")]
#[test_case("/i18n_resources", "i18n_resources")]
#[test_case("/task_list/0/task_id", "task_list[0].task_id")]
#[test_case("/task_list/0/links", "task_list[0].links")]
#[test_case("/task_list/0/status", "task_list[0].status")]
#[test_case("/task_list/0/create_time", "task_list[0].create_time")]
#[test_case("/task_list/0/end_time", "task_list[0].end_time")]
#[test_case("/task_list/0/user_id", "task_list[0].user_id")]
#[test_case("/task_list/0/action_configs/0/action_type", "task_list[0].action_configs[0].action_type")]
#[test_case("/task_list/0/action_configs/1/action_name", "task_list[0].action_configs[1].action_name")]
#[test_case("/cc_list/0/cc_id", "cc_list[0].cc_id")]
#[test_case("/cc_list/0/links", "cc_list[0].links")]
#[test_case("/cc_list/0/read_status", "cc_list[0].read_status")]
#[test_case("/cc_list/0/create_time", "cc_list[0].create_time")]
#[test_case("/cc_list/0/update_time", "cc_list[0].update_time")]
#[test_case("/cc_list/0/user_id", "cc_list[0].user_id")]
#[test_case("/i18n_resources/1/locale", "i18n_resources[1].locale")]
#[test_case("/i18n_resources/1/is_default", "i18n_resources[1].is_default")]
#[test_case("/i18n_resources/1/texts", "i18n_resources[1].texts")]
#[test_case("/i18n_resources/1/texts/0/value", "i18n_resources[1].texts[0].value")]
#[tokio::test]
async fn missing_field_is_named(pointer: &str, field: &str) {
    assert_eq!(refused(&[(pointer, Value::Null)]).await, [field]);
}

#[test_case("/extra")]
#[test_case("/title")]
#[test_case("/form")]
#[test_case("/department_id")]
#[test_case("/update_mode")]
#[test_case("/task_list")]
#[test_case("/cc_list")]
#[test_case("/links/pc_link")]
#[test_case("/form/0/value")]
#[test_case("/task_list/0/update_time")]
#[test_case("/task_list/0/action_configs")]
#[test_case("/task_list/0/node_id")]
#[test_case("/cc_list/0/title")]
#[tokio::test]
async fn optional_field_may_be_missing(pointer: &str) {
    let reply = TestSandbox::new().ask("POST", INSTANCES, with(instance(), &[(pointer, Value::Null)])).await;
    assert_eq!(reply.code(), 0, "{}", reply.text);
}

#[test_case("/status", json!("FINISHED"), "status")]
#[test_case("/status", json!("pending"), "status"; "lower case")]
#[test_case("/update_mode", json!("REPLACED"), "update_mode")]
#[test_case("/display_method", json!("POPUP"), "display_method")]
#[test_case("/instance_id", json!(""), "instance_id"; "empty id")]
#[test_case("/start_time", json!("2026-03-14T09:00:00Z"), "start_time"; "time in words")]
#[test_case("/start_time", json!(1.5), "start_time"; "fraction")]
#[test_case("/end_time", json!("-1"), "end_time"; "negative")]
#[test_case("/update_time", json!("99999999999999999999"), "update_time"; "too large")]
#[test_case("/trusteeship_user_id_type", json!("open_id"), "trusteeship_user_id_type")]
#[test_case("/trusteeship_cache_config", json!({"form_policy": "ALWAYS"}), "trusteeship_cache_config.form_policy")]
#[test_case("/task_list/0/status", json!("CANCELED"), "task_list[0].status"; "status of another kind")]
#[test_case("/task_list/0/generate_type", json!(""), "task_list[0].generate_type"; "empty generate type")]
#[test_case("/cc_list/0/read_status", json!("read"), "cc_list[0].read_status")]
#[test_case("/title", json!("出差"), "title"; "plain text for a key")]
#[test_case("/title", json!("@i18n@nowhere"), "title"; "key without text")]
#[test_case("/task_list/0/links", json!({"pc_link": ""}), "task_list[0].links.pc_link"; "no link at all")]
#[test_case("/i18n_resources/0/is_default", json!(false), "i18n_resources"; "no default")]
#[test_case("/i18n_resources/0/texts/0/key", json!("title"), "i18n_resources[0].texts[0].key"; "key without prefix")]
#[tokio::test]
async fn wrong_value_is_named(pointer: &str, value: Value, field: &str) {
    let fields = refused(&[(pointer, value)]).await;
    assert!(fields.iter().any(|known| known == field), "{fields:?}");
}

#[tokio::test]
async fn two_defaults_are_refused() {
    assert!(
        refused(&[("/i18n_resources/1/is_default", json!(true))])
            .await
            .contains(&"i18n_resources".to_owned())
    );
}

#[tokio::test]
async fn key_that_only_another_locale_defines_is_refused() {
    let mut body = with(instance(), &[("/title", json!("@i18n@only_english"))]);
    body["i18n_resources"][1]["texts"][0]["key"] = json!("@i18n@only_english");
    assert_eq!(TestSandbox::new().ask("POST", INSTANCES, body).await.violations(), ["title"]);
}

#[tokio::test]
async fn all_violations_come_at_once_with_value_and_description() {
    let body = with(
        instance(),
        &[
            ("/status", json!("FINISHED")),
            ("/start_time", Value::Null),
            ("/title", json!("plain")),
            ("/task_list/0/status", json!("OPEN")),
        ],
    );
    let reply = TestSandbox::new().ask("POST", INSTANCES, body).await;
    let error = &reply.json()["error"]["field_violations"];
    insta::assert_json_snapshot!(error, @r#"
    [
      {
        "description": "status must be one of [PENDING, APPROVED, REJECTED, CANCELED, DELETED, HIDDEN, TERMINATED]",
        "field": "status",
        "value": "FINISHED"
      },
      {
        "description": "start_time is required",
        "field": "start_time",
        "value": ""
      },
      {
        "description": "task_list[0].status must be one of [PENDING, APPROVED, REJECTED, TRANSFERRED, DONE]",
        "field": "task_list[0].status",
        "value": "OPEN"
      },
      {
        "description": "title must be a key that starts with @i18n@",
        "field": "title",
        "value": "plain"
      }
    ]
    "#);
}

#[test_case("/task_list", json!({}), "task_list"; "object for a list")]
#[test_case("/links", json!("https://x"), "links"; "string for an object")]
#[test_case("/i18n_resources/0/texts", json!({"@i18n@title": "x"}), "texts"; "map for texts")]
#[test_case("/task_list/0/exclude_statistics", json!("true"), "exclude_statistics"; "string for a flag")]
#[test_case("/extra", json!({"business_key": "x"}), "extra"; "object for a string")]
#[test_case("/task_list/0", json!(7), "task_list"; "number for a task")]
#[test_case("/instanceId", json!("x"), "instanceId"; "camel case")]
#[tokio::test]
async fn wrong_json_type_is_9499(pointer: &str, value: Value, field: &str) {
    let reply = TestSandbox::new().ask("POST", INSTANCES, with(instance(), &[(pointer, value)])).await;
    assert_eq!(reply.outcome(), (400, 9499));
    assert_eq!(reply.json()["msg"], format!("Invalid parameter type in json: {field}"));
}

#[tokio::test]
async fn body_that_is_no_json_is_9499() {
    let sandbox = TestSandbox::new();
    let token = sandbox.token().await;
    let request = axum::http::Request::post(INSTANCES).header("authorization", format!("Bearer {token}"));
    let reply = sandbox.send(request.body("{".into()).unwrap()).await;
    assert_eq!(reply.outcome(), (400, 9499));
}

#[test_case(Brand::Feishu, 300)]
#[test_case(Brand::Lark, 200)]
#[tokio::test]
async fn tasks_are_limited_by_brand(region: Brand, max: usize) {
    let sandbox = TestSandbox::with(Switches { region, ..Switches::default() });
    let tasks = |count: usize| -> Value {
        let task =
            |index| with(instance()["task_list"][0].clone(), &[("/task_id", json!(format!("t{index}")))]);
        (0..count).map(task).collect()
    };
    let full = with(instance(), &[("/task_list", tasks(max))]);
    assert_eq!(sandbox.ask("POST", INSTANCES, full).await.code(), 0);
    let over = with(instance(), &[("/task_list", tasks(max + 1))]);
    assert_eq!(sandbox.ask("POST", INSTANCES, over).await.violations(), ["task_list"]);
}

#[tokio::test]
async fn copies_and_actions_are_limited() {
    let copy = instance()["cc_list"][0].clone();
    assert_eq!(refused(&[("/cc_list", json!(vec![copy; 201]))]).await, ["cc_list"]);
    let approve = json!({"action_type": "APPROVE"});
    let field = "task_list[0].action_configs";
    assert_eq!(refused(&[("/task_list/0/action_configs", json!(vec![approve; 3]))]).await, [field]);
}

#[tokio::test]
async fn form_texts_have_at_most_2048_characters() {
    let text = |count: usize| [("/i18n_resources/0/texts/2/value", json!("成".repeat(count)))];
    assert_eq!(refused(&text(2049)).await, ["form[0].value"]);
    let reply = TestSandbox::new().ask("POST", INSTANCES, with(instance(), &text(2048))).await;
    assert_eq!(reply.code(), 0);
}

#[tokio::test]
async fn schema_errors_become_1390001_by_switch() {
    let sandbox = TestSandbox::with(Switches { schema_errors_as_1390001: true, ..Switches::default() });
    let reply = sandbox.ask("POST", INSTANCES, with(instance(), &[("/status", Value::Null)])).await;
    assert_eq!(reply.outcome(), (400, 1390001));
    assert_eq!(reply.json()["msg"], "param is invalid: status is required");
}

#[tokio::test]
async fn fields_without_effect_are_dropped_and_told_in_the_record() {
    let sandbox = TestSandbox::new();
    let mut body = with(instance(), &[("/colour", json!("red")), ("/task_list/0/priority", json!(1))]);
    body["cc_list"][0]["extra"] = Value::Null;
    let echo = sandbox.push(body).await;
    assert_eq!((echo["data"].get("colour"), echo["data"]["cc_list"][0].get("extra")), (None, None));
    let calls = sandbox.look("requests?api=external_instances").await;
    assert_eq!(calls["requests"][0]["unknown_fields"], json!(["colour", "task_list[0].priority"]));
    assert_eq!(calls["requests"][0]["null_fields"], json!(["cc_list[0].extra"]));
}

#[tokio::test]
async fn empty_body_misses_what_is_required() {
    assert_eq!(TestSandbox::new().ask("POST", CHECK, Value::Null).await.violations(), ["instances"]);
}
