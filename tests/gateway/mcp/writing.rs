//! Tools that write: in two calls, of which the first sends nothing.

use std::time::Duration;

use approval_gateway::domain::{AppName, Timestamp};
use approval_gateway::ledger::{Cause, LedgerError, Retention};
use serde_json::{Value, json};
use test_case::test_case;

use super::support::{call, pushes, start};
use crate::durable::support::Kept;
use crate::harness::Gateway;
use crate::harness::documents::{instance, task, with};

fn put(digest: Option<&str>) -> Value {
    with(json!({"instance_id": "a", "document": instance("a")}), json!({ "digest": digest }))
}

#[tokio::test]
async fn the_first_call_shows_what_the_second_sends() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let first = call(&gateway, "put_instance", put(None)).await;
    assert!(!first.is_error, "{first:?}");
    assert_eq!(pushes(&kept).await, 0);
    let second = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert!(!second.is_error, "{second:?}");
    assert_eq!((&second.data()["revision"], &second.data()["mode"]), (&json!(1), &json!("replace")));
    let sent = kept.gateway.feishu.sent("external_instances").await;
    assert_eq!(sent, [first.data()["would_send"].clone()]);
    assert_eq!(kept.record("a").await.caller.as_deref(), Some("k-both"));
}

#[tokio::test]
async fn a_mode_is_part_of_what_is_shown() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let update = |digest: Option<&str>| with(put(digest), json!({"mode": "update"}));
    let first = call(&gateway, "put_instance", update(None)).await;
    assert_eq!(first.data()["would_send"]["update_mode"], "UPDATE");
    let other = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert_eq!((other.problem(), pushes(&kept).await), ("wrong_digest", 0));
    let second = call(&gateway, "put_instance", update(Some(first.digest()))).await;
    assert_eq!((&second.data()["mode"], pushes(&kept).await), (&json!("update"), 1));
}

#[test_case("k-both", "put_instance", json!({"instance_id": "b"}) => "wrong_digest"; "another instance")]
#[test_case("k-both", "put_instance", json!({"document": with(instance("a"), json!({"title": "Bonus"}))}) => "wrong_digest"; "another document")]
#[test_case("k-other", "put_instance", json!({}) => "wrong_digest"; "another caller")]
#[test_case("k-both", "put_instance", json!({"digest": "new.99999999999.00000000000000000000000000000000"}) => "wrong_digest"; "one that was made up")]
#[test_case("k-both", "put_instance", json!({"digest": "yes"}) => "wrong_digest"; "a word")]
#[test_case("k-both", "put_instance", json!({"digest": true}) => "wrong_arguments"; "no text")]
#[test_case("k-both", "patch_instance", json!({"document": null, "patch": instance("a")}) => "wrong_digest"; "another tool")]
#[tokio::test]
async fn a_digest_is_good_for_what_was_shown_only(key: &str, tool: &str, change: Value) -> String {
    let kept = start().await;
    let first = call(&kept.gateway.with_key("k-both"), "put_instance", put(None)).await;
    let arguments = with(put(Some(first.digest())), change);
    let second = call(&kept.gateway.with_key(key), tool, arguments).await;
    assert_eq!(second.structured["sent"], false);
    assert_eq!(pushes(&kept).await, 0);
    second.problem().to_owned()
}

#[tokio::test]
async fn a_digest_is_good_for_ten_minutes() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let first = call(&gateway, "put_instance", put(None)).await;
    kept.gateway.clock.advance(Duration::from_secs(601));
    let second = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert_eq!((second.problem(), &second.structured["sent"]), ("expired_digest", &json!(false)));
    assert_eq!(pushes(&kept).await, 0);
}

#[tokio::test]
async fn what_was_changed_meanwhile_is_not_overwritten() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let first = call(&gateway, "put_instance", put(None)).await;
    let theirs = with(instance("a"), json!({"title": "Theirs"}));
    gateway.put("a", "", &theirs).await.ok();
    let second = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert_eq!((second.problem(), pushes(&kept).await), ("revision_mismatch", 1));
    assert_eq!(second.structured["sent"], false);
    // The same once there is a document.
    let first = call(&gateway, "put_instance", put(None)).await;
    gateway.put("a", "", &with(theirs, json!({"title": "Theirs again"}))).await.ok();
    let second = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert_eq!((second.problem(), pushes(&kept).await), ("revision_mismatch", 2));
}

