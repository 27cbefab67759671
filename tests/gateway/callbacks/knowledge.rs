//! What the ledger knows of the task.

use serde_json::json;

use super::support::{Site, TOKEN, card, list, task, with};

#[tokio::test]
async fn a_closed_task_and_somebody_elses_are_refused() {
    let site = Site::start().await;
    site.push("i1", task("i1-1")).await;
    let (status, answer) = site.send(&with(list("i1", "i1-1"), json!({"user_id": "mallory"}))).await;
    assert_eq!((status, &answer["without_prefix"]), (409, &json!(true)));
    assert!(answer["message"].as_str().unwrap().contains("Only the person"), "{answer}");
    site.push("i1", with(task("i1-1"), json!({"status": "transferred"}))).await;
    let (status, answer) = site.send(&list("i1", "i1-1")).await;
    assert!(status == 409 && answer["message"].as_str().unwrap().contains("no longer open"), "{answer}");
    assert_eq!(site.target.heard().len(), 0);
}

#[tokio::test]
async fn an_assignee_of_another_kind_of_id_is_not_compared() {
    let site = Site::start().await;
    let mut only_open_id = with(task("i1-1"), json!({"open_id": "ou_bob"}));
    only_open_id.as_object_mut().unwrap().remove("user_id");
    site.push("i1", only_open_id).await;
    assert_eq!(site.send(&list("i1", "i1-1")).await.0, 200);
}

#[tokio::test]
async fn an_assignee_who_is_named_by_an_address_is_compared_by_the_id_that_was_found() {
    let site = Site::start().await;
    let mut by_email = with(task("i1-1"), json!({"email": "bob@example.com"}));
    by_email.as_object_mut().unwrap().remove("user_id");
    site.push("i1", by_email).await;
    let (status, answer) = site.send(&with(list("i1", "i1-1"), json!({"user_id": "mallory"}))).await;
    assert_eq!((status, &answer["without_prefix"]), (409, &json!(true)));
    assert_eq!(site.send(&list("i1", "i1-1")).await.0, 200);
}

#[tokio::test]
async fn what_the_ledger_does_not_know_is_relayed_as_it_came() {
    let site = Site::start().await;
    assert_eq!(site.send(&list("by-hand", "by-hand-1")).await.0, 200);
    assert_eq!(site.target.last().json()["instance_id"], "by-hand");
    assert_eq!(site.send(&card("nobody's")).await.0, 200);
    assert_eq!(site.target.last().json().get("task_id"), None);
}

#[tokio::test]
async fn a_context_of_several_tasks_tells_nothing() {
    let site = Site::start().await;
    for id in ["i1", "i2"] {
        site.push(id, with(task(&format!("{id}-1")), json!({"action_context": "shared"}))).await;
    }
    let without_message =
        json!({"action_type": "APPROVE", "user_id": "bob", "action_context": "shared", "token": TOKEN});
    for _ in 0..2 {
        assert_eq!(site.send(&without_message).await.0, 200);
    }
    let heard = site.target.heard();
    assert_eq!(heard.len(), 2, "they may be about different tasks");
    assert_eq!(heard[0].json().get("instance_id"), None);
}

#[tokio::test]
async fn the_history_says_who_did_what() {
    let site = Site::start().await;
    site.push("i1", task("i1-1")).await;
    site.send(&list("i1", "i1-1")).await;
    let history = site.kept.gateway.get("/v1/instances/i1/history").await;
    let entry = &history.body["items"][0];
    assert_eq!(entry["event"], "action", "{}", history.text);
    assert_eq!(
        entry["detail"],
        json!({"task_id": "i1-1", "user_id": "bob", "action": "approve", "result": "accepted"})
    );
    assert_eq!(entry["request_id"], site.target.last().header("webhook-id"));
}

#[tokio::test]
async fn callbacks_are_counted_by_what_became_of_them() {
    let site = Site::start().await;
    site.send(&list("i1", "i1-1")).await;
    site.send(&list("i1", "i1-1")).await;
    site.send(&with(list("i1", "i1-1"), json!({"token": "x"}))).await;
    site.send_to("/feishu/nobody/approval-action", "{}").await;
    let metrics = site.kept.gateway.get("/metrics").await.text;
    for line in [
        "gateway_callbacks_total{app=\"default\",outcome=\"accepted\"} 1",
        "gateway_callbacks_total{app=\"default\",outcome=\"repeated\"} 1",
        "gateway_callbacks_total{app=\"default\",outcome=\"unauthorized\"} 1",
        "gateway_callbacks_total{app=\"\",outcome=\"unknown_app\"} 1",
        "gateway_callback_duration_seconds_count{app=\"default\"} 3",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}
