//! Cards that the gateway has sent by itself: their buttons, and taps that name nothing but the card.

use serde_json::{Value, json};
use test_case::test_case;

use super::support::{KEY, PATH, Site, TOKEN, task, with, with_key};
use crate::harness::until;

async fn site() -> Site {
    Site::with(with_key, |builder| builder.set("FEISHU__NOTIFY__TASKS", true)).await
}

/// The card that bob has.
async fn card(site: &Site) -> Value {
    let feishu = &site.kept.gateway.feishu;
    until(|| async { feishu.inbox("bob", "zh-CN").await["messages"].as_array().unwrap().len() == 1 }).await;
    feishu.inbox("bob", "zh-CN").await["messages"][0].clone()
}

/// A tap of bob's on a card, as a live service saw it, without a context.
fn tap(message_id: &str) -> String {
    sealed_tap(message_id, json!({}))
}

fn sealed_tap(message_id: &str, members: Value) -> String {
    let number: u64 = message_id.parse().unwrap();
    let body = json!({"action_type": "APPROVE", "user_id": "bob", "message_id": number, "token": TOKEN});
    json!({"encrypt": super::support::sealed(&with(body, members).to_string(), KEY)}).to_string()
}

/// A card that bob has and that cannot be changed any more, with the id of its message.
async fn stuck_card(site: &Site, task: Value) -> String {
    site.push("i1", task).await;
    let message_id = card(site).await["message_id"].as_str().unwrap().to_owned();
    site.kept.gateway.feishu.fault(json!({"api": "message_update", "http_status": 503, "times": 0})).await;
    message_id
}

/// That bob is told of a tap on this card that it comes too late, and nobody else of the tap.
async fn assert_too_late(site: &Site, message_id: &str) {
    let (status, answer) = site.send_to(PATH, tap(message_id)).await;
    assert!(status == 409 && answer["message"].as_str().unwrap().contains("no longer open"), "{answer}");
    assert_eq!(site.target.heard().len(), 0);
}

#[test_case("canceled", "i1-1"; "withdrawn")]
#[test_case("terminated", "i1-1"; "ended from outside")]
#[test_case("deleted", "i1-1"; "deleted")]
#[test_case("hidden", "i1-1"; "hidden")]
#[test_case("pending", "another"; "without the task")]
#[tokio::test]
async fn a_tap_on_the_card_of_a_task_that_waits_no_more_comes_too_late(status: &str, task_id: &str) {
    let site = site().await;
    let message_id = stuck_card(&site, task("i1-1")).await;
    site.push("i1", with(task(task_id), json!({"notify": false}))).await;
    if status != "pending" {
        site.kept.gateway.send("PATCH", "/v1/instances/i1", &json!({"status": status})).await.ok();
    }
    assert_too_late(&site, &message_id).await;
    // By its ids it is as closed.
    let on_the_list =
        json!({"encrypt": super::support::sealed(&super::support::list("i1", "i1-1").to_string(), KEY)});
    assert_eq!(site.send_to(PATH, on_the_list.to_string()).await.0, 409);
}

#[tokio::test]
async fn a_card_that_is_to_say_how_its_task_ended_takes_no_tap_although_the_task_waits_again() {
    let site = site().await;
    let message_id = stuck_card(&site, task("i1-1")).await;
    site.push("i1", with(task("i1-1"), json!({"status": "rejected"}))).await;
    site.push("i1", task("i1-1")).await;
    assert_too_late(&site, &message_id).await;
    assert_eq!(
        site.send_to(PATH, sealed_tap("7", json!({"action_context": "context of i1-1"}))).await.0,
        200
    );
}

#[tokio::test]
async fn a_task_that_is_open_again_after_its_instance_was_withdrawn_begins_a_new_round() {
    let site = site().await;
    site.push("i1", task("i1-1")).await;
    let on_the_list =
        json!({"encrypt": super::support::sealed(&super::support::list("i1", "i1-1").to_string(), KEY)});
    assert_eq!(site.send_to(PATH, on_the_list.to_string()).await.0, 200);
    for status in ["canceled", "pending"] {
        site.kept.gateway.send("PATCH", "/v1/instances/i1", &json!({"status": status})).await.ok();
    }
    assert_eq!(site.send_to(PATH, on_the_list.to_string()).await.0, 200);
    assert_eq!(site.target.heard().len(), 2);
}

#[tokio::test]
async fn a_card_finds_its_task_while_the_answer_that_names_its_message_is_lost() {
    let site = site().await;
    let feishu = &site.kept.gateway.feishu;
    feishu.fault(json!({"api": "message_send", "hang": true, "apply": true, "times": 0})).await;
    let mut without_context = task("i1-1");
    without_context.as_object_mut().unwrap().remove("action_context");
    site.push("i1", without_context.clone()).await;
    let message_id = card(&site).await["message_id"].as_str().unwrap().to_owned();
    let context = feishu.sent("message_send").await[0]["action_callback"]["action_context"].take();
    let tap = |user_id| sealed_tap(&message_id, json!({"action_context": context, "user_id": user_id}));
    assert_eq!(site.send_to(PATH, tap("mallory")).await.0, 409);
    assert_eq!(site.send_to(PATH, tap("bob")).await.0, 200);
    let event = site.target.last().json();
    assert_eq!((&event["instance_id"], &event["task_id"]), (&json!("i1"), &json!("i1-1")));
    assert_eq!(event.get("action_context"), None, "the caller has written none");
    // The same on the list is the same action.
    let mut on_the_list = super::support::list("i1", "i1-1");
    on_the_list.as_object_mut().unwrap().remove("action_context");
    let sealed = json!({"encrypt": super::support::sealed(&on_the_list.to_string(), KEY)});
    assert_eq!(site.send_to(PATH, sealed.to_string()).await.0, 200);
    assert_eq!(site.target.heard().len(), 1);
    site.push("i1", with(without_context, json!({"status": "done"}))).await;
    let reject = sealed_tap(&message_id, json!({"action_context": context, "action_type": "REJECT"}));
    assert_eq!(site.send_to(PATH, reject).await.0, 409);
    feishu.clear_faults().await;
}

