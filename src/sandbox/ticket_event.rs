//! The event that a ticket of a store app comes with: encrypted and signed as Feishu does it (contract §9.2, §9.3).

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;
use uuid::Uuid;

use super::faults::Fault;
use super::running::Sandbox;
use super::store_app::StoreApp;
use super::tap::encrypted;
use crate::http_client::HttpClients;

/// Feishu waits so long for an answer to an event (contract §9.4).
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// Most of an answer that is shown.
const LONGEST_ANSWER: usize = 64 << 10;

/// An event on its way.
#[derive(Debug)]
pub(super) struct TicketEvent {
    to: StoreApp,
    plain: Value,
    fault: Option<Fault>,
}

/// What became of an event.
#[derive(Debug, Serialize)]
pub(super) struct Answered {
    /// The status of the answer; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    /// The answer as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// Whether it was encrypted.
    encrypted: bool,
}

/// The whole seconds of an event's time.
fn to_seconds(plain: &Value) -> String {
    let ts = plain.get("ts").and_then(Value::as_str).unwrap_or_default();
    ts.split('.').next().unwrap_or_default().to_owned()
}

impl Sandbox {
    /// The event that tells of an app's ticket, with the fault that hits it.
    pub(super) fn ticket_event(&self, app_id: &str, fresh: bool) -> Option<TicketEvent> {
        self.with(|state, now| {
            let (to, mut plain) = state.store_apps.event(app_id, fresh, now)?;
            let fault = state.faults.hit_event();
            if let Some(fault) = &fault {
                fault.change(&mut plain);
            }
            Some(TicketEvent { to, plain, fault })
        })
    }
}

impl TicketEvent {
    /// Pushes the event after the delay that the app has.
    pub(super) async fn push_later(self) {
        tokio::time::sleep(Duration::from_millis(self.to.delay_ms)).await;
        self.push().await;
    }

    /// Pushes the event and waits for its answer as long as Feishu would.
    pub(super) async fn push(self) -> Answered {
        tokio::time::sleep(self.fault.as_ref().map(Fault::delay).unwrap_or_default()).await;
        let answered = tokio::time::timeout(ANSWER_LIMIT, self.exchange()).await.ok().flatten();
        let encrypted = self.to.encrypt_key.is_some();
        match answered {
            Some((status, answer)) => {
                Answered { http_status: Some(status.as_u16()), answer: Some(answer), encrypted }
            }
            None => Answered { http_status: None, answer: None, encrypted },
        }
    }

    async fn exchange(&self) -> Option<(StatusCode, String)> {
        let Self { to, plain, fault } = self;
        let url = Url::parse(&to.events_url).ok()?;
        let client = HttpClients::to([&url]).ok()?.client().ok()?;
        let plain = plain.to_string().into_bytes();
        let body = match fault.as_ref().and_then(Fault::raw_body) {
            Some(raw) => raw.to_owned().into_bytes(),
            None => match &to.encrypt_key {
                Some(key) => encrypted(&plain, key).to_string().into_bytes(),
                None => plain,
            },
        };
        let mut request = client.post(url).header(CONTENT_TYPE, "application/json;charset=utf-8");
        if let Some(key) = &to.encrypt_key {
            let (timestamp, nonce) = (to_seconds(&self.plain), Uuid::new_v4().simple().to_string());
            let signed = [timestamp.as_bytes(), nonce.as_bytes(), key.as_bytes(), &body].concat();
            request = request
                .header("X-Lark-Request-Timestamp", timestamp)
                .header("X-Lark-Request-Nonce", nonce)
                .header("X-Lark-Signature", hex::encode(Sha256::digest(signed)));
        }
        for (name, value) in fault.iter().flat_map(Fault::headers) {
            request = request.header(name, value);
        }
        let mut response = request.body(body).send().await.ok()?;
        let status = response.status();
        let mut answer = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            answer.extend_from_slice(&chunk);
            if answer.len() > LONGEST_ANSWER {
                break;
            }
        }
        Some((status, String::from_utf8_lossy(&answer).into_owned()))
    }
}
