//! The event that a ticket of a store app comes with (contract §9.2).

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::outgoing::{Answered, Outgoing};
use super::running::Sandbox;
use super::store_app::StoreApp;

/// Feishu waits so long for an answer to an event (contract §9.4).
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// An event on its way.
#[derive(Debug)]
pub(super) struct TicketEvent {
    sent: Outgoing,
    /// How long it takes to come.
    delay: Duration,
}

/// What became of an event.
#[derive(Debug, Serialize)]
pub(super) struct Pushed {
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
            let StoreApp { events_url: url, encrypt_key: key, delay_ms, .. } = to;
            let content_type = "application/json;charset=utf-8";
            let signed_at = Some(to_seconds(&plain));
            let sent = Outgoing { url, content_type, plain, key, signed_at, fault };
            Some(TicketEvent { sent, delay: Duration::from_millis(delay_ms) })
        })
    }
}

impl TicketEvent {
    /// Pushes the event after the delay that the app has.
    pub(super) async fn push_later(self) {
        tokio::time::sleep(self.delay).await;
        self.push().await;
    }

    /// Pushes the event and waits for its answer as long as Feishu would.
    pub(super) async fn push(self) -> Pushed {
        let (http_status, answer) = match self.sent.send(ANSWER_LIMIT).await {
            Answered::With(status, answer) => {
                (Some(status), Some(String::from_utf8_lossy(&answer).into_owned()))
            }
            Answered::Late | Answered::Unreachable => (None, None),
        };
        Pushed { http_status, answer, encrypted: self.sent.key.is_some() }
    }
}
