//! `POST /v1/messages` and `PATCH /v1/messages/{message_id}`: what is sent, what is sent once, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::Arc;
use std::time::Duration;

use approval_gateway::ledger::memory::MemoryLedger;
use approval_gateway::support::clock::Clock;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::documents::with;
use crate::harness::{Gateway, START};

const PATH: &str = "/v1/messages";

fn todo() -> Value {
    json!({
        "template": "todo",
        "user_id": "alice",
        "approval_name": "出差申请",
        "applicant_user_id": "bob",
        "summaries": ["目的地：成都"],
        "pc_link": "https://oa.example.com/417",
        "translations": {"en-US": {"出差申请": "Trip"}, "de-DE": {"出差申请": "Reise"}}
    })
}

fn custom() -> Value {
    json!({
        "template": "custom", "open_id": "ou_1", "title": "提醒", "content": "今天到期", "link_label": "打开",
        "mobile_link": "https://oa.example.com/m/417"
    })
}

fn buttons() -> Value {
    with(
        todo(),
        json!({
            "actions": [{"action": "approve"}, {"action": "ask", "label": "询问", "reason": "required"}],
            "action_context": "ctx",
            "action_callback_url": "https://oa.example.com/tap",
            "action_callback_token": "t0ken-of-the-callback",
            "action_callback_key": ""
        }),
    )
}

async fn seen_by(gateway: &Gateway, person: &str) -> Vec<Value> {
    let path = format!("messages?user_id={person}&locale=en-US");
    let shown = gateway.feishu.control("GET", &path, Value::Null).await.1;
    shown["messages"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_card_reaches_its_person_with_its_texts() {
    let gateway = Gateway::start().await;
    let receipt = gateway.post(PATH, &todo()).await.ok();
    let messages = seen_by(&gateway, "alice").await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["message_id"], receipt["message_id"]);
    assert_eq!(messages[0]["title"], "Trip");
    assert_eq!(messages[0]["lines"], json!(["目的地：成都"]));
    assert_eq!(receipt["deduplicated"], false);
    let sent = gateway.feishu.sent("message_send").await[0].clone();
    assert_eq!((&sent["template_id"], &sent["title_user_id"]), (&json!("1008"), &json!("bob")));
    let locales: Vec<_> =
        sent["i18n_resources"].as_array().unwrap().iter().map(|one| &one["locale"]).collect();
    assert_eq!(locales, ["zh-CN", "en-US"]);
}

#[tokio::test]
async fn a_language_that_messages_do_not_know_is_declared_chinese() {
    let gateway = Gateway::start().await;
    gateway
        .post(PATH, &with(todo(), json!({"locale": "de-DE", "translations": {"zh-CN": {"出差申请": "?"}}})))
        .await
        .ok();
    let sent = gateway.feishu.sent("message_send").await[0].clone();
    let resources = sent["i18n_resources"].as_array().unwrap();
    assert_eq!((resources.len(), &resources[0]["locale"]), (1, &json!("zh-CN")));
    assert_eq!(seen_by(&gateway, "alice").await[0]["title"], "出差申请");
}

#[tokio::test]
async fn a_text_of_ones_own_is_sent_under_its_title() {
    let gateway = Gateway::start().await;
    gateway.post(PATH, &custom()).await.ok();
    let message = seen_by(&gateway, "ou_1").await[0].clone();
    assert_eq!((&message["title"], &message["lines"]), (&json!("提醒"), &json!(["今天到期"])));
    assert_eq!(message["links"]["pc_link"], "https://oa.example.com/m/417");
}

#[tokio::test]
async fn buttons_say_what_they_need_and_what_the_card_says_after_a_tap() {
    let gateway = Gateway::start().await;
    gateway.post(PATH, &buttons()).await.ok();
    let sent = gateway.feishu.sent("message_send").await[0].clone();
    let actions = &sent["action_configs"];
    assert_eq!(
        (&actions[0]["action_type"], &actions[0]["next_status"]),
        (&json!("APPROVE"), &json!("APPROVED"))
    );
    assert_eq!((&actions[1]["is_reason_required"], &actions[1]["next_status"]), (&json!(true), &Value::Null));
    assert_eq!(sent["action_callback"]["action_context"], "ctx");
    let labels: Vec<_> = seen_by(&gateway, "alice").await[0]["buttons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["label"].clone())
        .collect();
    assert_eq!(labels, ["APPROVE", "询问"]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let gateway = Gateway::start().await;
    let wrong = json!({
        "template": "approved", "title": "x", "summaries": [], "pc_link": "oa.example.com/417", "actions": [{"action": "approve"}],
        "locale": "tlh", "wrong": 1
    });
    let answer = gateway.post(PATH, &wrong).await;
    assert_eq!(answer.refusal(), (422, "validation_failed"));
    let mut violations = answer.violations();
    violations.sort();
    let expected = [
        "body /action_callback_url: required",
        "body /actions: contradiction",
        "body /approval_name: required",
        "body /comment: required",
        "body /locale: unknown_locale",
        "body /pc_link: no_scheme",
        "body /subject_user_id: required",
        "body /summaries: required",
        "body /title: contradiction",
        "body /user_id: required",
        "body /wrong: unknown_field",
    ];
    assert_eq!(violations, expected);
    assert_eq!(gateway.feishu.count("message_send").await, 0);
}

#[test_case(json!({"template": "custom"}); "members of another template")]
#[test_case(json!({"template": "reminder"}); "a reminder of nobody")]
#[test_case(json!({"template": "cc", "applicant_user_id": null}); "a headline without a person")]
#[test_case(json!({"summaries": ["1", "2", "3", "4", "5", "6"]}); "six summaries")]
#[test_case(json!({"actions": [{"action": "approve"}]}); "buttons that reach nobody")]
#[test_case(json!({"pc_link": "javascript:alert(1)"}); "a link that runs code")]
#[test_case(json!({"template": "todoo"}); "an unknown template")]
#[tokio::test]
async fn what_feishu_would_refuse_or_lose_is_refused(change: Value) {
    let gateway = Gateway::start().await;
    let answer = gateway.post(PATH, &with(todo(), change)).await;
    assert_eq!(answer.refusal(), (422, "validation_failed"), "{}", answer.text);
}

#[tokio::test]
async fn a_refusal_under_http_200_is_an_error() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "message_send", "http_status": 200, "code": 60001, "msg": "actionUrls incomplete error"})).await;
    let answer = gateway.post(PATH, &todo()).await;
    assert_eq!(answer.refusal(), (422, "upstream_rejected"));
    assert!(answer.text.contains("actionUrls incomplete error"));
}

