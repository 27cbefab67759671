//! Messages of the approval bot: what is refused and how, what is sent once only, and what people see (contract §10).

use approval_gateway::sandbox::{Brand, Switches};
use axum::Router;
use axum::http::StatusCode;
use serde_json::{Value, json};
use test_case::test_case;

use crate::harness::serve;
use crate::sandbox::support::{TestSandbox, with};

pub(super) const SEND: &str = "/open-apis/approval/v1/message/send";
const UPDATE: &str = "/open-apis/approval/v1/message/update";
const LEGACY_SEND: &str = "/approval/openapi/v1/message/send/";

const HOUR: u64 = 3_600_000;

/// A to-do card that passes.
pub(super) fn card() -> Value {
    json!({
        "template_id": "1008",
        "user_id": "approver",
        "uuid": "oa-417-n1-1",
        "approval_name": "@i18n@name",
        "title_user_id": "initiator",
        "title_user_id_type": "user_id",
        "content": {
            "user_id": "initiator",
            "user_name": "@i18n@applicant",
            "summaries": [{"summary": "@i18n@sum"}]
        },
        "actions": [action("DETAIL")],
        "action_configs": [{"action_type": "APPROVE", "action_name": "@i18n@approve"}],
        "action_callback": {"action_callback_url": "https://gateway.example.org/tap", "action_context": "ctx"},
        "i18n_resources": [
            {"locale": "zh-CN", "is_default": true, "texts": {
                "@i18n@name": "出差申请", "@i18n@sum": "目的地：成都", "@i18n@approve": "同意", "@i18n@applicant": "王芳"
            }},
            {"locale": "en-US", "is_default": false, "texts": {"@i18n@name": "Trip"}}
        ]
    })
}

fn action(name: &str) -> Value {
    let url = "https://oa.example.org/417";
    json!({"action_name": name, "url": url, "android_url": url, "ios_url": url, "pc_url": url})
}

/// A message with texts of its own.
fn custom() -> Value {
    json!({
        "template_id": "1021",
        "user_id": "approver",
        "uuid": "own",
        "custom_title": "@i18n@title",
        "custom_content": "@i18n@body",
        "actions": [action("@i18n@open")],
        "i18n_resources": [{"locale": "zh-CN", "is_default": true, "texts": {
            "@i18n@title": "提醒", "@i18n@body": "请尽快处理", "@i18n@open": "打开"
        }}]
    })
}

async fn send(sandbox: &TestSandbox, body: Value) -> String {
    sandbox.ask("POST", SEND, body).await.data()["message_id"].as_str().unwrap().to_owned()
}

async fn seen_by(sandbox: &TestSandbox, person: &str) -> Value {
    sandbox.look(&format!("messages?user_id={person}&locale=en-US")).await["messages"].clone()
}

#[tokio::test]
async fn card_is_shown_to_its_person_with_texts_and_buttons() {
    let sandbox = TestSandbox::new();
    let message_id = send(&sandbox, card()).await;
    assert!(message_id.parse::<u64>().unwrap() > 1 << 53, "{message_id}");
    let messages = seen_by(&sandbox, "approver").await;
    assert_eq!(messages[0]["title"], "Trip");
    assert_eq!(messages[0]["lines"], json!(["王芳", "目的地：成都"]));
    assert_eq!(messages[0]["buttons"][0]["label"], "同意");
    assert_eq!(messages[0]["message_id"], message_id);
    assert_eq!(seen_by(&sandbox, "initiator").await, json!([]));
    assert_eq!(sandbox.look("inbox/approver?locale=en-US").await["messages"], messages);
}

