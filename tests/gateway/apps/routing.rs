//! A caller's key decides which app its calls go to, and with which rules.

use serde_json::json;

use crate::apps::gateway::{Gateway, instance};

#[tokio::test]
async fn each_key_reaches_the_feishu_of_its_app() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.put("k-default", "a").await.status, 200);
    assert_eq!(gateway.put("k-erp", "b").await.status, 200);
    assert_eq!((gateway.default.has("a").await, gateway.default.has("b").await), (true, false));
    assert_eq!((gateway.erp.has("a").await, gateway.erp.has("b").await), (false, true));
}

#[tokio::test]
async fn a_caller_without_a_key_gets_the_default_app() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.put("", "a").await.status, 200);
    assert!(gateway.default.has("a").await);
    assert_eq!(gateway.erp.count("token").await, 0);
}

#[tokio::test]
async fn each_app_has_the_rules_of_its_region() {
    let gateway = Gateway::start().await;
    let mut document = instance();
    document["locale"] = json!("de-DE");
    let preview = async |key| gateway.send(key, "POST", "/v1/instances/a/preview", &document).await.status;
    assert_eq!(preview("k-default").await, 200);
    // Lark knows three locales.
    assert_eq!(preview("k-erp").await, 422);
}

#[tokio::test]
async fn a_cursor_of_one_app_is_none_of_another() {
    let gateway = Gateway::start().await;
    for number in 0..3 {
        let id = number.to_string();
        assert_eq!(gateway.put("k-erp", &id).await.status, 200);
    }
    let list = "/v1/task-statuses?instance_id=0&instance_id=1&instance_id=2&limit=1";
    let page = gateway.get("k-erp", list).await;
    let next = format!("{list}&cursor={}", page.body["next_cursor"].as_str().unwrap());
    assert_eq!(gateway.get("k-erp-read", &next).await.status, 200);
    let foreign = gateway.get("k-default", &next).await;
    assert_eq!((foreign.status, foreign.code()), (422, "invalid_cursor"));
}
