//! A caller's key decides which app its calls go to, and with which rules.

use serde_json::json;

use crate::apps::two_apps;
use crate::harness::documents::instance;

#[tokio::test]
async fn each_key_reaches_the_feishu_of_its_app() {
    let gateway = two_apps().await;
    assert_eq!(gateway.with_key("k-default").put("a", "", &instance("a")).await.status, 200);
    assert_eq!(gateway.with_key("k-erp").put("b", "", &instance("b")).await.status, 200);
    assert_eq!((gateway.feishu.is_stored("a").await, gateway.feishu.is_stored("b").await), (true, false));
    assert_eq!(
        (gateway.app("erp").is_stored("a").await, gateway.app("erp").is_stored("b").await),
        (false, true)
    );
}

#[tokio::test]
async fn a_caller_without_a_key_gets_the_default_app() {
    let gateway = two_apps().await;
    assert_eq!(gateway.put("a", "", &instance("a")).await.status, 200);
    assert!(gateway.feishu.is_stored("a").await);
    assert_eq!(gateway.app("erp").count("token").await, 0);
}

#[tokio::test]
async fn each_app_has_the_rules_of_its_region() {
    let gateway = two_apps().await;
    let mut document = instance("a");
    document["locale"] = json!("de-DE");
    let preview = async |key| gateway.with_key(key).preview("a", "", &document).await.status;
    assert_eq!(preview("k-default").await, 200);
    // Lark knows three locales.
    assert_eq!(preview("k-erp").await, 422);
}

#[tokio::test]
async fn a_cursor_of_one_app_is_none_of_another() {
    let gateway = two_apps().await;
    for number in 0..3 {
        let id = number.to_string();
        assert_eq!(gateway.with_key("k-erp").put(&id, "", &instance(&id)).await.status, 200);
    }
    let list = "/v1/task-statuses?instance_id=0&instance_id=1&instance_id=2&limit=1";
    let page = gateway.with_key("k-erp").get(list).await;
    let next = format!("{list}&cursor={}", page.body["next_cursor"].as_str().unwrap());
    assert_eq!(gateway.with_key("k-erp-read").get(&next).await.status, 200);
    let foreign = gateway.with_key("k-default").get(&next).await;
    assert_eq!((foreign.status, foreign.code()), (422, "invalid_cursor"));
}
