//! Changing a part of an instance.

use serde_json::{Value, json};
use test_case::test_case;

use super::{break_feishu, of, patch, patch_with, refuse_pushes};
use crate::durable::support::Kept;
use crate::harness::answer;
use crate::harness::documents::{LATER, VERSION, instance, task, with};

async fn with_two_tasks() -> Kept {
    let kept = Kept::start().await;
    let document = with(instance("a"), json!({"tasks": [task("a", 1), task("a", 2)]}));
    kept.gateway.put("a", "", &document).await.ok();
    kept
}

#[tokio::test]
async fn one_task_is_changed_another_removed_and_the_rest_stays() {
    let kept = with_two_tasks().await;
    kept.gateway.clock.advance(std::time::Duration::from_secs(5));
    let change = json!({"tasks": {"a/t1": {"status": "approved", "ended_at": LATER}, "a/t2": null}});
    let receipt = patch(&kept, "a", &change).await.ok();
    assert_eq!((&receipt["revision"], &receipt["mode"]), (&json!(2), &json!("replace")));
    let sent = kept.gateway.feishu.sent("external_instances").await;
    let tasks = sent[1]["task_list"].as_array().unwrap();
    assert_eq!(tasks.len(), 1);
    assert_eq!((&tasks[0]["task_id"], &tasks[0]["status"]), (&json!("a/t1"), &json!("APPROVED")));
    assert_eq!(sent[1]["title"], sent[0]["title"]);
    // The version of what is patched is a new one.
    assert_ne!(receipt["updated_at"], VERSION);
    let document = kept.gateway.get(&of("a", "document")).await.ok();
    assert_eq!((document.get("updated_at"), &document["tasks"][0]["ended_at"]), (None, &json!(LATER)));
}

#[tokio::test]
async fn a_whole_patch_can_be_one_word() {
    let kept = with_two_tasks().await;
    patch(&kept, "a", &json!({"status": "canceled"})).await.ok();
    assert_eq!(kept.gateway.feishu.sent("external_instances").await[1]["status"], "CANCELED");
}

#[tokio::test]
async fn a_patch_that_changes_nothing_sends_nothing() {
    let kept = with_two_tasks().await;
    let receipt = patch(&kept, "a", &json!({"status": "pending"})).await.ok();
    assert_eq!((&receipt["unchanged"], &receipt["revision"]), (&json!(true), &json!(1)));
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 1);
}

#[tokio::test]
async fn what_is_known_from_updates_only_is_patched_by_an_update() {
    let kept = Kept::start().await;
    kept.gateway.put("a", "?mode=update", &instance("a")).await.ok();
    let receipt = patch(&kept, "a", &json!({"title": "Trip to Xi'an"})).await.ok();
    assert_eq!(receipt["mode"], "update");
    assert_eq!(kept.gateway.feishu.sent("external_instances").await[1]["update_mode"], "UPDATE");
}

#[test_case("\"1\"" => 200; "the present revision")]
#[test_case("\"9\", \"1\"" => 200; "one of several")]
#[test_case("*" => 200; "any")]
#[test_case("\"2\"" => 412; "another one")]
#[test_case("W/\"1\"" => 412; "a weak tag")]
#[test_case("1" => 422; "no tag")]
#[tokio::test]
async fn a_condition_is_kept(if_match: &str) -> u16 {
    let kept = with_two_tasks().await;
    let answer = patch_with(&kept, "a", &[("if-match", if_match)], &json!({"title": "x"})).await;
    let pushes = kept.gateway.feishu.count("external_instances").await;
    assert_eq!(pushes, if answer.status == 200 { 2 } else { 1 });
    if answer.status == 412 {
        assert_eq!(answer.problem(), "412 revision_mismatch, not_sent");
    }
    answer.status
}

#[tokio::test]
async fn without_a_document_there_is_nothing_to_patch_whatever_the_condition() {
    let kept = Kept::start().await;
    for headers in [&[] as &[_], &[("if-match", "*")], &[("if-match", "\"1\"")]] {
        let answer = patch_with(&kept, "a", headers, &json!({"title": "x"})).await;
        assert_eq!(answer.problem(), "404 document_not_found, not_sent");
    }
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 0);
}

