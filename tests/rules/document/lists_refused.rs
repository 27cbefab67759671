//! Refusals inside `form`, `tasks` and `cc`, and of their ids together (design §2.1).

use approval_gateway::domain::Region;
use serde_json::json;
use test_case::test_case;

use crate::document::support::{PUSH, Push, edited, instance, short, violations};

#[test_case(&["/form = null"], &["/form type"]; "form null")]
#[test_case(&["/form = {}"], &["/form type"]; "form an object")]
#[test_case(&["/form/- = null"], &["/form/1 required"]; "row null")]
#[test_case(&["/form/- = []"], &["/form/1 type"]; "row an array")]
#[test_case(&[r#"/form/0/label = "x""#], &["/form/0/label unknown_field"]; "unknown field of a row")]
#[test_case(&["/form/0/value = 3"], &["/form/0/value type"]; "value a number")]
#[test_case(&["/tasks = null"], &["/tasks type"]; "tasks null")]
#[test_case(&["/tasks = {}"], &["/tasks type"]; "tasks an object")]
#[test_case(&["/tasks/- = null"], &["/tasks/1 required"]; "task null")]
#[test_case(&["/tasks/0/task_id"], &["/tasks/0/task_id required"]; "no task id")]
#[test_case(&["/tasks/0/user_id"], &["/tasks/0/user_id required"]; "no approver")]
#[test_case(&[r#"/tasks/0/user_id = """#, "/tasks/0/open_id = null"], &["/tasks/0/user_id required"]; "approver empty and null")]
#[test_case(&["/tasks/0/status"], &["/tasks/0/status required"]; "no task status")]
#[test_case(&[r#"/tasks/0/status = "canceled""#], &["/tasks/0/status unknown_value"]; "task status of an instance")]
#[test_case(&["/tasks/0/created_at"], &["/tasks/0/created_at required"]; "no creation time")]
#[test_case(&[r#"/tasks/0/pc_link = "javascript:x""#], &["/tasks/0/pc_link unsafe_link"]; "task link that runs code")]
#[test_case(&[r#"/tasks/0/complete_reason = "timeout""#], &["/tasks/0/complete_reason unknown_value"]; "unknown reason")]
#[test_case(&[r#"/tasks/0/complete_reason = "add""#, r#"/tasks/0/extra = {"complete_reason": "recall"}"#], &["/tasks/0/complete_reason contradiction"]; "two reasons")]
#[test_case(&["/tasks/0/extra = 1"], &["/tasks/0/extra type"]; "extra of a task a number")]
#[test_case(&["/tasks/0/action_context = {}"], &["/tasks/0/action_context type"]; "context an object")]
#[test_case(&[r#"/tasks/0/display_method = "x""#], &["/tasks/0/display_method unknown_value"]; "unknown display method of a task")]
#[test_case(&["/tasks/0/exclude_from_statistics = 1"], &["/tasks/0/exclude_from_statistics type"]; "flag a number")]
#[test_case(&[r#"/tasks/0/generate_type = "consign""#], &["/tasks/0/generate_type unknown_value"]; "unknown generate type")]
#[test_case(&["/tasks/0/actions = null"], &["/tasks/0/actions type"]; "actions null")]
#[test_case(&[r#"/tasks/0/actions/- = {"action": "reject"}"#, r#"/tasks/0/actions/- = {"action": "x", "label": "X"}"#], &["/tasks/0/actions too_many"]; "three actions")]
#[test_case(&["/tasks/0/actions/0/action"], &["/tasks/0/actions/0/action required"]; "no action")]
#[test_case(&[r#"/tasks/0/actions/0/action = "forward""#], &["/tasks/0/actions/0/label required"]; "own action without label")]
#[test_case(&[r#"/tasks/0/actions/0/action = "APPROVE""#], &["/tasks/0/actions/0/label required"]; "ready action in upper case")]
#[test_case(&["/tasks/0/actions/0/reason = true"], &["/tasks/0/actions/0/reason type"]; "reason a flag")]
#[test_case(&[r#"/tasks/0/actions/0/reason = "must""#], &["/tasks/0/actions/0/reason unknown_value"]; "unknown reason of an action")]
#[test_case(&[r#"/tasks/0/actions/0/attachment = "no""#], &["/tasks/0/actions/0/attachment type"]; "attachment a word")]
#[test_case(&[r#"/tasks/0/actions/0/name = "x""#], &["/tasks/0/actions/0/name unknown_field"]; "unknown field of an action")]
#[test_case(&["/cc = null"], &["/cc type"]; "copies null")]
#[test_case(&["/cc/0/cc_id"], &["/cc/0/cc_id required"]; "no copy id")]
#[test_case(&["/cc/0/user_id"], &["/cc/0/user_id required"]; "no reader")]
#[test_case(&["/cc/0/created_at"], &["/cc/0/created_at required"]; "no time of the copy")]
#[test_case(&[r#"/cc/0/read = "unread""#], &["/cc/0/read type"]; "read a word")]
#[test_case(&[r#"/cc/0/status = "read""#], &["/cc/0/status unknown_field"]; "unknown field of a copy")]
#[test_case(&[r#"/cc/0/mobile_link = "javascript:x""#], &["/cc/0/mobile_link unsafe_link"]; "copy link that runs code")]
#[test_case(&[r#"/tasks/0/task_id = "i-1""#], &["/tasks/0/task_id duplicate_id"]; "task id of the instance")]
#[test_case(&[r#"/cc/0/cc_id = "i-1""#], &["/cc/0/cc_id duplicate_id"]; "copy id of the instance")]
#[test_case(&[r#"/cc/0/cc_id = "t-1""#], &["/cc/0/cc_id duplicate_id"]; "copy id of a task")]
#[test_case(&[r#"/tasks/- = {"task_id": "t-1", "open_id": "o", "status": "pending", "created_at": "2026-03-14T09:00:00Z"}"#], &["/tasks/1/task_id duplicate_id"]; "two tasks of one id")]
#[test_case(&[r#"/tasks/- = {"task_id": "t-1"}"#], &["/tasks/1/user_id required", "/tasks/1/status required", "/tasks/1/created_at required", "/tasks/1/task_id duplicate_id"]; "colliding task with other violations")]
#[test_case(&[r#"/tasks/0/status = "x""#, r#"/cc/0/cc_id = "t-1""#], &["/tasks/0/status unknown_value", "/cc/0/cc_id duplicate_id"]; "copy id of a task with other violations")]
#[test_case(&[r#"/tasks/0/status = "x""#, "/tasks/- = null", r#"/tasks/- = {"task_id": "t-1", "open_id": "o", "status": "pending", "created_at": "2026-03-14T09:00:00Z"}"#], &["/tasks/0/status unknown_value", "/tasks/1 required", "/tasks/2/task_id duplicate_id"]; "colliding task behind two that are refused")]
#[test_case(&[r#"/tasks/0/status = "x""#, r#"/tasks/0/title = "成都""#, r#"/translations = {"zh-CN": {"成都": "重庆"}}"#, r#"/title = "x""#], &["/tasks/0/status unknown_value", "/translations/zh-CN/成都 contradiction"]; "another wording for a text of a refused task")]
#[test_case(&[r#"/tasks/0/status = "x""#, r#"/tasks/0/actions/0 = {"action": "approve", "label": "行"}"#, r#"/translations = {"zh-CN": {"行": "好"}}"#], &["/tasks/0/status unknown_value", "/translations/zh-CN/行 contradiction"]; "another wording for a button of a refused task")]
#[test_case(&[r#"/tasks/0/actions/0 = {"label": "行"}"#, r#"/translations = {"zh-CN": {"行": "好"}}"#], &["/tasks/0/actions/0/action required", "/translations/zh-CN/行 contradiction"]; "another wording for a button that is refused")]
#[test_case(&[r#"/tasks/0/status = "x""#, r#"/tasks/0/node_name = "成都""#, r#"/translations = {"zh-CN": {"成都": "重庆"}}"#], &["/tasks/0/status unknown_value", "/translations/zh-CN/成都 contradiction"]; "another wording for the node of a refused task")]
#[test_case(&[r#"/cc/0/created_at = "x""#, r#"/cc/0/cc_id = "t-1""#], &["/cc/0/created_at invalid_time", "/cc/0/cc_id duplicate_id"]; "refused copy with the id of a task")]
fn an_element_is_refused(edits: &[&str], expected: &[&str]) {
    let mut expected = expected.to_vec();
    let mut found = PUSH.refusal(edits);
    expected.sort_unstable();
    found.sort();
    assert_eq!(found, expected);
}

