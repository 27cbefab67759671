//! A gateway for a store app, and Feishu's part in its events.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::net::SocketAddr;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::callbacks::support::sealed;
use crate::durable::support::{Kept, Store};
use crate::harness::{APP_ID, Builder, FOR_EVER, Feishu, Gateway, client};

/// Where the events of the app come in.
pub(super) const PATH: &str = "/feishu/default/events";

/// What a gateway in front of a sandbox takes as proof of events.
pub(super) const TOKEN: &str = "sandbox-event-token";
pub(super) const KEY: &str = "sandbox-event-key";

/// The tenants of the app.
const TENANTS: [&str; 2] = ["tenant_a", "tenant_b"];

/// The only app is a store app.
pub(super) fn store_app(builder: Builder) -> Builder {
    builder.set("FEISHU__KIND", "store").set("FEISHU__TENANT_KEY", TENANTS[0])
}

/// A gateway with a ledger, for a store app whose events go nowhere yet.
pub(super) async fn kept(store: Store) -> Kept {
    Kept::on(store, store_app).await
}

/// The same when its events come in, and a ticket was pushed that Feishu takes.
pub(super) async fn with_ticket(builder: impl FnOnce(Builder) -> Builder) -> Kept {
    let kept = Kept::with(|begun| builder(store_app(begun))).await;
    connect(&kept.gateway.feishu, &kept.gateway, NEVER_MS).await;
    push_ticket(&kept.gateway.feishu).await;
    kept
}

/// Tells Feishu where this gateway takes events; a ticket that is asked for comes so much later.
pub(super) async fn connect(feishu: &Feishu, gateway: &Gateway, delay_ms: u64) {
    let app = json!({
        "events_url": format!("http://{}{PATH}", gateway.callbacks.unwrap()),
        "token": TOKEN,
        "encrypt_key": KEY,
        "tenants": TENANTS,
        "delay_ms": delay_ms,
    });
    let (status, answer) = feishu.control("PUT", "store-app", app).await;
    assert_eq!((status, &answer["token"], &answer["encrypt_key"]), (200, &json!("***"), &json!("***")));
}

/// Longer than any test waits.
pub(super) const NEVER_MS: u64 = 3_600_000;

/// Lets Feishu push a new ticket, as it does every hour.
pub(super) async fn push_ticket(feishu: &Feishu) {
    let (status, pushed) = feishu.control("POST", "store-app/ticket", Value::Null).await;
    assert_eq!(
        (status, &pushed["http_status"], &pushed["encrypted"]),
        (200, &json!(200), &json!(true)),
        "{pushed}"
    );
}

/// How often Feishu was asked: for a ticket, for a token of the app, for one of a tenant.
pub(super) async fn calls(feishu: &Feishu) -> [u64; 3] {
    let mut calls = [0; 3];
    for (calls, api) in calls.iter_mut().zip(["app_ticket_resend", "app_token", "store_token"]) {
        *calls = feishu.count(api).await;
    }
    calls
}

/// The event that tells of a ticket.
pub(super) fn event(ticket: &str, ts: &str) -> Value {
    json!({
        "ts": ts, "uuid": "bc447199585340d1f3728d26b1c0297a", "token": TOKEN, "type": "event_callback",
        "event": { "app_id": APP_ID, "app_ticket": ticket, "type": "app_ticket" },
    })
}

/// How an event arrives: its body, and the headers that sign it.
#[derive(Clone)]
pub(super) struct Delivered {
    pub(super) body: String,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Delivered {
    pub(super) fn plain(body: &Value) -> Self {
        Self { body: body.to_string(), headers: Vec::new() }
    }

    /// Encrypted and signed with this key.
    pub(super) fn sealed(body: &Value, key: &str) -> Self {
        let body = json!({ "encrypt": sealed(&body.to_string(), key) }).to_string();
        let (timestamp, nonce) = ("1767323045", "n-1");
        let signature = hex::encode(Sha256::digest([timestamp, nonce, key, &body].concat()));
        let headers = vec![
            ("x-lark-request-timestamp", timestamp.to_owned()),
            ("x-lark-request-nonce", nonce.to_owned()),
            ("x-lark-signature", signature),
        ];
        Self { body, headers }
    }

    /// The same with another header.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same without a header.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// Sends it; status and JSON of the answer.
    pub(super) async fn to(&self, address: SocketAddr, path: &str) -> (u16, Value) {
        let mut request = client().post(format!("http://{address}{path}")).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.header("content-type", "application/json;charset=utf-8");
        let response = request.timeout(FOR_EVER).send().await.unwrap();
        let (status, bytes) = (response.status().as_u16(), response.bytes().await.unwrap());
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}
