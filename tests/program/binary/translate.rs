//! `translate`: a flat document in, Feishu's payload out, offline.

use serde_json::{Value, json};
use test_case::test_case;

use crate::binary::documents::instance;
use crate::process::{Running, answer, run};

#[test_case("replace")]
#[test_case("update")]
#[tokio::test(flavor = "multi_thread")]
async fn payload_is_the_one_that_preview_shows(mode: &str) {
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &[]);
    let path = format!("/v1/instances/a/preview?mode={mode}");
    let (status, preview) = answer(gateway.request("POST", &path, &instance("a"))).await;
    assert_eq!(status, 200, "{preview}");
    let ended = run(&["translate", "--mode", mode], &[], instance("a").to_string().as_bytes());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(serde_json::from_str::<Value>(&ended.stdout).unwrap(), preview);
}

#[test]
fn payload_is_indented_in_the_order_of_sending() {
    let ended = run(&["translate"], &[], instance("a").to_string().as_bytes());
    assert_eq!(ended.code, Some(0));
    let start = "{\n  \"update_mode\": \"REPLACE\",\n  \"approval_code\": ";
    assert!(ended.stdout.starts_with(start) && ended.stdout.ends_with("\n  ]\n}\n"), "{}", ended.stdout);
}

#[test]
fn compact_payload_is_one_line() {
    let ended = run(&["translate", "--compact"], &[], instance("a").to_string().as_bytes());
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.stdout.matches('\n').count(), 1);
    assert!(ended.stdout.ends_with("}\n"));
}

#[test]
fn invalid_document_lists_every_pointer_on_standard_error() {
    let mut document = instance("a");
    document["status"] = json!("PENDING");
    document["tasks"][0]["task_id"] = json!("a");
    document["titel"] = json!("x");
    let ended = run(&["translate"], &[], document.to_string().as_bytes());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    insta::assert_snapshot!(ended.stderr, @r#"
    approval-gateway: the instance is not valid:
      /status: must be one of: pending, approved, rejected, canceled, deleted, hidden, terminated (did you mean "pending"?)
      /titel: is not a field of this object (did you mean "title"?)
      /tasks/0/task_id: is used twice in this document; instance, task and cc ids must all differ, else Feishu shows none of it (prefix them with the instance id)
    "#);
}

#[test_case(b"{" ; "an unfinished object")]
#[test_case(b"" ; "nothing")]
#[test_case(b"\xff\xfe{}" ; "another encoding")]
fn bytes_that_are_no_json_exit_with_one(input: &[u8]) {
    let ended = run(&["translate"], &[], input);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.starts_with("approval-gateway: "), "{}", ended.stderr);
}

#[test]
fn settings_count_here_too() {
    let mut document = instance("a");
    document.as_object_mut().unwrap().remove("locale");
    let environment = [("GATEWAY_DEFAULT_LOCALE", "en-US")];
    let ended = run(&["translate"], &environment, document.to_string().as_bytes());
    let payload: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(payload["i18n_resources"][0]["locale"], "en-US");
}
