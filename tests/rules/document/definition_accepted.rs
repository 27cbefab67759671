//! What a stricter reader of definitions would refuse (design §2.2).

use serde_json::{Value, json};
use test_case::test_case;

use crate::document::support::{definition, edited, upsert};

#[test_case(&[], "/viewers" => json!([{"viewer_type": "TENANT"}]); "everyone")]
#[test_case(&[r#"/viewers/scope = "nobody""#], "/viewers" => json!([{"viewer_type": "NONE"}]); "nobody")]
#[test_case(&["/viewers/user_ids = []"], "/viewers" => json!([{"viewer_type": "TENANT"}]); "everyone and no list")]
#[test_case(&[r#"/viewers = {"scope": "selected", "department_ids": ["d1"]}"#], "/viewers" => json!([{"viewer_type": "DEPARTMENT", "viewer_department_id": "d1"}]); "a department alone")]
#[test_case(&["/support_pc = false", "/support_mobile = true"], "/external/support_mobile" => json!(true); "phones alone")]
#[test_case(&[r#"/action_callback_url = "http://10.0.0.1:8080/x""#, r#"/action_callback_token = """#, r#"/action_callback_key = """#], "/external/action_callback_url" => json!("http://10.0.0.1:8080/x"); "plain callback without secrets")]
#[test_case(&[r#"/action_callback_url = """#, r#"/action_callback_token = """#], "/external/action_callback_url" => Value::Null; "no callback, said twice")]
#[test_case(&["/group_key = null", r#"/group_name = """#], "/group_code" => Value::Null; "no group, said twice")]
#[test_case(&[r#"/description = """#], "/description" => Value::Null; "empty description")]
#[test_case(&[r#"/managers = ["u1", "u1"]"#], "/managers" => json!(["u1", "u1"]); "one manager twice")]
fn it_is_sent(edits: &[&str], pointer: &str) -> Value {
    let payload = upsert(edited(definition(), edits).as_bytes()).unwrap();
    payload.pointer(pointer).cloned().unwrap_or_default()
}

#[test]
fn a_key_of_exactly_the_limit_is_taken() {
    let key = "键".repeat(128);
    let payload =
        upsert(edited(definition(), &[&format!("/definition_key = \"{key}\"")]).as_bytes()).unwrap();
    assert_eq!(payload["approval_code"], key);
}

#[test]
fn a_short_name_has_a_key_of_nine_characters() {
    let payload = upsert(edited(definition(), &["/name = \"A\""]).as_bytes()).unwrap();
    let key = payload["approval_name"].as_str().unwrap();
    assert!(key.starts_with("@i18n@") && key.chars().count() >= 9, "{key}");
}
