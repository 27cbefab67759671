//! Refusals of definitions (design §2.2).

use test_case::test_case;

use crate::document::support::{definition, edited, short, upsert, violations};

#[test_case(&["/definition_key"], &["/definition_key required"]; "no key")]
#[test_case(&[r#"/definition_key = """#], &["/definition_key required"]; "empty key")]
#[test_case(&["/name"], &["/name required"]; "no name")]
#[test_case(&["/name = {}"], &["/name type"]; "name an object")]
#[test_case(&[r#"/group_name = "行政""#], &["/group_key required"]; "group without key")]
#[test_case(&["/viewers"], &["/viewers required"]; "no viewers")]
#[test_case(&["/viewers = null"], &["/viewers required"]; "viewers null")]
#[test_case(&[r#"/viewers = "everyone""#], &["/viewers type"]; "viewers a word")]
#[test_case(&["/viewers = {}"], &["/viewers/scope required"]; "no scope")]
#[test_case(&[r#"/viewers/scope = "TENANT""#], &["/viewers/scope unknown_value"]; "scope of Feishu")]
#[test_case(&[r#"/viewers/scope = "selected""#], &["/viewers/user_ids required"]; "nobody selected")]
#[test_case(&[r#"/viewers/user_ids = ["u1"]"#], &["/viewers/scope contradiction"]; "everyone and somebody")]
#[test_case(&["/viewers/user_ids = null"], &["/viewers/user_ids type"]; "users null")]
#[test_case(&[r#"/viewers = {"scope": "selected", "user_ids": ["u1", ""]}"#], &["/viewers/user_ids/1 required"]; "empty user")]
#[test_case(&[r#"/viewers = {"scope": "selected", "user_ids": ["u1"], "department_ids": [1]}"#], &["/viewers/department_ids/0 type"]; "department a number")]
#[test_case(&["/support_pc"], &["/support_pc required"]; "shown nowhere by default")]
#[test_case(&["/support_pc = false", "/support_mobile = false"], &["/support_pc contradiction"]; "shown nowhere")]
#[test_case(&[r#"/support_pc = "yes""#], &["/support_pc type"]; "flag a word")]
#[test_case(&["/managers = null"], &["/managers type"]; "managers null")]
#[test_case(&["/managers = [null]"], &["/managers/0 required"]; "manager null")]
#[test_case(&[r#"/action_callback_url = "https://x""#], &["/action_callback_token required", "/action_callback_key required"]; "callback without secrets")]
#[test_case(&[r#"/action_callback_url = "https://x""#, "/action_callback_token = null", r#"/action_callback_key = """#], &["/action_callback_token required"]; "callback with a token of null")]
#[test_case(&[r#"/action_callback_token = "t""#], &["/action_callback_url required"]; "token without callback")]
#[test_case(&[r#"/pc_create_link = "javascript:x""#], &["/pc_create_link unsafe_link"]; "link that runs code")]
#[test_case(&[r#"/mobile_create_link = "data:,x""#], &["/mobile_create_link unsafe_link"]; "other link that runs code")]
#[test_case(&[r#"/user_id_type = "employee_id""#], &["/user_id_type unknown_value"]; "unknown user id type")]
#[test_case(&[r#"/department_id_type = "x""#], &["/department_id_type unknown_value"]; "unknown department id type")]
#[test_case(&[r#"/locale = "zh""#], &["/locale unknown_locale"]; "unknown locale")]
#[test_case(&[r#"/translations = {"xx": {}}"#], &["/translations/xx unknown_locale"]; "catalogue of an unknown locale")]
#[test_case(&["/viewers/users = []"], &["/viewers/users unknown_field"]; "unknown field of viewers")]
#[test_case(&[r#"/viewers = {"scope": "selected", "department_ids": [1]}"#], &["/viewers/department_ids/0 type"]; "the only department a number")]
#[test_case(&[r#"/viewers = {"scope": "selected", "user_ids": null}"#], &["/viewers/user_ids type"]; "the only users null")]
fn a_definition_is_refused(edits: &[&str], expected: &[&str]) {
    assert_eq!(short(&violations(upsert(edited(definition(), edits).as_bytes()))), expected);
}

fn ids(count: usize) -> String {
    let ids: Vec<_> = (0..count).map(|index| format!("\"id-{index}\"")).collect();
    format!("[{}]", ids.join(","))
}

#[test]
fn a_key_of_one_character_too_many_is_refused() {
    let edit = format!("/definition_key = \"{}\"", "键".repeat(129));
    let found = violations(upsert(edited(definition(), &[&edit]).as_bytes()));
    assert_eq!(short(&found), ["/definition_key too_long"]);
}

#[test]
fn one_manager_too_many_is_refused() {
    let edit = format!("/managers = {}", ids(201));
    let found = violations(upsert(edited(definition(), &[&edit]).as_bytes()));
    assert_eq!(short(&found), ["/managers too_many"]);
}

#[test]
fn users_and_departments_together_are_limited() {
    let edit = format!(
        r#"/viewers = {{"scope": "selected", "user_ids": {}, "department_ids": {}}}"#,
        ids(100),
        ids(101)
    );
    let found = violations(upsert(edited(definition(), &[&edit]).as_bytes()));
    assert_eq!(short(&found), ["/viewers too_many"]);
}
