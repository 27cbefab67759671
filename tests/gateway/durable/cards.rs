//! Cards by themselves: whoever has a task that waits gets one, and sees what becomes of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::time::Duration;

use serde_json::{Value, json};
use test_case::test_case;

use super::support::Kept;
use crate::durable::support;
use crate::harness::documents::{instance, task, with};
use crate::harness::until;

/// A gateway that sends cards.
async fn gateway() -> support::Kept {
    Kept::with(|builder| builder.set("FEISHU__NOTIFY__TASKS", true)).await
}

fn app() -> approval_gateway::domain::AppName {
    approval_gateway::domain::AppName::default()
}

/// A document without a version of its own, with these tasks.
fn document(id: &str, tasks: &[Value]) -> Value {
    with(instance(id), json!({"updated_at": null, "tasks": tasks}))
}

async fn put(kept: &support::Kept, id: &str, document: &Value) {
    let answer = kept.gateway.put(id, "", document).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn patch(kept: &support::Kept, id: &str, patch: &Value) {
    let answer = kept.gateway.send("PATCH", &format!("/v1/instances/{id}"), patch).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The messages that people have, oldest first.
async fn messages(kept: &support::Kept) -> Vec<Value> {
    let shown = kept.gateway.feishu.control("GET", "messages", Value::Null).await.1;
    shown["messages"].as_array().unwrap().iter().rev().cloned().collect()
}

/// Who has a message, and what it says of its task; in the order of the persons, for cards go side by side.
async fn shown(kept: &support::Kept) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let all = messages(kept).await;
    let mut all: Vec<_> =
        all.iter().map(|one| (text(&one["user_id"]).unwrap(), text(&one["status"]))).collect();
    all.sort();
    all
}

async fn until_shown(kept: &support::Kept, expected: &[(&str, Option<&str>)]) {
    let expected = expected.iter().map(|(who, status)| ((*who).to_owned(), status.map(str::to_owned)));
    let mut expected: Vec<_> = expected.collect();
    expected.sort();
    until(|| async { shown(kept).await == expected }).await;
}

/// Waits until there is nothing to send, and says how many messages there are.
async fn settled(kept: &support::Kept) -> usize {
    until(|| async {
        let app = approval_gateway::domain::AppName::default();
        kept.ledger.card_summary(&app).await.unwrap().waiting == 0
    })
    .await;
    messages(kept).await.len()
}

#[tokio::test]
async fn a_task_that_waits_brings_its_person_one_card() {
    let kept = gateway().await;
    let tasks = [task("a", 1), with(task("a", 2), json!({"user_id": "second"}))];
    put(&kept, "a", &document("a", &tasks)).await;
    until_shown(&kept, &[("approver", None), ("second", None)]).await;
    let all = messages(&kept).await;
    let card = all.iter().find(|message| message["user_id"] == "approver").unwrap();
    assert_eq!((&card["template_id"], &card["title"]), (&json!("1008"), &json!("Trip to Chengdu")));
    assert_eq!(card["links"]["pc_link"], "https://oa.example.org/1?a=b&c=%20d");
    // Whatever else changes, nobody is told twice.
    put(&kept, "a", &with(document("a", &tasks), json!({"title": "Trip to Xi'an"}))).await;
    kept.gateway.put("a", "?resend=true", &with(document("a", &tasks), json!({"title": "Trip to Xi'an"}))).await;
    put(&kept, "a", &document("a", &tasks)).await;
    assert_eq!(settled(&kept).await, 2);
    let sent = kept.gateway.feishu.sent("message_send").await;
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0]["uuid"], sent[1]["uuid"]);
}

#[tokio::test]
async fn a_card_says_how_its_task_ended_once_it_has() {
    let kept = gateway().await;
    let tasks = ["first", "second", "third", "fourth"]
        .map(|who| with(task("a", 1), json!({"task_id": who, "user_id": who})));
    put(&kept, "a", &document("a", &tasks)).await;
    assert_eq!(settled(&kept).await, 4);
    let closed = json!({"tasks": {
        "first": {"status": "approved"}, "second": {"status": "transferred"}, "third": {"status": "done"}, "fourth": null
    }});
    patch(&kept, "a", &closed).await;
    let expected = [
        ("first", Some("APPROVED")),
        ("second", Some("FORWARDED")),
        ("third", Some("PROCESSED")),
        ("fourth", Some("DELETED")),
    ];
    until_shown(&kept, &expected).await;
    let updates = kept.gateway.feishu.count("message_update").await;
    assert_eq!(updates, 4, "each once");
}

