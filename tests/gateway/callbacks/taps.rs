//! The sandbox taps: it sends what Feishu would send, and tells what the person would see.

use serde_json::{Value, json};

use super::support::{KEY, PATH, Reply, Site, task};
use crate::harness::Gateway;

/// A definition in the sandbox whose callbacks go to the gateway, and an instance with a task.
async fn site(encrypted: bool) -> Site {
    let site = if encrypted { Site::encrypted().await } else { Site::start().await };
    let url = format!("http://{}{PATH}", site.address());
    let definition = json!({
        "definition_key": "trip", "name": "出差", "group_key": "hr", "group_name": "人事", "support_pc": true,
        "viewers": {"scope": "everyone"}, "action_callback_url": url,
        "action_callback_token": super::support::TOKEN, "action_callback_key": if encrypted { KEY } else { "" },
    });
    let code = site.kept.gateway.define(&definition).await.body["approval_code"].clone();
    let mut document = crate::harness::documents::instance("i1");
    document["approval_code"] = code;
    document["tasks"] = json!([task("i1-1")]);
    assert_eq!(site.kept.gateway.put("i1", "", &document).await.status, 200);
    site
}

async fn tap(site: &Site, members: Value) -> (u16, Value) {
    let tap =
        super::support::with(json!({"user_id": "bob", "task_id": "i1-1", "action": "approve"}), members);
    site.kept.gateway.feishu.control("POST", "tap", tap).await
}

#[tokio::test]
async fn every_kind_of_tap_reaches_the_target() {
    for (encrypted, via) in
        [(false, "list"), (true, "list"), (false, "card"), (true, "card"), (true, "search")]
    {
        let site = site(encrypted).await;
        let (status, seen) = tap(&site, json!({"via": via, "reason": "ok"})).await;
        assert_eq!(
            (status, &seen["result"], &seen["encrypted"]),
            (200, &json!("success"), &json!(encrypted))
        );
        assert_eq!(seen["callback"]["token"], "***");
        let event = site.target.last().json();
        assert_eq!((&event["instance_id"], &event["task_id"]), (&json!("i1"), &json!("i1-1")), "{via}");
        assert_eq!((&event["action"], &event["reason"]), (&json!("approve"), &json!("ok")));
    }
}

#[tokio::test]
async fn a_refusal_is_shown_as_feishu_would() {
    let site = site(false).await;
    site.target.reply(Reply::Json(422, json!({"message": "预算不足"})));
    let seen = tap(&site, json!({})).await.1;
    assert_eq!((&seen["result"], &seen["shown"]), (&json!("refused"), &json!("预算不足")));
}

#[tokio::test]
async fn without_a_button_there_is_no_tap() {
    let site = site(false).await;
    assert_eq!(tap(&site, json!({"task_id": "nobody's"})).await.0, 404);
    assert_eq!(tap(&site, json!({"action": "escalate"})).await.0, 409);
    let gateway = Gateway::start().await;
    let mut document = crate::harness::documents::instance("i1");
    document["tasks"] = json!([task("i1-1")]);
    gateway.put("i1", "", &document).await;
    let tap = json!({"user_id": "bob", "task_id": "i1-1", "action": "approve"});
    let (status, problem) = gateway.feishu.control("POST", "tap", tap).await;
    assert!(
        status == 409 && problem["detail"].as_str().unwrap().contains("action_callback_url"),
        "{problem}"
    );
}

#[tokio::test]
async fn faults_change_what_is_sent() {
    let site = site(true).await;
    site.kept.gateway.feishu.fault(json!({"api": "tap", "set": {"/token": "forged"}})).await;
    assert_eq!(tap(&site, json!({})).await.1["http_status"], 401);
    site.kept.gateway.feishu.fault(json!({"api": "tap", "body_raw": "hello"})).await;
    assert_eq!(tap(&site, json!({})).await.1["http_status"], 400);
    assert_eq!(tap(&site, json!({})).await.1["result"], "success");
}
