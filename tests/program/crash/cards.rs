//! A crash at each moment in the life of a card: whoever has a task that waits has one card, and sees how the task ended.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use serde_json::{Value, json};
use test_case::test_case;

use super::postgres;
use super::site::{Site, document};
use crate::feishu::until;

/// Messages that people have: what each says of its task.
async fn cards(site: &Site) -> Vec<Value> {
    let shown = site.feishu.control("GET", "messages", Value::Null).await.1;
    shown["messages"].as_array().unwrap().iter().map(|message| message["status"].clone()).collect()
}

async fn until_cards(site: &Site, expected: &[Value]) {
    until(|| async { cards(site).await == expected }).await;
}

async fn site() -> Site {
    Site::new().await.with("GATEWAY_FEISHU__NOTIFY__TASKS", "true")
}

/// Waits until the history tells of so many messages.
async fn until_noted(gateway: &crate::process::Running, id: &str, count: usize) {
    until(|| async {
        let history = gateway.get(&format!("/v1/instances/{id}/history")).await.1;
        let items = history["items"].as_array().cloned().unwrap_or_default();
        items.iter().filter(|entry| entry["event"] == "notified").count() == count
    })
    .await;
}

#[test_case(true; "and Feishu has it")]
#[test_case(false; "and Feishu does not have it")]
#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_on_its_way_is_sent_again_and_shown_once(is_applied: bool) {
    let site = site().await;
    site.feishu.fault(json!({"api": "message_send", "hang": true, "apply": is_applied})).await;
    let gateway = site.start();
    assert_eq!(gateway.put("a", "", &document("a", "one")).await.0, 200);
    site.feishu.until_called("message_send", 1).await;
    gateway.kill();
    drop(gateway);
    site.clear_faults().await;
    assert_eq!(cards(&site).await.len(), usize::from(is_applied));
    let gateway = site.start();
    until_noted(&gateway, "a", 1).await;
    assert_eq!(cards(&site).await, [Value::Null]);
    let (status, answer) = gateway.patch("a", &json!({"status": "canceled"})).await;
    assert_eq!(status, 200, "{answer}");
    until_cards(&site, &[json!("CANCELLED")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_task_closes_while_nobody_knows_of_it_says_so_in_the_end() {
    let site = site().await;
    site.feishu.fault(json!({"api": "message_send", "hang": true, "apply": true})).await;
    let gateway = site.start();
    assert_eq!(gateway.put("a", "", &document("a", "one")).await.0, 200);
    site.feishu.until_called("message_send", 1).await;
    gateway.kill();
    drop(gateway);
    site.clear_faults().await;
    // The next gateway can send nothing before the task is closed.
    site.feishu.fault(json!({"api": "message_send", "hang": true, "times": 0})).await;
    let gateway = site.start();
    let (status, answer) = gateway.patch("a", &json!({"status": "canceled"})).await;
    assert_eq!(status, 200, "{answer}");
    gateway.kill();
    drop(gateway);
    site.clear_faults().await;
    let gateway = site.start();
    until_cards(&site, &[json!("CANCELLED")]).await;
    until_noted(&gateway, "a", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_on_its_way_is_sent_again() {
    let site = site().await;
    let gateway = site.start();
    assert_eq!(gateway.put("a", "", &document("a", "one")).await.0, 200);
    until_noted(&gateway, "a", 1).await;
    site.feishu.fault(json!({"api": "message_update", "hang": true})).await;
    assert_eq!(gateway.patch("a", &json!({"status": "canceled"})).await.0, 200);
    site.feishu.until_called("message_update", 1).await;
    gateway.kill();
    drop(gateway);
    site.clear_faults().await;
    let _gateway = site.start();
    until_cards(&site, &[json!("CANCELLED")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_replicas_one_sends_and_a_killed_one_leaves_no_second_card() {
    let Some((site, _)) = postgres::site().await else { return };
    let site = site.with("GATEWAY_FEISHU__NOTIFY__TASKS", "true");
    let (first, second) = (site.start(), site.start());
    for number in 0..10 {
        let (id, gateway) = (format!("i{number}"), if number % 2 == 0 { &first } else { &second });
        assert_eq!(gateway.put(&id, "", &document(&id, "one")).await.0, 200);
    }
    for number in 0..10 {
        until_noted(&second, &format!("i{number}"), 1).await;
    }
    assert_eq!(cards(&site).await.len(), 10);
    // Whoever has the lease is killed while a card is on its way.
    site.feishu.fault(json!({"api": "message_send", "hang": true, "apply": true})).await;
    assert_eq!(second.put("last", "", &document("last", "one")).await.0, 200);
    site.feishu.until_called("message_send", 11).await;
    let (killed, left) = if super::replicas::holds(&first).await { (first, second) } else { (second, first) };
    killed.kill();
    site.clear_faults().await;
    until_noted(&left, "last", 1).await;
    assert_eq!(cards(&site).await.len(), 11);
    assert_eq!(left.patch("last", &json!({"status": "canceled"})).await.0, 200);
    until(|| async { cards(&site).await.iter().filter(|status| !status.is_null()).count() == 1 }).await;
}