#[tokio::test]
async fn a_digest_is_good_once() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let first = call(&gateway, "put_instance", put(None)).await;
    assert!(!call(&gateway, "put_instance", put(Some(first.digest()))).await.is_error);
    let again = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert_eq!((again.problem(), pushes(&kept).await), ("revision_mismatch", 1));
}

/// Settled long ago, it is kept no longer, and its revisions go on counting.
#[tokio::test]
async fn what_is_not_kept_any_more_can_be_put() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let settled = with(instance("a"), json!({"status": "approved"}));
    gateway.put("a", "", &settled).await.ok();
    let check = "/v1/instances/a/delivery/check";
    let checked = kept.gateway.with_key("k-operate").post(check, &json!({})).await;
    assert_eq!(checked.ok()["state"], "confirmed");
    kept.gateway.clock.advance(Duration::from_secs(1));
    let now = kept.ledger.now();
    let retention = Retention { documents_before: now, records_before: Timestamp::of_clock(0) };
    assert_eq!(kept.ledger.sweep(&AppName::default(), retention).await.unwrap().documents, 1);
    let first = call(&gateway, "put_instance", put(None)).await;
    let second = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert_eq!((second.is_error, &second.data()["revision"]), (false, &json!(2)), "{second:?}");
}

#[tokio::test]
async fn of_what_is_kept_only_the_revision_is_read() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    // More than any answer to a tool may have.
    let large = with(instance("a"), json!({"extra": {"padding": "x".repeat(1 << 20)}}));
    gateway.put("a", "", &large).await.ok();
    let first = call(&gateway, "put_instance", put(None)).await;
    let second = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert_eq!((second.is_error, &second.data()["revision"]), (false, &json!(2)), "{second:?}");
}

#[test_case("put_instance", "document"; "a whole document")]
#[test_case("patch_instance", "patch"; "a part of one")]
#[tokio::test]
async fn whatever_goes_wrong_in_the_first_call_nothing_was_sent(tool: &str, argument: &str) {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    // Each of the tasks takes over the link, so that no answer to a tool may have all of what would be sent.
    let tasks: Vec<_> = (0..300).map(|number| task("a", number)).collect();
    gateway.put("a", "", &with(instance("a"), json!({ "tasks": tasks }))).await.ok();
    let link = json!({"pc_link": format!("https://oa.example.org/{}", "x".repeat(4_000))});
    let change = if tool == "patch_instance" {
        link
    } else {
        with(instance("a"), with(link, json!({ "tasks": tasks })))
    };
    let arguments = json!({"instance_id": "a", (argument): change});
    let first = call(&gateway, tool, arguments.clone()).await;
    assert_eq!((first.problem(), &first.structured["sent"]), ("answer_too_large", &json!(false)));
    kept.memory.fail_with(Some(LedgerError::Unavailable(Cause::new("away"))));
    let first = call(&gateway, tool, arguments).await;
    assert_eq!((first.problem(), &first.structured["sent"]), ("ledger_unavailable", &json!(false)));
    assert_eq!(pushes(&kept).await, 1);
}

#[test_case(json!({"status": "aproved"}), "validation_failed"; "a word that does not exist")]
#[test_case(json!({"status": "approved", "applicant_user_id": null, "applicant_name": "x", "tasks": null}), "would_erase"; "what would wipe the instance")]
#[tokio::test]
async fn what_would_be_refused_gets_no_digest(change: Value, problem: &str) {
    let kept = start().await;
    let arguments = json!({"instance_id": "a", "document": with(instance("a"), change)});
    let first = call(&kept.gateway.with_key("k-both"), "put_instance", arguments).await;
    assert_eq!((first.problem(), &first.structured["digest"]), (problem, &Value::Null));
    assert_eq!(pushes(&kept).await, 0);
}