#[tokio::test]
async fn cards_leave_room_to_callers_who_send_messages() {
    let site =
        Site::with(|settings| settings, |builder| builder.set("FEISHU__NOTIFY__TASKS", true).rate(0, 40))
            .await;
    let mut document = crate::harness::documents::instance("i1");
    document["status"] = "pending".into();
    document.as_object_mut().unwrap().remove("updated_at");
    let approver = |number| with(task(&format!("i1-{number}")), json!({"user_id": format!("bob{number}")}));
    document["tasks"] = (0..120).map(approver).collect();
    let gateway = &site.kept.gateway;
    gateway.put("i1", "", &document).await.ok();
    until(|| async { gateway.feishu.count("message_send").await > 0 }).await;
    let message = json!({
        "template": "todo", "user_id": "carol", "approval_name": "出差", "summaries": ["成都"],
        "pc_link": "https://oa.example.com/1",
    });
    for _ in 0..25 {
        gateway.post("/v1/messages", &message).await.ok();
    }
}

#[tokio::test]
async fn the_gateway_fills_in_who_is_told_of_a_tap() {
    let site = site().await;
    site.push("i1", task("i1-1")).await;
    let labels: Vec<_> = card(&site).await["buttons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["action_type"].clone())
        .collect();
    assert_eq!(labels, ["APPROVE", "REJECT"]);
    let sent = site.kept.gateway.feishu.sent("message_send").await.remove(0);
    let expected = json!({
        "action_callback_url": "https://callbacks.example.com/feishu/default/approval-action",
        "action_callback_token": "[redacted]", "action_callback_key": "[redacted]", "action_context": "context of i1-1",
    });
    assert_eq!(sent["action_callback"], expected);
    assert_eq!(sent["action_configs"][0]["next_status"], "APPROVED");
}

#[tokio::test]
async fn a_tap_on_a_card_finds_its_task_by_the_message_alone() {
    let site = site().await;
    for id in ["i1", "i2"] {
        // The same context says nothing about which one it is.
        let task = with(task(&format!("{id}-1")), json!({"action_context": "shared", "notify": id == "i2"}));
        site.push(id, task).await;
    }
    let message_id = card(&site).await["message_id"].as_str().unwrap().to_owned();
    let (status, answer) = site.send_to(PATH, tap(&message_id)).await;
    assert_eq!((status, &answer["code"]), (200, &json!(0)), "{answer}");
    let event = site.target.last().json();
    assert_eq!((&event["instance_id"], &event["task_id"]), (&json!("i2"), &json!("i2-1")));
    assert_eq!(event["message_id"], message_id);
    // The same on the list is the same action.
    let on_the_list = super::support::list("i2", "i2-1").to_string();
    let sealed = json!({"encrypt": super::support::sealed(&on_the_list, KEY)});
    assert_eq!(site.send_to(PATH, sealed.to_string()).await.0, 200);
    assert_eq!(site.target.heard().len(), 1);
    // A card of a task that is closed is of no use.
    site.push("i2", with(task("i2-1"), json!({"status": "rejected"}))).await;
    let reject = json!({
        "action_type": "REJECT", "user_id": "bob", "message_id": message_id.parse::<u64>().unwrap(), "token": TOKEN
    });
    let sealed = json!({"encrypt": super::support::sealed(&reject.to_string(), KEY)});
    let (status, answer) = site.send_to(PATH, sealed.to_string()).await;
    assert!(status == 409 && answer["message"].as_str().unwrap().contains("no longer open"), "{answer}");
}

#[tokio::test]
async fn a_message_with_buttons_leads_to_the_gateway_unless_it_says_otherwise() {
    let site = site().await;
    let message = json!({
        "template": "todo", "user_id": "bob", "approval_name": "出差", "summaries": ["成都"],
        "pc_link": "https://oa.example.com/1", "actions": [{"action": "approve"}], "action_context": "ctx",
    });
    let elsewhere = json!({
        "action_callback_url": "https://oa.example.com/tap", "action_callback_token": "mine", "action_callback_key": "",
    });
    site.kept.gateway.post("/v1/messages", &message).await.ok();
    site.kept.gateway.post("/v1/messages", &with(message, elsewhere)).await.ok();
    let sent = site.kept.gateway.feishu.sent("message_send").await;
    let callbacks = [&sent[0]["action_callback"], &sent[1]["action_callback"]];
    assert_eq!(
        callbacks.map(|callback| &callback["action_callback_url"]),
        ["https://callbacks.example.com/feishu/default/approval-action", "https://oa.example.com/tap"]
    );
    // The sandbox tells no secrets, but whether there is one.
    assert_eq!(callbacks.map(|callback| &callback["action_callback_token"]), ["[redacted]", "[redacted]"]);
    assert_eq!(callbacks[0]["action_callback_key"], "[redacted]");
    assert_eq!(callbacks[1].get("action_callback_key"), None);
    assert_eq!(callbacks[0]["action_context"], "ctx");
}