#[test_case("/actions/0/pc_url", Value::Null => "actionUrls incomplete error"; "address missing")]
#[test_case("/actions/0/ios_url", json!("oa.example.org/417") => "actionUrls incomplete error"; "address without scheme")]
#[test_case("/actions/0/url", json!("") => "actionUrls incomplete error"; "empty address")]
#[test_case("/actions/0/action_name", json!("@i18n@name") => "the first action_name must be DETAIL"; "other first action")]
#[test_case("/actions", json!([]) => "actions is required"; "no action")]
#[test_case("/content/summaries", json!([]) => "content.summaries is required"; "no summary")]
#[test_case("/content/summaries", json!(vec![json!({"summary": "@i18n@sum"}); 6]) => "the max length of content.summaries is 5"; "six summaries")]
#[test_case("/approval_name", Value::Null => "approval_name is required for this template_id"; "no name")]
#[test_case("/template_id", json!("1001") => "comment is required for this template_id"; "no comment")]
#[test_case("/user_id", Value::Null => "at least one of [user_id, open_id] is required"; "nobody")]
#[test_case("/uuid", json!("x".repeat(65)) => "the max length of uuid is 64"; "long uuid")]
#[test_case("/i18n_resources/1/locale", json!("de-DE") => "i18n_resources[1].locale must be one of [zh-CN, en-US, ja-JP]"; "another locale")]
#[test_case("/i18n_resources/0/texts", json!([{"key": "@i18n@name", "value": "x"}]) => "Invalid parameter type in json: texts"; "texts as a list")]
#[test_case("/approval_name", json!("@i18n@unknown") => "approval_name has no text in the default locale"; "key without text")]
#[tokio::test]
async fn broken_card_is_refused_under_http_200(pointer: &str, value: Value) -> String {
    let sandbox = TestSandbox::new();
    let reply = sandbox.ask("POST", SEND, with(card(), &[(pointer, value)])).await;
    assert_eq!(reply.outcome(), (200, 60001), "{}", reply.text);
    assert_eq!(seen_by(&sandbox, "approver").await, json!([]));
    reply.json()["msg"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn buttons_that_act_are_for_some_templates_only() {
    let approved = with(card(), &[("/template_id", json!("1003"))]);
    let reply = TestSandbox::new().ask("POST", SEND, approved).await;
    assert_eq!(reply.json()["msg"], "action_configs are not for this template");
}

#[tokio::test]
async fn repeated_uuid_reaches_nobody_for_an_hour() {
    let sandbox = TestSandbox::new();
    let first = send(&sandbox, card()).await;
    assert_eq!(send(&sandbox, with(card(), &[("/user_id", json!("other"))])).await, first);
    assert_eq!(seen_by(&sandbox, "other").await, json!([]));
    advance(&sandbox, HOUR).await;
    assert_ne!(send(&sandbox, card()).await, first);
}

#[tokio::test]
async fn custom_message_is_repeated_for_its_person_only() {
    let sandbox = TestSandbox::new();
    let first = send(&sandbox, custom()).await;
    advance(&sandbox, 2 * HOUR).await;
    assert_eq!(send(&sandbox, custom()).await, first);
    assert_ne!(send(&sandbox, with(custom(), &[("/user_id", json!("other"))])).await, first);
}

#[tokio::test]
async fn update_gives_the_card_a_status_and_takes_its_buttons() {
    let sandbox = TestSandbox::new();
    let message_id = send(&sandbox, card()).await;
    let body = json!({"message_id": message_id, "status": "APPROVED"});
    assert_eq!(sandbox.ask("POST", UPDATE, body).await.data()["message_id"], message_id);
    let card = seen_by(&sandbox, "approver").await[0].clone();
    assert_eq!((&card["status"], &card["buttons"]), (&json!("APPROVED"), &json!([])));
}

#[tokio::test]
async fn custom_status_is_shown_in_its_own_words() {
    let sandbox = TestSandbox::new();
    let message_id = send(&sandbox, card()).await;
    let body = json!({"message_id": message_id, "status": "CUSTOM", "status_name": "@i18n@held", "i18n_resources": [
        {"locale": "zh-CN", "is_default": true, "texts": {"@i18n@held": "已挂起"}}
    ]});
    sandbox.ask("POST", UPDATE, body).await.data();
    assert_eq!(seen_by(&sandbox, "approver").await[0]["status_text"], "已挂起");
}

/// A card with two buttons, whose taps go to a target that answers with this status; and the sandbox that it was sent to.
async fn tappable(status: u16) -> (TestSandbox, String) {
    let answer = move || async move { (StatusCode::from_u16(status).unwrap(), r#"{"message": "预算不足"}"#) };
    let target = serve(Router::new().fallback(answer)).await;
    let sandbox = TestSandbox::new();
    let buttons = json!([
        {"action_type": "APPROVE", "next_status": "APPROVED"},
        {"action_type": "ASK", "action_name": "@i18n@sum"}
    ]);
    let callback =
        json!({"action_callback_url": target, "action_callback_token": "t", "action_context": "ctx"});
    let card = with(card(), &[("/action_configs", buttons), ("/action_callback", callback)]);
    let message_id = send(&sandbox, card).await;
    (sandbox, message_id)
}

async fn tap(sandbox: &TestSandbox, message_id: &str, changes: Value) -> (u16, Value) {
    let mut tap = json!({"user_id": "approver", "message_id": message_id, "action": "approve"});
    tap.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    sandbox.served().await.control("POST", "tap", tap).await
}

#[tokio::test]
async fn tap_on_a_card_tells_its_number_and_gives_it_the_status_of_the_button() {
    let (sandbox, message_id) = tappable(200).await;
    let (status, seen) = tap(&sandbox, &message_id, json!({"reason": "好"})).await;
    assert_eq!((status, &seen["result"]), (200, &json!("success")), "{seen}");
    let number: u64 = message_id.parse().unwrap();
    let told = json!({
        "action_type": "APPROVE", "user_id": "approver", "message_id": number, "action_context": "ctx", "reason": "好",
        "token": "***"
    });
    assert_eq!(seen["callback"], told);
    let card = seen_by(&sandbox, "approver").await[0].clone();
    assert_eq!((&card["status"], &card["buttons"]), (&json!("APPROVED"), &json!([])));
    assert_eq!(tap(&sandbox, &message_id, json!({})).await.0, 409, "it has no buttons any more");
}

#[test_case(200, "ask"; "the button names no status")]
#[test_case(409, "approve"; "the target refuses")]
#[tokio::test]
async fn tap_leaves_a_card_as_it_is(status: u16, action: &str) {
    let (sandbox, message_id) = tappable(status).await;
    let (_, seen) = tap(&sandbox, &message_id, json!({"action": action})).await;
    assert_eq!(seen["http_status"], status);
    let card = seen_by(&sandbox, "approver").await[0].clone();
    assert_eq!((&card["status"], card["buttons"].as_array().unwrap().len()), (&Value::Null, 2));
}

#[test_case(json!({"user_id": "initiator"}) => 404; "somebody who has not got it")]
#[test_case(json!({"message_id": "1"}) => 404; "a message that nobody sent")]
#[test_case(json!({"message_id": "no number"}) => 404; "no number")]
#[test_case(json!({"action": "REJECT"}) => 409; "a button that it does not have")]
#[test_case(json!({"task_id": "n1"}) => 400; "a task as well")]
#[test_case(json!({"message_id": null}) => 400; "nothing")]
#[test_case(json!({"via": "list"}) => 400; "a card in a list")]
#[tokio::test]
async fn nothing_is_sent_for_a_card_that_cannot_be_tapped(changes: Value) -> u16 {
    let (sandbox, message_id) = tappable(200).await;
    tap(&sandbox, &message_id, changes).await.0
}

#[test_case(json!({}) => "no Status error"; "no status")]
#[test_case(json!({"status": "DONE"}) => "Status error"; "unknown status")]
#[test_case(json!({"status": "CUSTOM"}) => "status_name is required for this status"; "no name")]
#[test_case(json!({"status": "APPROVED", "message_id": "1"}) => "message not found"; "another message")]
#[tokio::test]
async fn broken_update_is_refused_under_http_200(changes: Value) -> String {
    let sandbox = TestSandbox::new();
    let mut body = json!({"message_id": send(&sandbox, card()).await});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let reply = sandbox.ask("POST", UPDATE, body).await;
    assert_eq!(reply.outcome(), (200, 60001), "{}", reply.text);
    reply.json()["msg"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_young_todo_cards_can_be_updated() {
    let sandbox = TestSandbox::new();
    let update = async |message_id: String| {
        let body = json!({"message_id": message_id, "status": "APPROVED"});
        sandbox.ask("POST", UPDATE, body).await.json()["msg"].clone()
    };
    let own = send(&sandbox, custom()).await;
    assert_eq!(seen_by(&sandbox, "approver").await[0]["links"]["label"], "打开");
    assert_eq!(update(own).await, "only messages of template 1008 can be updated");
    let old = send(&sandbox, card()).await;
    advance(&sandbox, 30 * 24 * HOUR + 1).await;
    assert_eq!(update(old).await, "message is older than 30 days");
}

#[tokio::test]
async fn lark_knows_the_historic_address_only() {
    let lark = TestSandbox::with(Switches { region: Brand::Lark, ..Switches::default() });
    assert_eq!(lark.ask("POST", SEND, card()).await.status, 404);
    lark.ask("POST", LEGACY_SEND, card()).await.data();
    TestSandbox::new().ask("POST", LEGACY_SEND, card()).await.data();
}

#[tokio::test]
async fn faults_hit_messages_by_name() {
    let sandbox = TestSandbox::new();
    sandbox.fault(json!({"api": "message_send", "http_status": 200, "code": 60001, "msg": "busy"})).await;
    assert_eq!(sandbox.ask("POST", SEND, card()).await.outcome(), (200, 60001));
    let message_id = send(&sandbox, card()).await;
    sandbox.fault(json!({"api": "message_update", "code": 1395001})).await;
    let body = json!({"message_id": message_id, "status": "APPROVED"});
    assert_eq!(sandbox.ask("POST", UPDATE, body).await.outcome(), (400, 1395001));
}

#[tokio::test]
async fn update_has_no_rate_limit() {
    let sandbox = TestSandbox::with(Switches { per_second: 1, ..Switches::default() });
    let message_id = send(&sandbox, card()).await;
    assert_eq!(sandbox.ask("POST", SEND, card()).await.code(), 99991400);
    for _ in 0..3 {
        let body = json!({"message_id": message_id, "status": "APPROVED"});
        sandbox.ask("POST", UPDATE, body).await.data();
    }
}

async fn advance(sandbox: &TestSandbox, millis: u64) {
    let moved = sandbox.served().await.control("POST", "clock", json!({"advance_ms": millis})).await;
    assert_eq!(moved.0, 200, "{moved:?}");
}
