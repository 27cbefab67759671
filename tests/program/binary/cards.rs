//! The whole circle of `serve --sandbox`: push, card, tap, handler, patch, and the card says how it ended.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use axum::Router;
use axum::extract::State;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::documents::instance;
use crate::feishu::until;
use crate::process::{Running, answer};

/// A system of one's own that is told of taps, and the address at which it is.
async fn handler() -> (mpsc::UnboundedReceiver<Value>, String) {
    let (told, heard) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    async fn hear(State(told): State<mpsc::UnboundedSender<Value>>, body: String) {
        told.send(serde_json::from_str(&body).unwrap()).unwrap();
    }
    let router = Router::new().fallback(hear).with_state(told);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (heard, address)
}

async fn card(gateway: &Running) -> Value {
    let shown = gateway.get("/sandbox/messages?user_id=approver").await.1;
    shown["messages"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_on_a_card_comes_back_as_a_card_that_says_how_it_ended() {
    let (mut heard, address) = handler().await;
    let environment =
        [("GATEWAY_FEISHU__NOTIFY__TASKS", "true"), ("GATEWAY_FEISHU__CALLBACKS__TARGET_URL", &*address)];
    let gateway = Running::start(&["serve", "--sandbox", "--listen", "127.0.0.1:0"], &environment);
    let mut document = instance("trip");
    document["tasks"][0]["actions"] = json!([{"action": "approve"}, {"action": "ask", "label": "Ask"}]);
    let (status, receipt) = gateway.put("trip", "", &document).await;
    assert_eq!((status, &receipt["warnings"]), (200, &json!([])), "{receipt}");
    until(|| async { !card(&gateway).await.is_null() }).await;
    let message_id = card(&gateway).await["message_id"].clone();
    let tap = |action: &str| {
        let body = json!({"user_id": "approver", "message_id": message_id, "action": action});
        answer(gateway.request("POST", "/sandbox/tap", &body))
    };
    // An action of one's own leaves the card as it is.
    assert_eq!(tap("ask").await.1["result"], "success");
    let event = heard.recv().await.unwrap();
    assert_eq!((&event["action"], &event["task_id"]), (&json!("ask"), &json!("trip/t1")));
    assert_eq!(event["message_id"], message_id);
    assert_eq!(card(&gateway).await.get("status"), None);
    let (status, seen) = tap("approve").await;
    assert_eq!((status, &seen["result"]), (200, &json!("success")), "{seen}");
    assert_eq!(heard.recv().await.unwrap()["action"], "approve");
    assert_eq!(card(&gateway).await["status"], "APPROVED", "Feishu has it say so at once");
    assert_eq!(tap("approve").await.0, 409, "it has no buttons any more");
    let (status, receipt) =
        gateway.patch("trip", &json!({"tasks": {"trip/t1": {"status": "transferred"}}})).await;
    assert_eq!(status, 200, "{receipt}");
    until(|| async { card(&gateway).await["status"] == "FORWARDED" }).await;
    let nobody = json!({"user_id": "mallory", "message_id": message_id, "action": "approve"});
    assert_eq!(answer(gateway.request("POST", "/sandbox/tap", &nobody)).await.0, 404);
}