#[tokio::test]
async fn cards_of_a_withdrawn_approval_say_so() {
    let kept = gateway().await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_shown(&kept, &[("approver", None)]).await;
    patch(&kept, "a", &json!({"status": "canceled"})).await;
    until_shown(&kept, &[("approver", Some("CANCELLED"))]).await;
}

#[tokio::test]
async fn a_task_that_waits_again_brings_another_card() {
    let kept = gateway().await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_shown(&kept, &[("approver", None)]).await;
    patch(&kept, "a", &json!({"tasks": {"a/t1": {"status": "rejected"}}})).await;
    until_shown(&kept, &[("approver", Some("REJECTED"))]).await;
    patch(&kept, "a", &json!({"tasks": {"a/t1": {"status": "pending"}}})).await;
    until_shown(&kept, &[("approver", Some("REJECTED")), ("approver", None)]).await;
}

#[tokio::test]
async fn a_task_that_goes_to_somebody_else_changes_one_card_and_brings_another() {
    let kept = gateway().await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_shown(&kept, &[("approver", None)]).await;
    put(&kept, "a", &document("a", &[with(task("a", 1), json!({"user_id": "deputy"}))])).await;
    until_shown(&kept, &[("approver", Some("FORWARDED")), ("deputy", None)]).await;
}

#[tokio::test]
async fn only_what_the_operator_or_the_task_wants_is_sent() {
    let kept = gateway().await;
    let tasks = [with(task("a", 1), json!({"notify": false})), with(task("a", 2), json!({"user_id": "second"}))];
    put(&kept, "a", &document("a", &tasks)).await;
    until_shown(&kept, &[("second", None)]).await;
    let kept = Kept::start().await;
    let tasks = [task("a", 1), with(task("a", 2), json!({"user_id": "second", "notify": true}))];
    put(&kept, "a", &document("a", &tasks)).await;
    until_shown(&kept, &[("second", None)]).await;
    assert_eq!(settled(&kept).await, 1);
}

#[tokio::test]
async fn a_refused_document_and_a_line_of_an_import_bring_none() {
    let kept = gateway().await;
    kept.gateway
        .feishu
        .fault(json!({"api": "external_instances", "http_status": 400, "code": 1390001, "msg": "no"}))
        .await;
    assert_eq!(kept.gateway.put("refused", "", &document("refused", &[task("r", 1)])).await.status, 422);
    let line = with(document("line", &[task("l", 1)]), json!({"instance_id": "line"}));
    let import = crate::imports::support::import(&kept.gateway, format!("{line}\n")).await;
    crate::imports::support::delivered(&kept, &import).await;
    // What the caller sends later is no news either.
    put(&kept, "line", &with(document("line", &[task("l", 1)]), json!({"title": "again"}))).await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_shown(&kept, &[("approver", None)]).await;
    assert_eq!(settled(&kept).await, 1);
    // A corrected document is delivered for the first time.
    put(&kept, "refused", &with(document("refused", &[task("r", 1)]), json!({"title": "corrected"}))).await;
    until(|| async { messages(&kept).await.len() == 2 }).await;
}

