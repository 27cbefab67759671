//! What a stricter reader would refuse, but Feishu takes (design §2.1: never stricter than upstream).

use approval_gateway::domain::{Mode, Region};
use serde_json::{Value, json};
use test_case::test_case;

use crate::document::support::{PUSH, Push, edited, instance};

fn accepted(push: Push, edits: &[&str]) -> Value {
    push.payload(edited(instance(), edits).as_bytes()).unwrap()
}

/// What stands at the pointer of the payload; `null` for nothing, which a payload never holds.
fn sent(edits: &[&str], pointer: &str) -> Value {
    accepted(PUSH, edits).pointer(pointer).cloned().unwrap_or_default()
}

#[test_case(&[r#"/updated_at = "2020-01-01T00:00:00Z""#], "/update_time" => json!("1577836800000"); "updated before it started")]
#[test_case(&[r#"/ended_at = "2020-01-01T00:00:00Z""#], "/end_time" => json!("1577836800000"); "ended while pending, before it started")]
#[test_case(&[r#"/tasks/0/ended_at = "2020-01-01T00:00:00Z""#], "/task_list/0/end_time" => json!("1577836800000"); "task ended while pending")]
#[test_case(&[r#"/tasks/0/created_at = "2020-01-01T00:00:00Z""#], "/task_list/0/create_time" => json!("1577836800000"); "task older than its instance")]
#[test_case(&[r#"/started_at = "2020-01-01t00:00:00.0019-00:00""#], "/start_time" => json!("1577836800001"); "time in another spelling")]
#[test_case(&[r#"/status = "hidden""#], "/end_time" => json!("0"); "hidden without end")]
#[test_case(&[r#"/status = "approved""#, r#"/updated_at = "2020-01-01T00:00:00Z""#], "/end_time" => json!("1577836800000"); "approved without end")]
#[test_case(&[r#"/tasks/0/status = "done""#, r#"/updated_at = "2020-01-01T00:00:00Z""#], "/task_list/0/end_time" => json!("1577836800000"); "task done without end")]
#[test_case(&[r#"/tasks/0/status = "done""#, r#"/tasks/0/updated_at = "2020-01-01T00:00:00Z""#], "/task_list/0/end_time" => json!("1577836800000"); "task done without end, with a version of its own")]
#[test_case(&[], "/end_time" => json!("0"); "no end")]
#[test_case(&[r#"/ended_at = """#], "/end_time" => json!("0"); "empty end")]
#[test_case(&[r#"/title = """#], "/title" => Value::Null; "empty title")]
#[test_case(&["/title = null"], "/title" => Value::Null; "title null")]
#[test_case(&["/display_method = null"], "/display_method" => Value::Null; "display method null")]
#[test_case(&[r#"/display_method = """#], "/display_method" => Value::Null; "empty display method")]
#[test_case(&[], "/department_id" => Value::Null; "no department")]
#[test_case(&["/department_id = null"], "/department_id" => Value::Null; "department null")]
#[test_case(&[r#"/department_id = """#], "/department_id" => json!(""); "empty department means the company")]
#[test_case(&["/extra = null"], "/extra" => Value::Null; "extra null")]
#[test_case(&["/extra = {}"], "/extra" => json!("{}"); "empty extra")]
#[test_case(&[r#"/extra = {"business_key": 7}"#], "/extra" => json!(r#"{"business_key":7}"#); "business key of the caller's own type")]
#[test_case(&[r#"/business_key = "a""#, r#"/extra = {"business_key": "a"}"#], "/extra" => json!(r#"{"business_key":"a"}"#); "one business key in two places")]
#[test_case(&[r#"/tasks/0/extra = {"complete_reason": "ours"}"#], "/task_list/0/extra" => json!(r#"{"complete_reason":"ours"}"#); "reason of the caller's own")]
#[test_case(&["/translations = null"], "/i18n_resources/1" => Value::Null; "translations null")]
#[test_case(&["/translations = {}"], "/i18n_resources/1" => Value::Null; "no catalogue")]
#[test_case(&[r#"/translations = {"zh-CN": {"成都": "成都"}}"#], "/i18n_resources/1" => Value::Null; "own locale repeated")]
#[test_case(&[r#"/translations = {"en-US": {"重庆": "Chongqing"}}"#], "/task_list/0/task_id" => json!("t-1"); "catalogue of other texts")]
#[test_case(&["/tasks = []"], "/task_list" => json!([]); "no tasks any more")]
#[test_case(&["/tasks"], "/task_list" => Value::Null; "tasks not mentioned")]
#[test_case(&["/cc = []"], "/cc_list" => json!([]); "no copies any more")]
#[test_case(&["/form = []"], "/form" => json!([]); "no form any more")]
#[test_case(&["/form = [{}]"], "/form" => json!([{}]); "empty row")]
#[test_case(&[r#"/form/0/value = """#], "/form/0/value" => Value::Null; "row without value")]
#[test_case(&["/trusteeship = null"], "/trusteeship_urls" => Value::Null; "trusteeship null")]
#[test_case(&[r#"/trusteeship = {"cache_version": "7"}"#], "/trusteeship_cache_config" => json!({"form_version": "7"}); "cache version in digits")]
#[test_case(&[r#"/trusteeship = {"cache_version": -9223372036854775808}"#], "/trusteeship_cache_config" => json!({"form_version": "-9223372036854775808"}); "smallest cache version")]
#[test_case(&["/applicant_user_id", r#"/applicant_open_id = "ou_1""#], "/open_id" => json!("ou_1"); "open id alone")]
#[test_case(&[r#"/applicant_open_id = "ou_1""#], "/user_id" => json!("u1"); "both ids")]
#[test_case(&["/applicant_user_id", r#"/applicant_name = "cron""#], "/user_id" => Value::Null; "name alone")]
#[test_case(&["/pc_link", r#"/mobile_link = "x y""#], "/links" => json!({"pc_link": "x y", "mobile_link": "x y"}); "any address on one client")]
#[test_case(&[r#"/pc_link = "https://x/?q=javascript:1""#], "/links/pc_link" => json!("https://x/?q=javascript:1"); "address that speaks of a scheme")]
#[test_case(&[r#"/tasks/0/mobile_link = "m""#], "/task_list/0/links" => json!({"pc_link": "m", "mobile_link": "m"}); "own link of a task on one client")]
#[test_case(&[], "/cc_list/0/links/mobile_link" => json!("https://oa.example.org/1"); "links of the instance")]
#[test_case(&[r#"/instance_id = "i-1""#], "/instance_id" => json!("i-1"); "id repeated")]
#[test_case(&[r#"/instance_id = """#], "/instance_id" => json!("i-1"); "id empty")]
#[test_case(&[r#"/tasks/0/actions = [{"action": "approve"}, {"action": "approve"}]"#], "/task_list/0/action_configs/1/action_type" => json!("APPROVE"); "one action twice")]
#[test_case(&[r#"/tasks/0/actions = [{"action": "Approve", "label": "同意"}]"#], "/task_list/0/action_configs/0/action_type" => json!("Approve"); "own action much like a ready one")]
#[test_case(&["/tasks/0/actions = []"], "/task_list/0/action_configs" => json!([]); "no actions any more")]
#[test_case(&[r#"/cc/0/title = "@i18n@1""#], "/cc_list/0/title" => json!("@i18n@1"); "plain title of a copy that looks like a key")]
#[test_case(&["/cc/0/read = null"], "/cc_list/0/read_status" => json!("UNREAD"); "read null")]
#[test_case(&[r#"/translations = {"zh-CN": {"Chongqing": "重庆"}}"#], "/i18n_resources/1" => Value::Null; "own locale with other texts")]
fn it_is_sent(edits: &[&str], pointer: &str) -> Value {
    sent(edits, pointer)
}

