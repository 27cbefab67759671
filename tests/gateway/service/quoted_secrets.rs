//! Secrets that Feishu quotes in its messages are not passed on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use test_case::test_case;

use crate::harness::documents::{definition, instance, with};
use crate::harness::{APP_ID, APP_SECRET, Gateway};

#[test_case(APP_SECRET; "the app's secret")]
#[test_case("THE-APP-SECRET"; "in another case")]
#[tokio::test]
async fn a_refusal_of_the_token_does_not_show(quoted: &str) {
    let gateway = Gateway::start().await;
    // At the end of what is passed on.
    let message = format!("{}{quoted}", "x".repeat(490));
    gateway.feishu.fault(json!({"api": "token", "http_status": 200, "code": 10014, "msg": message})).await;
    let answer = gateway.put("a", "", &instance("a")).await;
    assert_eq!(answer.problem(), "502 upstream_auth_failed, not_sent");
    assert!(answer.text.contains("xxx[redacted"), "{}", answer.text);
    assert!(!answer.text.to_lowercase().contains("the-app"), "{}", answer.text);
}

#[tokio::test]
async fn a_refusal_of_a_push_shows_no_token_wherever_feishu_quotes_it() {
    let gateway = Gateway::start().await;
    gateway.put("a", "", &instance("a")).await.ok();
    let token = gateway.feishu.tokens().into_iter().next().unwrap();
    let violations = json!([{"field": token, "description": format!("Bearer {token} may not")}]);
    gateway
        .feishu
        .fault(json!({
            "api": "external_instances",
            "code": 1390001,
            "msg": format!("{token} {APP_SECRET}"),
            "headers": {"x-tt-logid": token},
            "error": {"field_violations": violations, "log_id": token},
        }))
        .await;
    let answer = gateway.put("b", "", &instance("b")).await;
    assert!(answer.text.contains("[redacted]"), "{}", answer.text);
    assert!(!answer.text.contains(&token) && !answer.text.contains(APP_SECRET), "{}", answer.text);
}

/// A secret in the forms in which an error may quote it.
fn forms(secret: &str) -> [String; 4] {
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let entities: String = secret.chars().map(|letter| format!("&#{};", u32::from(letter))).collect();
    [secret.to_owned(), BASE64.encode(format!("{APP_ID}:{secret}")), percent, entities]
}

#[tokio::test]
async fn a_refusal_shows_no_secret_in_another_form() {
    let gateway = Gateway::start().await;
    for quoted in forms(APP_SECRET) {
        let message = format!("({quoted})");
        gateway.feishu.fault(json!({"api": "external_instances", "code": 1390001, "msg": message})).await;
        let answer = gateway.put("a", "", &instance("a")).await;
        let shown = answer.body["upstream"]["message"].as_str().unwrap().to_owned();
        assert!(shown.contains("[redacted]") && shown.len() < 50, "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_push_shows_no_token_of_its_pages() {
    let gateway = Gateway::start().await;
    let hosted =
        json!({"trusteeship": {"url_token": "pages/token", "form_detail_url": "https://oa.example.org/f"}});
    for quoted in forms("pages/token") {
        let message = format!("({quoted})");
        gateway.feishu.fault(json!({"api": "external_instances", "code": 1390001, "msg": message})).await;
        let answer = gateway.put("a", "", &with(instance("a"), hosted.clone())).await;
        let shown = answer.body["upstream"]["message"].as_str().unwrap().to_owned();
        assert!(shown.contains("[redacted]") && shown.len() < 50, "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_definition_shows_no_secret_of_its_callback() {
    let gateway = Gateway::start().await;
    gateway
        .feishu
        .fault(json!({"api": "external_approvals", "code": 1390001, "msg": "callback-token, callback-key"}))
        .await;
    let answer = gateway.define(&definition("travel-key")).await;
    assert!(answer.text.contains("[redacted], [redacted]"), "{}", answer.text);
}
