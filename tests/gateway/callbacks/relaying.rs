//! What the target is told.

use approval_gateway::callbacks::{CallbackSettings, TargetFormat};
use approval_gateway::support::standard_webhooks::SigningSecret;
use serde_json::{Value, json};

use super::support::{KEY, Site, TOKEN, card, list, sealed, task, with, with_key};

#[tokio::test]
async fn an_action_on_the_list_is_relayed_as_a_signed_event() {
    let site = Site::start().await;
    site.push("i1", task("i1-1")).await;
    let attachments =
        json!([{"file_type": "IMAGE", "file_name": "a.png", "file_size": 186_123, "url": "https://f/a"}]);
    let body = with(list("i1", "i1-1"), json!({"reason": "fine", "attachments": attachments}));
    assert_eq!(site.send(&body).await, (200, json!({"code": 0, "msg": "success"})));
    let heard = site.target.last();
    assert!(heard.is_signed(), "{:?}", heard.headers);
    assert_eq!(heard.header("content-type"), "application/json");
    let mut event = heard.json();
    assert!(event["received_at"].take().is_string());
    assert_eq!(
        event,
        json!({
            "type": "approval.action", "app": "default", "action": "approve", "user_id": "bob",
            "instance_id": "i1", "task_id": "i1-1", "action_context": "context of i1-1", "reason": "fine",
            "attachments": [{"kind": "image", "name": "a.png", "size": 186_123, "url": "https://f/a"}],
            "received_at": null,
        })
    );
}

#[tokio::test]
async fn card_and_search_are_told_like_the_list() {
    let site = Site::start().await;
    site.push("i1", task("i1-1")).await;
    assert_eq!(site.send(&card("context of i1-1")).await.0, 200);
    let event = site.target.last().json();
    assert_eq!((&event["instance_id"], &event["task_id"]), (&json!("i1"), &json!("i1-1")));
    assert_eq!(event["message_id"], "7301550094428135453");
    let search = json!({"action_type": "REJECT", "user_id": "bob", "id": "i1-1", "token": TOKEN});
    assert_eq!(site.send(&search).await.0, 200);
    let event = site.target.last().json();
    assert_eq!((&event["instance_id"], &event["action"]), (&json!("i1"), &json!("reject")));
}

#[tokio::test]
async fn an_encrypted_body_is_decrypted() {
    let site = Site::encrypted().await;
    let body = json!({"encrypt": sealed(&list("i1", "i1-1").to_string(), KEY)});
    assert_eq!(site.send(&body).await.0, 200);
    assert_eq!(site.target.last().json()["task_id"], "i1-1");
}

#[tokio::test]
async fn a_handler_that_was_written_for_feishu_gets_feishus_body() {
    let change = |settings| CallbackSettings { format: TargetFormat::Feishu, ..with_key(settings) };
    let site = Site::with(change, |builder| builder).await;
    let text = format!("  {} ", card("c"));
    assert_eq!(site.send(&json!({"encrypt": sealed(&text, KEY)})).await.0, 200);
    let heard = site.target.last();
    assert_eq!(heard.body, text.as_bytes());
    assert!(heard.is_signed());
}

#[tokio::test]
async fn while_secrets_are_rotated_both_hold() {
    let second = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let change = |mut settings: CallbackSettings| {
        settings.proof.tokens.push("the-next-token".into());
        settings.proof.encrypt_keys = vec!["the-next-key".into(), KEY.into()];
        settings.secrets.push(SigningSecret::parse(second).unwrap());
        settings
    };
    let site = Site::with(change, |builder| builder).await;
    let next = with(list("i1", "i1-1"), json!({"token": "the-next-token"})).to_string();
    for body in [sealed(&list("i1", "i1-2").to_string(), KEY), sealed(&next, "the-next-key")] {
        assert_eq!(site.send(&json!({"encrypt": body})).await.0, 200);
    }
    assert_eq!(site.target.last().header("webhook-signature").split(' ').count(), 2);
}

#[tokio::test]
async fn of_large_and_odd_contents_nothing_is_lost() {
    let site = Site::start().await;
    let attachments: Vec<Value> = (0..1_000).map(|n| json!({"file_name": format!("{n}.png")})).collect();
    let body = with(
        list("i1", "i1-1"),
        json!({"action_type": "ESCALATE", "reason": "理".repeat(8_000), "attachments": attachments}),
    );
    assert_eq!(site.send(&body).await.0, 200);
    let event = site.target.last().json();
    assert_eq!(
        (&event["action"], event["attachments"].as_array().unwrap().len()),
        (&json!("ESCALATE"), 1_000)
    );
    assert_eq!(event["reason"].as_str().unwrap().chars().count(), 8_000);
    let beyond = with(card("c"), json!({"message_id": 9_223_372_036_854_775_807_i64}));
    assert_eq!(site.send(&beyond).await.0, 200);
    assert_eq!(site.target.last().json()["message_id"], "9223372036854775807");
}