#[test_case("name")]
#[test_case("value")]
fn a_form_text_of_exactly_the_limit_is_taken(member: &str) {
    let edit = format!("/form/0/{member} = \"{}\"", "🙂".repeat(2048));
    assert!(sent(&[&edit], &format!("/form/0/{member}")).is_string());
}

#[test]
fn a_title_has_no_limit() {
    let edit = format!("/title = \"{}\"", "字".repeat(10_000));
    assert!(sent(&[&edit], "/title").is_string());
}

#[test_case("i/1 报销#?%2F\"")]
#[test_case("../..")]
#[test_case(" ")]
fn any_id_is_taken(id: &'static str) {
    let payload = accepted(Push { path_id: Some(id), ..PUSH }, &[]);
    assert_eq!(payload["instance_id"], id);
}

#[test]
fn the_document_names_the_instance_when_no_path_does() {
    let payload = accepted(Push { path_id: None, ..PUSH }, &[r#"/instance_id = "i-9""#]);
    assert_eq!(payload["instance_id"], "i-9");
}

#[test_case(Region::Feishu, 300)]
#[test_case(Region::Lark, 200)]
fn as_many_tasks_as_the_region_allows_are_taken(region: Region, count: usize) {
    let mut document = instance();
    let task = |index| {
        let mut task = document["tasks"][0].clone();
        task["task_id"] = json!(format!("task {index}"));
        task
    };
    document["tasks"] = (0..count).map(task).collect();
    let payload = Push { region, ..PUSH }.payload(document.to_string().as_bytes()).unwrap();
    assert_eq!(payload["task_list"].as_array().unwrap().len(), count);
}

#[test_case(Mode::Update, &["/applicant_user_id", "/tasks", "/cc"]; "an update erases nothing")]
#[test_case(Mode::Replace, &["/applicant_user_id", "/tasks"]; "a copy is left")]
#[test_case(Mode::Replace, &["/applicant_user_id", "/cc"]; "a task is left")]
#[test_case(Mode::Replace, &["/tasks", "/cc"]; "the applicant is left")]
fn a_finished_instance_of_a_machine_is_taken_when(mode: Mode, removed: &[&str]) {
    let over = [
        r#"/status = "approved""#,
        r#"/ended_at = "2026-03-15T09:00:00Z""#,
        r#"/updated_at = "2026-03-15T09:00:00Z""#,
        r#"/applicant_name = "cron""#,
    ];
    let payload = accepted(Push { mode, ..PUSH }, &[&over[..], removed].concat());
    assert_eq!(payload["status"], "APPROVED");
}

#[test]
fn an_update_may_leave_out_the_lists() {
    let edits = ["/tasks", "/cc", "/form", r#"/updated_at = "2026-03-15T09:00:00Z""#];
    let payload = accepted(Push { mode: Mode::Update, ..PUSH }, &edits);
    assert_eq!((payload.get("task_list"), payload.get("cc_list"), payload.get("form")), (None, None, None));
}