#[tokio::test]
async fn an_attempt_whose_fate_is_unknown_is_repeated_without_a_second_message() {
    let gateway = Gateway::start().await;
    gateway.feishu.fault(json!({"api": "message_send", "close": "before_headers", "apply": true})).await;
    gateway.post(PATH, &todo()).await.ok();
    assert_eq!(seen_by(&gateway, "alice").await.len(), 1);
    assert_eq!(gateway.feishu.count("message_send").await, 2);
}

#[test_case(false; "without a ledger")]
#[test_case(true; "with a ledger")]
#[tokio::test]
async fn a_key_reaches_a_person_once_in_a_day(has_ledger: bool) {
    let clock = Clock::manual(START);
    let builder = Gateway::builder().clock(clock.clone());
    let builder =
        if has_ledger { builder.ledger(Arc::new(MemoryLedger::new(clock.clone()))) } else { builder };
    let gateway = builder.start().await;
    let keyed = with(todo(), json!({"dedupe_key": "TR-417 waits"}));
    let first = gateway.post(PATH, &keyed).await.ok();
    // Feishu itself would send it again by now.
    clock.advance(Duration::from_secs(2 * 3_600));
    let again = gateway.post(PATH, &keyed).await.ok();
    assert_eq!((&again["message_id"], &again["deduplicated"]), (&first["message_id"], &json!(true)));
    assert_eq!(gateway.feishu.count("message_send").await, 1);
    gateway.post(PATH, &with(keyed.clone(), json!({"user_id": "carol"}))).await.ok();
    assert_eq!(seen_by(&gateway, "carol").await.len(), 1);
    if has_ledger {
        clock.advance(Duration::from_secs(23 * 3_600));
        assert_eq!(gateway.post(PATH, &keyed).await.ok()["deduplicated"], false);
    }
}