#[test_case(Region::Feishu, "tasks", 301 => vec!["/tasks too_many"]; "tasks on Feishu")]
#[test_case(Region::Lark, "tasks", 201 => vec!["/tasks too_many"]; "tasks on Lark")]
#[test_case(Region::Feishu, "cc", 201 => vec!["/cc too_many"]; "copies")]
#[test_case(Region::Feishu, "cc", 5_000 => vec!["/cc too_many"]; "copies far beyond the limit")]
fn one_element_too_many_is_refused(region: Region, list: &str, count: usize) -> Vec<String> {
    let mut document = instance();
    let id = if list == "tasks" { "task_id" } else { "cc_id" };
    let elements = (0..count).map(|index| {
        let mut element = document[list][0].clone();
        element[id] = json!(format!("{list}-{index}"));
        element
    });
    document[list] = elements.collect();
    short(&violations(Push { region, ..PUSH }.payload(document.to_string().as_bytes())))
}

#[test_case("name", "字"; "a name")]
#[test_case("value", "🙂"; "a value of emoji")]
fn a_form_text_of_one_character_too_many_is_refused(member: &str, character: &str) {
    let edit = format!("/form/0/{member} = \"{}\"", character.repeat(2049));
    assert_eq!(PUSH.refusal(&[&edit]), [format!("/form/0/{member} too_long")]);
}

