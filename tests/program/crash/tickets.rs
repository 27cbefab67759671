//! The ticket of a store app outlives the gateway that got it, and is in no log.

use serde_json::{Value, json};

use super::site::{Site, document};
use crate::process::file;

const TOKEN: &str = "the-verification-token";
const KEY: &str = "the-event-key";

/// Tells Feishu where events go.
async fn connect(site: &Site, origin: &str) {
    let app = json!({
        "events_url": format!("{origin}/feishu/default/events"),
        "token": TOKEN,
        "encrypt_key": KEY,
        "tenants": ["tenant_a"],
    });
    assert_eq!(site.feishu.control("PUT", "store-app", app).await.0, 200);
}

#[tokio::test]
async fn a_ticket_outlives_the_gateway_and_is_in_no_log() {
    let (token, key) = (file(TOKEN), file(KEY));
    let site = Site::new()
        .await
        .with("GATEWAY_FEISHU__KIND", "store")
        .with("GATEWAY_FEISHU__TENANT_KEY", "tenant_a")
        .with("GATEWAY_FEISHU__EVENTS__TOKEN_FILE", token.to_str().unwrap())
        .with("GATEWAY_FEISHU__EVENTS__ENCRYPT_KEY_FILE", key.to_str().unwrap())
        .with("GATEWAY_CALLBACKS__LISTEN", "127.0.0.1:0")
        .with("GATEWAY_LOG__FILTER", "trace");
    connect(&site, "http://127.0.0.1:9").await;
    let mut first = site.start();
    // A store app asks by itself, before anybody wants anything.
    site.feishu.until_called("app_ticket_resend", 1).await;
    connect(&site, first.next_line().strip_prefix("callbacks listening on ").unwrap()).await;
    let (status, pushed) = site.feishu.control("POST", "store-app/ticket", Value::Null).await;
    assert_eq!((status, &pushed["http_status"]), (200, &json!(200)), "{pushed}");
    assert_eq!(first.put("i", "", &document("i", "one")).await.0, 200);
    first.kill();
    let log = first.ended().await.stderr;
    assert!(log.contains("event from Feishu") && log.contains("pushed a ticket"), "{log}");
    for secret in ["ticket-", TOKEN, KEY, "a-g2", "t-g2"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }

    let tokens = site.feishu.count("app_token").await;
    let second = site.start();
    assert_eq!(second.put("j", "", &document("j", "two")).await.0, 200);
    site.until_shown("j", "two").await;
    assert_eq!(site.feishu.count("app_ticket_resend").await, 1, "the ticket was kept");
    assert_eq!(site.feishu.count("app_token").await, tokens + 1);
}