#[tokio::test]
async fn a_message_that_was_refused_may_be_sent_again_with_its_key() {
    let clock = Clock::manual(START);
    let ledger = Arc::new(MemoryLedger::new(clock.clone()));
    let gateway = Gateway::builder().clock(clock).ledger(ledger).start().await;
    gateway.feishu.fault(json!({"api": "message_send", "http_status": 200, "code": 60001})).await;
    let keyed = with(todo(), json!({"dedupe_key": "TR-417 waits"}));
    assert_eq!(gateway.post(PATH, &keyed).await.status, 422);
    assert_eq!(gateway.post(PATH, &keyed).await.ok()["deduplicated"], false);
}

#[tokio::test]
async fn a_message_that_fails_takes_nothing_from_an_equal_one_that_was_sent() {
    let clock = Clock::manual(START);
    let ledger = Arc::new(MemoryLedger::new(clock.clone()));
    let gateway = Gateway::builder().clock(clock).ledger(ledger).start().await;
    let late = json!({"api": "message_send", "http_status": 200, "code": 60001, "delay_ms": 300});
    gateway.feishu.fault(late).await;
    let keyed = with(todo(), json!({"dedupe_key": "TR-417 waits"}));
    let failing = async { assert_eq!(gateway.post(PATH, &keyed).await.status, 422) };
    let sending = async {
        gateway.feishu.until_called("message_send", 1).await;
        gateway.post(PATH, &keyed).await.ok()
    };
    let ((), sent) = tokio::join!(failing, sending);
    let again = gateway.post(PATH, &keyed).await.ok();
    assert_eq!((&again["message_id"], &again["deduplicated"]), (&sent["message_id"], &json!(true)));
}

#[tokio::test]
async fn a_card_says_what_has_become_of_it() {
    let gateway = Gateway::start().await;
    let receipt = gateway.post(PATH, &todo()).await.ok();
    let path = format!("{PATH}/{}", receipt["message_id"].as_str().unwrap());
    let updated = gateway.send("PATCH", &path, &json!({"status": "canceled"})).await.ok();
    assert_eq!(updated["message_id"], receipt["message_id"]);
    assert_eq!(seen_by(&gateway, "alice").await[0]["status"], "CANCELLED");
    let held = json!({"status": "custom", "status_text": "已挂起", "translations": {"en-US": {"已挂起": "On hold"}}});
    gateway.send("PATCH", &path, &held).await.ok();
    assert_eq!(seen_by(&gateway, "alice").await[0]["status_text"], "On hold");
}

#[test_case(json!({}), "/status"; "no status")]
#[test_case(json!({"status": "custom"}), "/status_text"; "no words")]
#[test_case(json!({"status": "approved", "status_text": "x"}), "/status_text"; "words for nothing")]
#[tokio::test]
async fn a_change_that_feishu_would_refuse_or_lose_is_refused(change: Value, pointer: &str) {
    let gateway = Gateway::start().await;
    let answer = gateway.send("PATCH", "/v1/messages/1", &change).await;
    assert_eq!(answer.refusal(), (422, "validation_failed"));
    assert!(answer.violations()[0].contains(pointer), "{:?}", answer.violations());
}

#[tokio::test]
async fn lark_gets_messages_on_the_historic_host() {
    let clock = Clock::manual(START);
    let gateway = Gateway::builder().clock(clock).set("FEISHU__REGION", "lark").start().await;
    gateway.feishu.switch(json!({"region": "lark"})).await;
    let receipt = gateway.post(PATH, &with(todo(), json!({"translations": {}}))).await.ok();
    let path = format!("{PATH}/{}", receipt["message_id"].as_str().unwrap());
    gateway.send("PATCH", &path, &json!({"status": "approved"})).await.ok();
}

#[tokio::test]
async fn only_who_may_write_sends_messages() {
    let gateway = Gateway::builder().key("reader", "scope=read").start().await.with_key("reader");
    assert_eq!(gateway.post(PATH, &todo()).await.refusal(), (403, "forbidden"));
    assert_eq!(gateway.send("PATCH", "/v1/messages/1", &json!({"status": "approved"})).await.status, 403);
}