#[test_case("name", "目的地"; "a name")]
#[test_case("value", "成都"; "a value")]
fn a_translation_of_a_form_text_has_the_same_limit(member: &str, source: &str) {
    let translations =
        |length| format!(r#"/translations = {{"en-US": {{"{source}": "{}"}}}}"#, "x".repeat(length));
    let form = format!(r#"/form/0/{member} = "{source}""#);
    assert!(PUSH.payload(edited(instance(), &[&form, &translations(2048)]).as_bytes()).is_ok());
    let expected = format!("/translations/en-US/{source} too_long");
    assert_eq!(PUSH.refusal(&[&form, &translations(2049)]), [expected]);
}

#[test_case(r#""en-US":{"a":"","a":"x"}"#, "/translations/en-US/a"; "an empty translation first")]
#[test_case(r#""en-US":{"a":"x","a":null}"#, "/translations/en-US/a"; "a null translation last")]
#[test_case(r#""en-US":{},"en-US":{"a":"x"}"#, "/translations/en-US"; "an empty catalogue first")]
fn a_repeated_translation_is_refused_even_if_one_is_absent(catalogues: &str, pointer: &str) {
    let document = edited(instance(), &[]).replacen('{', &format!("{{\"translations\":{{{catalogues}}},"), 1);
    let found = short(&violations(PUSH.payload(document.as_bytes())));
    assert_eq!(found, [format!("{pointer} duplicate_field")]);
}

#[test_case(r#"{"en-US": null}"#, "/translations/en-US type"; "a catalogue")]
#[test_case(r#"{"en-US": {"年假申请": null}}"#, "/translations/en-US/年假申请 type"; "a wording")]
fn a_null_translation_is_refused(translations: &str, expected: &str) {
    assert_eq!(PUSH.refusal(&[&format!("/translations = {translations}")]), [expected]);
}

#[test]
fn a_form_has_a_largest_number_of_rows() {
    let form =
        |rows: usize| format!("/form = {}", serde_json::Value::from(vec![serde_json::json!({}); rows]));
    assert!(PUSH.payload(edited(instance(), &[&form(1000)]).as_bytes()).is_ok());
    assert_eq!(PUSH.refusal(&[&form(1001)]), ["/form too_many"]);
}

#[test]
fn a_repeated_member_is_refused_at_every_level() {
    let document = edited(instance(), &[]);
    for (from, to, expected) in [
        (
            r#""status":"pending","task_id""#,
            r#""status":"pending","status":"done","task_id""#,
            "/tasks/0/status",
        ),
        (r#""pc_link":"#, r#""pc_link":"x","pc_link":"#, "/pc_link"),
        (r#""cc_id":"#, r#""cc_id":"x","cc_id":"#, "/cc/0/cc_id"),
        (r#""action":"#, r#""action":"reject","action":"#, "/tasks/0/actions/0/action"),
        (r#""pc_link":"#, r#""extra":{"a":1,"a":2},"pc_link":"#, "/extra"),
        (r#""pc_link":"#, r#""extra":{"a":[{"b":1,"\u0062":2}]},"pc_link":"#, "/extra"),
        (
            r#""pc_link":"#,
            r#""translations":{"en-US":{"a":"1","a":"2"}},"pc_link":"#,
            "/translations/en-US/a",
        ),
        (
            r#""pc_link":"#,
            r#""translations":{"en-US":{},"en-US":{"a":"2"}},"pc_link":"#,
            "/translations/en-US",
        ),
    ] {
        assert_eq!(document.matches(from).count(), 1, "{from} in {document}");
        let found = violations(PUSH.payload(document.replace(from, to).as_bytes()));
        assert_eq!(short(&found), [format!("{expected} duplicate_field")]);
    }
}