#[test_case("[]", &["body : type"]; "an array")]
#[test_case("null", &["body : type"]; "null")]
#[test_case("\"x\"", &["body : type"]; "a text")]
#[test_case(r#"{"tasks": []}"#, &["body /tasks: type"]; "an array where ids belong")]
#[test_case(r#"{"tasks": [{"task_id": "a/t1", "status": "approved"}]}"#, &["body /tasks: type"]; "tasks as in a document")]
#[test_case(r#"{"cc": "x"}"#, &["body /cc: type"]; "copies as a text")]
#[test_case(r#"{"tasks": {"a/t1": "approved"}}"#, &["body /tasks/a~1t1: type"]; "a task that is a text")]
#[test_case(r#"{"tasks": {"new": {"status": "pending"}}}"#, &["body /tasks/new/created_at: required", "body /tasks/new/user_id: required"]; "a new task without what it needs")]
#[test_case(r#"{"tasks": {"a/t1": {"statuss": "approved"}}}"#, &["body /tasks/a~1t1/statuss: unknown_field"]; "a misspelt member")]
#[test_case(r#"{"tasks": {"a/t1": {"status": "APPROVED"}}}"#, &["body /tasks/a~1t1/status: unknown_value"]; "a word of Feishu's")]
#[test_case(r#"{"started_at": null}"#, &["body /started_at: required"]; "what is required is removed")]
#[test_case(r#"{"titel": null}"#, &["body /titel: unknown_field"]; "what cannot be there is removed")]
#[test_case(r#"{"instance_id": "b"}"#, &["body /instance_id: id_mismatch"]; "another id")]
#[test_case(r#"{"tasks": {"a": {"user_id": "u", "status": "pending", "created_at": "2026-01-02T03:00:01Z"}}}"#, &["body /tasks/a/task_id: duplicate_id"]; "the id of the instance")]
#[tokio::test]
async fn a_bad_patch_is_refused_at_its_own_pointers_and_changes_nothing(body: &str, expected: &[&str]) {
    let kept = with_two_tasks().await;
    let request = kept.gateway.request(reqwest::Method::PATCH, "/v1/instances/a", &Value::Null);
    let refused = answer(request.body(body.to_owned())).await;
    assert_eq!((refused.status, &refused.body["outcome"]), (422, &json!("not_sent")), "{}", refused.text);
    let mut violations = refused.violations();
    violations.sort();
    assert_eq!(violations, expected);
    assert_eq!(kept.record("a").await.revision.0, 1);
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 1);
}

