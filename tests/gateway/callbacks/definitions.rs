//! Definitions whose callbacks the gateway fills in.

use serde_json::{Value, json};

use super::support::{KEY, Site, TOKEN};
use crate::harness::Gateway;

fn definition() -> Value {
    json!({
        "definition_key": "trip", "name": "出差", "group_key": "hr", "group_name": "人事", "support_pc": true,
        "viewers": {"scope": "everyone"}, "quick_approval": "gateway",
    })
}

#[tokio::test]
async fn the_gateway_fills_in_address_token_and_key() {
    let site = Site::encrypted().await;
    let gateway = &site.kept.gateway;
    let defined = gateway.define(&definition()).await;
    assert_eq!(defined.status, 200, "{}", defined.text);
    let stored = gateway.feishu.control("GET", "definitions", Value::Null).await.1;
    let stored = stored["definitions"].as_array().unwrap();
    let external = &stored.iter().find(|one| one["custom_code"] == "trip").unwrap()["stored"]["external"];
    let expected = json!(["https://callbacks.example.com/feishu/default/approval-action", TOKEN, KEY]);
    let names = ["action_callback_url", "action_callback_token", "action_callback_key"];
    assert_eq!(json!(names.map(|name| &external[name])), expected);

    let path = format!("/v1/definitions/{}", defined.body["approval_code"].as_str().unwrap());
    let read = gateway.get(&path).await.body;
    assert_eq!((&read["quick_approval"], read.get("action_callback_url")), (&json!("gateway"), None));
    let sent_back = gateway.define(&read).await;
    assert_eq!(sent_back.status, 200, "{}", sent_back.text);
    let own = json!({"action_callback_url": "https://oa.example.com/a", "action_callback_token": "", "action_callback_key": ""});
    assert_eq!(gateway.send("PATCH", &path, &own).await.status, 200);
    let read = gateway.get(&path).await.body;
    assert_eq!(
        (read.get("quick_approval"), &read["action_callback_url"]),
        (None, &own["action_callback_url"])
    );
    assert_eq!(gateway.send("PATCH", &path, &json!({"quick_approval": "gateway"})).await.status, 200);
    assert_eq!(gateway.get(&path).await.body["quick_approval"], "gateway");
}

#[tokio::test]
async fn what_contradicts_it_is_refused() {
    let site = Site::start().await;
    for (member, value) in
        [("action_callback_url", "https://oa.example.com"), ("action_callback_token", "mine")]
    {
        let mut both = definition();
        both[member] = value.into();
        let refused = site.kept.gateway.define(&both).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        let error = &refused.body["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(format!("/{member}")), &json!("contradiction"))
        );
    }
    let gateway = Gateway::start().await;
    let refused = gateway.define(&definition()).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/quick_approval")));
}