#[tokio::test]
async fn a_patch_shows_the_whole_document_and_changes_its_part() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let document = with(instance("a"), json!({"tasks": [task("a", 1), task("a", 2)]}));
    gateway.put("a", "", &document).await.ok();
    let patch = |digest: Option<&str>| {
        let patch = json!({"tasks": {"a/t1": {"status": "approved"}, "a/t2": null}});
        with(json!({"instance_id": "a", "patch": patch}), json!({ "digest": digest }))
    };
    let first = call(&gateway, "patch_instance", patch(None)).await;
    let shown = &first.data()["would_send"]["task_list"];
    assert_eq!(
        (shown.as_array().map(Vec::len), &shown[0]["status"]),
        (Some(1), &json!("APPROVED")),
        "{first:?}"
    );
    assert_eq!(pushes(&kept).await, 1);
    let second = call(&gateway, "patch_instance", patch(Some(first.digest()))).await;
    assert_eq!(second.data()["revision"], 2, "{second:?}");
    let sent = &kept.gateway.feishu.sent("external_instances").await[1];
    assert_eq!((&sent["task_list"][0]["status"], sent["title"].is_string()), (&json!("APPROVED"), true));
    let again = call(&gateway, "patch_instance", patch(Some(first.digest()))).await;
    assert_eq!((again.problem(), pushes(&kept).await), ("revision_mismatch", 2));
}

#[test_case(json!({"tasks": {"a/t1": {"status": "aproved"}}}), &["/tasks/a~1t1/status"]; "in what it makes of the document")]
#[test_case(json!({"tasks": [], "titel": null}), &["/titel", "/tasks"]; "in the patch itself")]
#[tokio::test]
async fn what_is_wrong_with_a_patch_is_named_where_it_stands_in_it(patch: Value, pointers: &[&str]) {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    gateway.put("a", "", &instance("a")).await.ok();
    let first = call(&gateway, "patch_instance", json!({"instance_id": "a", "patch": patch})).await;
    assert_eq!((first.problem(), &first.structured["sent"]), ("validation_failed", &json!(false)));
    let errors = first.data()["errors"].as_array().unwrap();
    assert_eq!(errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect::<Vec<_>>(), pointers);
}

#[tokio::test]
async fn what_is_not_kept_cannot_be_patched() {
    let kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let first =
        call(&gateway, "patch_instance", json!({"instance_id": "a", "patch": {"status": "approved"}})).await;
    assert_eq!(first.problem(), "document_not_found");
}

#[tokio::test]
async fn a_gateway_without_a_ledger_takes_documents_and_no_patches() {
    let gateway = Gateway::builder().set("MCP__ALLOW_WRITES", true).start().await;
    let first = call(&gateway, "put_instance", put(None)).await;
    assert_eq!(gateway.feishu.count("external_instances").await, 0);
    let second = call(&gateway, "put_instance", put(Some(first.digest()))).await;
    assert_eq!((second.is_error, gateway.feishu.count("external_instances").await), (false, 1), "{second:?}");
    let patched = call(&gateway, "patch_instance", json!({"instance_id": "a", "patch": {}})).await;
    assert_eq!(patched.problem(), "ledger_off");
}

#[tokio::test]
async fn what_cannot_be_delivered_now_is_kept_and_said_to_be_pending() {
    let kept: Kept = start().await;
    let gateway = kept.gateway.with_key("k-both");
    let first = call(&gateway, "put_instance", put(None)).await;
    kept.gateway.feishu.fault(json!({"api": "external_instances", "http_status": 503, "times": 0})).await;
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "put_instance", "arguments": put(Some(first.digest()))}});
    let request = super::support::message(&gateway, &request).header("x-request-timeout-ms", 400);
    let answer = crate::harness::answer(request).await.ok();
    let second = super::support::Result::of(answer["result"].clone());
    assert_eq!(
        (&second.structured["http_status"], &second.data()["state"]),
        (&json!(202), &json!("pending")),
        "{second:?}"
    );
}