#[test_case("application/merge-patch+json" => 200)]
#[test_case("Application/Merge-Patch+JSON; charset=utf-8" => 200; "in other letters")]
#[test_case("application/json" => 200)]
#[test_case("application/json-patch+json" => 415; "another kind of patch")]
#[test_case("application/x-www-form-urlencoded" => 415; "a form")]
#[tokio::test]
async fn the_type_of_a_patch_is_looked_at(content_type: &str) -> u16 {
    let kept = with_two_tasks().await;
    let path = format!("{}/v1/instances/a", kept.gateway.origin());
    let request = crate::harness::client().patch(path).header("content-type", content_type);
    let answer = answer(request.body(r#"{"title": "x"}"#)).await;
    let accepts = (answer.status == 415).then_some("application/merge-patch+json");
    assert_eq!(answer.header("accept-patch"), accepts);
    answer.status
}

#[tokio::test]
async fn a_broken_patch_is_no_json() {
    let kept = with_two_tasks().await;
    let request = kept.gateway.request(reqwest::Method::PATCH, "/v1/instances/a", &Value::Null);
    let refused = answer(request.body(r#"{"title": "x""#)).await;
    assert_eq!(refused.problem(), "400 invalid_json, not_sent");
}

#[tokio::test]
async fn whoever_does_not_wait_is_answered_after_the_commit() {
    let kept = with_two_tasks().await;
    let headers = [("prefer", "respond-async")];
    let accepted = patch_with(&kept, "a", &headers, &json!({"title": "x"})).await;
    assert_eq!((accepted.status, &accepted.body["revision"]), (202, &json!(2)));
    assert_eq!(accepted.header("location"), Some("/v1/instances/a/delivery"));
}

#[tokio::test]
async fn patches_of_an_outage_add_up_and_go_out_once() {
    let kept = with_two_tasks().await;
    break_feishu(&kept).await;
    for (id, status) in [("a/t1", "approved"), ("a/t2", "rejected")] {
        let change = json!({"tasks": {id: {"status": status}}});
        let headers = [("x-request-timeout-ms", "300")];
        assert_eq!(patch_with(&kept, "a", &headers, &change).await.status, 202);
        // Its attempt ends before the next patch: one on the wire might be taken after the outage, late.
        kept.until_attempts("a", 1).await;
    }
    let document = kept.gateway.get(&of("a", "document")).await.ok();
    let statuses = [&document["tasks"][0]["status"], &document["tasks"][1]["status"]];
    assert_eq!(statuses, ["approved", "rejected"]);
    kept.gateway.feishu.clear_faults().await;
    kept.gateway.clock.advance(std::time::Duration::from_secs(600));
    kept.until("a", approval_gateway::ledger::DeliveryState::Delivered).await;
    let history = kept.history("a").await;
    assert!(history.contains(&"superseded 2".to_owned()), "{history:?}");
}

#[tokio::test]
async fn what_feishu_complains_about_is_named_as_in_the_patch() {
    let kept = with_two_tasks().await;
    let violation =
        json!({"field": "task_list[1].user_id", "value": "nobody", "description": "no such user"});
    let error = json!({"field_violations": [violation]});
    let refusal = json!({"api": "external_instances", "code": 99_992_402, "msg": "no", "error": error});
    kept.gateway.feishu.fault(refusal).await;
    let refused = patch(&kept, "a", &json!({"tasks": {"a/t2": {"user_id": "nobody"}}})).await;
    assert_eq!(refused.problem(), "422 upstream_rejected, rejected");
    assert_eq!(refused.violations(), ["body /tasks/a~1t2/user_id: upstream_rejected"]);
    let delivery = kept.gateway.get(&of("a", "delivery")).await.ok();
    assert_eq!((&delivery["state"], &delivery["revision"]), (&json!("refused"), &json!(2)));
}

#[tokio::test]
async fn a_refused_document_can_be_mended_by_a_patch() {
    let kept = Kept::start().await;
    refuse_pushes(&kept).await;
    assert_eq!(kept.gateway.put("a", "", &instance("a")).await.refusal(), (422, "upstream_rejected"));
    kept.gateway.feishu.clear_faults().await;
    let receipt = patch(&kept, "a", &json!({"title": "Trip to Xi'an"})).await.ok();
    assert_eq!((&receipt["revision"], &receipt["delivery_state"]), (&json!(2), &json!("delivered")));
}

#[tokio::test]
async fn concurrent_patches_lose_nothing() {
    let kept = Kept::start().await;
    let tasks: Vec<_> = (1..=30).map(|number| task("a", number)).collect();
    kept.gateway.put("a", "", &with(instance("a"), json!({"tasks": tasks}))).await.ok();
    let patches = (1..=30).map(|number| {
        let kept = &kept;
        async move {
            let change = json!({"tasks": {format!("a/t{number}"): {"status": "approved"}}});
            patch(kept, "a", &change).await.ok()
        }
    });
    futures_util::future::join_all(patches).await;
    let document = kept.gateway.get(&of("a", "document")).await.ok();
    assert!(document["tasks"].as_array().unwrap().iter().all(|task| task["status"] == "approved"));
    let sent = kept.gateway.feishu.sent("external_instances").await;
    let last = sent.last().unwrap()["task_list"].as_array().unwrap();
    assert!(last.iter().all(|task| task["status"] == "APPROVED"));
    assert_eq!(kept.record("a").await.revision.0, 31);
}