#[tokio::test]
async fn tasks_from_before_the_switch_bring_none() {
    let kept = Kept::start().await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    kept.stop();
    let ledger = std::sync::Arc::clone(&kept.ledger);
    let (feishu, clock) = (kept.gateway.feishu.clone(), kept.gateway.clock.clone());
    for delivery in &kept.gateway.deliveries {
        delivery.drained().await;
    }
    let later = Kept::with(|builder| {
        let builder = builder.ledger(ledger).feishu(&feishu).clock(clock);
        builder.set("FEISHU__NOTIFY__TASKS", true)
    })
    .await;
    let tasks = [task("a", 1), with(task("a", 2), json!({"user_id": "second"}))];
    let answer = later.gateway.put("a", "", &document("a", &tasks)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    until_shown(&kept, &[("second", None)]).await;
}

#[tokio::test]
async fn a_task_that_closes_before_its_card_is_sent_brings_none() {
    let kept = gateway().await;
    let down = json!({"api": "message_send", "http_status": 400, "code": 99_991_403, "times": 0});
    kept.gateway.feishu.fault(down).await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_put_off(&kept).await;
    patch(&kept, "a", &json!({"tasks": {"a/t1": {"status": "approved"}}})).await;
    assert_eq!(settled(&kept).await, 0);
    kept.gateway.feishu.clear_faults().await;
    assert_eq!(messages(&kept).await.len(), 0);
}

#[test_case(json!({"http_status": 500}); "an answer that is none")]
#[test_case(json!({"http_status": 400, "code": 99_991_672, "msg": "no scope"}); "a missing scope")]
#[test_case(json!({"hang": true}); "silence")]
#[tokio::test]
async fn messages_that_fail_hold_up_no_push(fault: Value) {
    let kept = gateway().await;
    let fault = with(fault, json!({"api": "message_send", "times": 0}));
    kept.gateway.feishu.fault(fault).await;
    for id in ["a", "b", "c"] {
        put(&kept, id, &document(id, &[task(id, 1)])).await;
    }
    kept.gateway.feishu.until_called("message_send", 1).await;
    assert!(!kept.is_parked(), "the app pushes");
    put(&kept, "d", &document("d", &[task("d", 1)])).await;
    assert_eq!(kept.gateway.feishu.count("external_instances").await, 4);
}

#[tokio::test]
async fn a_card_that_failed_is_sent_when_messages_work_again() {
    let kept = gateway().await;
    kept.gateway.feishu.fault(json!({"api": "message_send", "http_status": 502, "times": 5})).await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until(|| async {
        kept.gateway.clock.advance(Duration::from_secs(1));
        messages(&kept).await.len() == 1
    })
    .await;
    assert_eq!(settled(&kept).await, 1);
}

#[tokio::test]
async fn a_card_whose_fate_is_unknown_is_sent_again_and_shown_once() {
    let kept = gateway().await;
    let lost = json!({"api": "message_send", "close": "before_headers", "apply": true, "times": 6});
    kept.gateway.feishu.fault(lost).await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until(|| async {
        to_the_next_attempt(&kept).await;
        kept.gateway.feishu.count("message_send").await > 6
    })
    .await;
    assert_eq!(settled(&kept).await, 1);
    let uuids: std::collections::BTreeSet<_> =
        kept.gateway.feishu.sent("message_send").await.iter().map(|sent| sent["uuid"].to_string()).collect();
    assert_eq!(uuids.len(), 1);
}

/// Waits until the card has failed, and has its next attempt before it.
async fn until_put_off(kept: &support::Kept) {
    until(|| async { kept.ledger.cards_due(&app(), 1).await.unwrap().next_at.is_some() }).await;
}

/// A gateway whose only card cannot be sent for now.
async fn with_a_card_put_off() -> support::Kept {
    let kept = gateway().await;
    kept.gateway.feishu.fault(json!({"api": "message_send", "http_status": 503, "times": 0})).await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_put_off(&kept).await;
    kept
}

/// Waits until the approver has a card that waits, while time goes on.
async fn until_sent_later(kept: &support::Kept) {
    until(|| async {
        kept.gateway.clock.advance(Duration::from_secs(10));
        messages(kept).await.len() == 1
    })
    .await;
    until_shown(kept, &[("approver", None)]).await;
}

/// Lets the time come for the next attempt, no further: Feishu knows a card by its uuid for an hour.
async fn to_the_next_attempt(kept: &support::Kept) {
    let next = kept.ledger.cards_due(&app(), 1).await.unwrap().next_at;
    if let Some(next) = next {
        let left = next.unix_millis().saturating_sub(kept.ledger.now().unix_millis());
        kept.gateway.clock.advance(Duration::from_millis(left.try_into().unwrap_or(0)));
    }
}

#[tokio::test]
async fn a_refusal_of_a_card_that_somebody_may_have_is_not_the_end_of_it() {
    let kept = gateway().await;
    let feishu = &kept.gateway.feishu;
    let lost = json!({"api": "message_send", "close": "before_headers", "apply": true, "times": 0});
    feishu.fault(lost).await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_shown(&kept, &[("approver", None)]).await;
    until_put_off(&kept).await;
    feishu.clear_faults().await;
    feishu.fault(json!({"api": "message_send", "http_status": 200, "code": 60_001, "msg": "no"})).await;
    until(|| async {
        to_the_next_attempt(&kept).await;
        kept.history("a").await.contains(&"notified 1".to_owned())
    })
    .await;
    let history = kept.gateway.get("/v1/instances/a/history").await.body;
    let entry = &history["items"][0];
    assert_eq!((&entry["event"], entry.get("problem")), (&json!("notified"), None), "{history}");
    patch(&kept, "a", &json!({"tasks": {"a/t1": {"status": "approved"}}})).await;
    until_shown(&kept, &[("approver", Some("APPROVED"))]).await;
}

#[tokio::test]
async fn a_card_that_feishu_refuses_is_given_up_and_the_history_says_so() {
    let kept = gateway().await;
    kept.gateway
        .feishu
        .fault(json!({"api": "message_send", "http_status": 200, "code": 60_001, "msg": "no such user"}))
        .await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    kept.until_history("a", "notified 1").await;
    let history = kept.gateway.get("/v1/instances/a/history").await.body;
    let entry = &history["items"][0];
    assert_eq!(entry["detail"], json!({"task_id": "a/t1", "user_id": "approver"}), "{history}");
    assert_eq!(entry["problem"]["code"], "upstream_rejected");
    assert_eq!(settled(&kept).await, 0);
}

#[test_case(r#"{"code":0}"#; "nothing")]
#[test_case(r#"{"code":0,"data":{}}"#; "nothing in it")]
#[test_case(r#"{"code":0,"data":null}"#; "null")]
#[tokio::test]
async fn a_card_is_changed_whatever_feishu_says_beside_success(answer: &str) {
    let kept = gateway().await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_shown(&kept, &[("approver", None)]).await;
    let short = json!({"api": "message_update", "http_status": 200, "content_type": "application/json", "body_raw": answer, "apply": true, "times": 0});
    kept.gateway.feishu.fault(short).await;
    patch(&kept, "a", &json!({"tasks": {"a/t1": {"status": "approved"}}})).await;
    kept.gateway.feishu.until_called("message_update", 1).await;
    settled(&kept).await;
    until_shown(&kept, &[("approver", Some("APPROVED"))]).await;
    assert_eq!(kept.gateway.feishu.count("message_update").await, 1);
}

#[tokio::test]
async fn a_newer_document_that_is_refused_holds_up_no_card() {
    let kept = with_a_card_put_off().await;
    let no = json!({"api": "external_instances", "http_status": 400, "code": 1390001, "msg": "no"});
    kept.gateway.feishu.fault(no).await;
    let closed = json!({"tasks": {"a/t1": {"status": "approved"}}});
    assert_eq!(kept.gateway.send("PATCH", "/v1/instances/a", &closed).await.status, 422);
    kept.gateway.feishu.clear_faults().await;
    until_sent_later(&kept).await;
}

#[tokio::test]
async fn a_card_waits_for_another_document_when_its_own_is_forgotten() {
    let kept = with_a_card_put_off().await;
    let erased = kept.gateway.send("DELETE", "/v1/instances/a/document", &Value::Null).await;
    assert_eq!(erased.status, 204, "{}", erased.text);
    kept.gateway.feishu.clear_faults().await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_sent_later(&kept).await;
}

#[tokio::test]
async fn a_line_of_an_import_over_a_document_that_waits_brings_its_cards() {
    let kept = gateway().await;
    kept.gateway.feishu.fault(json!({"down": true})).await;
    let live = document("a", &[task("a", 1)]);
    let request = kept.gateway.pushing("a", "", &live).header("prefer", "respond-async");
    let answer = crate::harness::answer(request).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let line = with(live, json!({"instance_id": "a", "title": "imported"}));
    let import = crate::imports::support::import(&kept.gateway, format!("{line}\n")).await;
    kept.gateway.feishu.clear_faults().await;
    until(|| async {
        kept.gateway.clock.advance(Duration::from_secs(10));
        crate::imports::support::standing(&kept.gateway, &import).await["pending"] == 0
    })
    .await;
    until_shown(&kept, &[("approver", None)]).await;
}

#[tokio::test]
async fn the_history_and_the_metrics_tell_of_cards() {
    let kept = gateway().await;
    put(&kept, "a", &document("a", &[task("a", 1)])).await;
    until_shown(&kept, &[("approver", None)]).await;
    patch(&kept, "a", &json!({"tasks": {"a/t1": {"status": "approved"}}})).await;
    until_shown(&kept, &[("approver", Some("APPROVED"))]).await;
    kept.until_history("a", "notified 2").await;
    let history = kept.gateway.get("/v1/instances/a/history").await.body;
    let details: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["event"] == "notified")
        .map(|entry| entry["detail"].clone())
        .collect();
    let message_id = messages(&kept).await[0]["message_id"].clone();
    let sent = json!({"task_id": "a/t1", "user_id": "approver", "message_id": message_id});
    let changed = with(sent.clone(), json!({"status": "approved"}));
    assert_eq!(details, [changed, sent]);
    let metrics = kept.gateway.get("/metrics").await.text;
    for line in [
        "gateway_cards_tried_total{app=\"default\",outcome=\"sent\"} 1",
        "gateway_cards_tried_total{app=\"default\",outcome=\"updated\"} 1",
        "gateway_cards_tried_total{app=\"default\",outcome=\"failed\"} 0",
        "gateway_cards_pending{app=\"default\"} 0",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

#[tokio::test]
async fn buttons_without_callbacks_are_left_out_with_a_warning() {
    let kept = gateway().await;
    let task = with(task("a", 1), json!({"actions": [{"action": "approve"}]}));
    let answer = kept.gateway.put("a", "", &document("a", &[task])).await;
    let warnings = answer.body["warnings"].as_array().unwrap();
    assert_eq!(
        (&warnings[0]["code"], &warnings[0]["pointer"]),
        (&json!("buttons_left_out"), &json!("/tasks/0/actions")),
        "{}",
        answer.text
    );
    until_shown(&kept, &[("approver", None)]).await;
    assert_eq!(messages(&kept).await[0]["buttons"], json!([]));
}

/// What a task's card opens, and the warnings of its document.
async fn opened(instance_link: &str, task_link: &str) -> (Vec<Value>, Value) {
    let kept = gateway().await;
    let task = with(task("a", 1), json!({"pc_link": task_link, "mobile_link": null}));
    let links = json!({"pc_link": instance_link, "mobile_link": null});
    let answer = kept.gateway.put("a", "", &with(document("a", &[task]), links)).await.ok();
    settled(&kept).await;
    let sent = kept.gateway.feishu.sent("message_send").await;
    let is_about_cards = |warning: &&Value| warning["code"] == "not_notified";
    let warning = answer["warnings"].as_array().into_iter().flatten().find(is_about_cards);
    (sent.iter().map(|sent| sent["actions"][0]["url"].clone()).collect(), warning.cloned().unwrap_or_default())
}

#[tokio::test]
async fn a_card_opens_the_instance_where_its_task_has_no_link_for_messages() {
    let (opened, warning) = opened("https://oa.example.com/a", "oa.example.com/a/1").await;
    assert_eq!((opened, warning), (vec![json!("https://oa.example.com/a")], Value::Null));
}

#[tokio::test]
async fn whoever_gets_no_card_for_want_of_a_link_is_named_by_a_warning() {
    let (opened, warning) = opened("oa.example.com/a", "oa.example.com/a/1").await;
    assert_eq!((opened, &warning["pointer"]), (vec![], &json!("/tasks/0/pc_link")));
}
