//! Contract §2.1 and §2.3: the chain of a store app, and the event that its ticket comes with.

use std::sync::{Arc, Mutex};

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::harness::{serve, until};
use crate::sandbox::support::{INSTANCES, TestSandbox, instance};

const RESEND: &str = "/open-apis/auth/v3/app_ticket/resend";
const APP: &str = "/open-apis/auth/v3/app_access_token";
const TENANT: &str = "/open-apis/auth/v3/tenant_access_token";
const ID: &str = "cli_store";

/// Events as they came: headers and body.
type Heard = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn listener() -> (Heard, String) {
    async fn hear(State(heard): State<Heard>, headers: HeaderMap, body: Bytes) -> &'static str {
        heard.lock().unwrap().push((headers, body));
        "{}"
    }
    let heard = Heard::default();
    let router = Router::new().route("/events", post(hear)).with_state(Arc::clone(&heard));
    let origin = serve(router).await;
    (heard, format!("{origin}/events"))
}

async fn store(key: Option<&str>) -> (TestSandbox, Heard) {
    let sandbox = TestSandbox::new();
    let (heard, url) = listener().await;
    let mut app = json!({"events_url": url, "token": "v-token", "tenants": ["a", "b"]});
    if let Some(key) = key {
        app["encrypt_key"] = key.into();
    }
    let (status, _) = sandbox.served().await.control("PUT", "store-app", app).await;
    assert_eq!(status, 200);
    (sandbox, heard)
}

async fn code(sandbox: &TestSandbox, path: &str, body: Value) -> (u16, i64) {
    sandbox.call("POST", path, body).await.outcome()
}

fn secret(more: Value) -> Value {
    let mut body = json!({"app_id": ID, "app_secret": "hush"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The ticket of the only event that came.
async fn ticket(heard: &Heard) -> String {
    until(|| async { !heard.lock().unwrap().is_empty() }).await;
    let event: Value = serde_json::from_slice(&heard.lock().unwrap()[0].1).unwrap();
    assert_eq!((&event["type"], &event["token"]), (&json!("event_callback"), &json!("v-token")));
    assert_eq!((&event["event"]["type"], &event["event"]["app_id"]), (&json!("app_ticket"), &json!(ID)));
    event["event"]["app_ticket"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_ticket_buys_the_token_of_the_app_and_that_one_of_each_tenant() {
    let (sandbox, heard) = store(None).await;
    assert_eq!(code(&sandbox, APP, secret(json!({"app_ticket": "guess"}))).await, (200, 10012));
    let asked = sandbox.call("POST", RESEND, secret(json!({}))).await.json();
    assert_eq!(asked, json!({"code": 0, "msg": "ok"}));
    let ticket = ticket(&heard).await;
    let bought = sandbox.call("POST", APP, secret(json!({"app_ticket": ticket}))).await.json();
    let app_token = bought["app_access_token"].as_str().unwrap();
    assert!(app_token.starts_with("a-") && bought["expire"] == 7200, "{bought}");
    let tenant = |key: &str| json!({"app_access_token": app_token, "tenant_key": key});
    assert_eq!(code(&sandbox, TENANT, tenant("c")).await, (200, 10013));
    let unknown = json!({"app_access_token": "a-guess", "tenant_key": "a"});
    assert_eq!(code(&sandbox, TENANT, unknown).await, (200, 99991664));
    let mut tokens = Vec::new();
    for key in ["a", "b"] {
        let bought = sandbox.call("POST", TENANT, tenant(key)).await.json();
        tokens.push(bought["tenant_access_token"].as_str().unwrap().to_owned());
        assert_eq!(
            sandbox.ask_with(&tokens[tokens.len() - 1], "POST", INSTANCES, instance()).await.code(),
            0
        );
    }
    assert_ne!(tokens[0], tokens[1]);
    let (_, revoked) = sandbox.served().await.control("POST", "store-app/revoke", Value::Null).await;
    assert_eq!(revoked, json!({"revoked": 1}));
    assert_eq!(code(&sandbox, APP, secret(json!({"app_ticket": ticket}))).await, (200, 10012));
    assert_eq!(code(&sandbox, TENANT, tenant("a")).await, (200, 99991664));
}

#[tokio::test]
async fn an_app_that_is_none_of_the_store_gets_no_ticket() {
    let sandbox = TestSandbox::new();
    assert_eq!(code(&sandbox, RESEND, secret(json!({}))).await, (200, 10016));
    assert_eq!(code(&sandbox, APP, secret(json!({"app_ticket": "x"}))).await, (200, 10012));
    let (status, _) = sandbox.served().await.control("POST", "store-app/ticket", Value::Null).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn with_a_key_events_are_encrypted_and_signed() {
    let (sandbox, heard) = store(Some("e-key")).await;
    let (_, pushed) = sandbox.served().await.control("POST", "store-app/ticket", json!({"app_id": ID})).await;
    assert_eq!(pushed, json!({"http_status": 200, "answer": "{}", "encrypted": true}));
    let (headers, body) = heard.lock().unwrap()[0].clone();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let signed =
        [header("x-lark-request-timestamp"), header("x-lark-request-nonce"), "e-key".to_owned()].concat();
    let expected = hex::encode(Sha256::digest([signed.as_bytes(), &body].concat()));
    assert_eq!(header("x-lark-signature"), expected);
    let sealed: Value = serde_json::from_slice(&body).unwrap();
    let bytes = BASE64_STANDARD.decode(sealed["encrypt"].as_str().unwrap()).unwrap();
    let iv: [u8; 16] = bytes[..16].try_into().unwrap();
    let key = Sha256::digest(b"e-key");
    let opened = cbc::Decryptor::<aes::Aes256>::new(&key, &iv.into());
    let event: Value =
        serde_json::from_slice(&opened.decrypt_padded_vec::<Pkcs7>(&bytes[16..]).unwrap()).unwrap();
    assert_eq!((&event["token"], &event["event"]["app_id"]), (&json!("v-token"), &json!(ID)));
}

#[tokio::test]
async fn faults_hit_events() {
    let (sandbox, heard) = store(None).await;
    let feishu = sandbox.served().await;
    feishu.fault(json!({"api": "event", "set": {"/token": "forged"}, "headers": {"x-more": "1"}})).await;
    feishu.control("POST", "store-app/ticket", json!({"app_id": ID})).await;
    feishu.control("POST", "store-app/ticket", json!({"app_id": ID})).await;
    let heard = heard.lock().unwrap();
    let tokens: Vec<Value> = heard
        .iter()
        .map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap()["token"].clone())
        .collect();
    assert_eq!(tokens, ["forged", "v-token"]);
    assert_eq!(heard[0].0["x-more"], "1");
}
