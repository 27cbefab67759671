//! Hands an action to the operator's own system, and reads what that says.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, Response};
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::answer::{Answer, Outcome};
use crate::http_client::read_whole;
use crate::support::error_chain::ErrorChain;
use crate::support::standard_webhooks::{self, SigningSecret};

/// Most of a refusal that is read, unpacked: room for a message.
const LONGEST_REFUSAL: usize = 64 << 10;

/// Pause before the second and last try, when the first did not get through.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Where actions of one app go, and how they are signed.
#[derive(Debug)]
pub(super) struct Relay {
    pub(super) client: Client,
    pub(super) target: Url,
    pub(super) secrets: Vec<SigningSecret>,
}

/// One action as it is sent.
#[derive(Debug)]
pub(super) struct Message {
    /// Equal for a repeated action.
    pub(super) webhook_id: String,
    /// When it is sent, in seconds since 1970.
    pub(super) timestamp: i64,
    /// JSON.
    pub(super) body: Bytes,
}

/// What became of a message, with what is logged about it.
#[derive(Debug)]
pub(super) struct Relayed {
    pub(super) outcome: Outcome,
    pub(super) answer: Answer,
    pub(super) cause: Option<String>,
}

impl Relay {
    /// Sends a message, and waits for its answer until the deadline.
    pub(super) async fn send(&self, message: &Message, deadline: Instant) -> Relayed {
        match timeout_at(deadline, self.exchange(message)).await {
            Ok(relayed) => relayed,
            Err(_) => unreachable(Answer::late(), "no answer in time".to_owned()),
        }
    }

    async fn exchange(&self, message: &Message) -> Relayed {
        let mut sent = self.post(message).await;
        // The only failure of which it is certain that nothing was sent.
        if sent.as_ref().is_err_and(reqwest::Error::is_connect) {
            sleep(RETRY_PAUSE).await;
            sent = self.post(message).await;
        }
        match sent {
            Ok(response) => understood(response).await,
            Err(error) => {
                // The address may hold a secret.
                let error = error.without_url();
                unreachable(Outcome::Unreachable.into(), ErrorChain(&error).to_string())
            }
        }
    }

    async fn post(&self, message: &Message) -> Result<Response, reqwest::Error> {
        let Message { webhook_id, timestamp, body } = message;
        let Self { client, target, secrets } = self;
        standard_webhooks::request(client, target, secrets, webhook_id, *timestamp, body.clone()).send().await
    }
}

fn unreachable(answer: Answer, cause: String) -> Relayed {
    Relayed { outcome: Outcome::Unreachable, answer, cause: Some(cause) }
}

/// What the target says. Of a success only the status counts, so its body is left unread.
async fn understood(response: Response) -> Relayed {
    let status = response.status();
    if status.is_success() {
        return Relayed { outcome: Outcome::Accepted, answer: Answer::SUCCESS, cause: None };
    }
    let told = format!("HTTP {}", status.as_u16());
    if !status.is_client_error() && !status.is_server_error() {
        return unreachable(Outcome::Unreachable.into(), told);
    }
    let message = message(response).await;
    Relayed {
        outcome: Outcome::Refused,
        answer: Answer::refused(message.as_deref(), status),
        cause: Some(told),
    }
}

/// The `message` of a refusal, or the `detail` of a problem document.
async fn message(mut response: Response) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(default)]
        message: serde_json::Value,
        #[serde(default)]
        detail: serde_json::Value,
    }

    // Of one that breaks off or is longer nothing can be read.
    let body = read_whole(&mut response, LONGEST_REFUSAL).await.ok()?;
    let refusal: Refusal = serde_json::from_slice(&body).ok()?;
    let texts = [refusal.message, refusal.detail].into_iter();
    texts.filter_map(|text| text.as_str().map(str::to_owned)).find(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::net::TcpListener;

    use super::*;
    use crate::http_client::{Connect, HttpClients, server, watching_connects};

    /// Connections that are begun, and that come about, until a message is given up.
    async fn connects_to(target: &str) -> [u32; 2] {
        let target = server(target).unwrap();
        let client = HttpClients::to([&target]).unwrap().client().unwrap();
        let message = Message { webhook_id: "id".to_owned(), timestamp: 1, body: Bytes::from_static(b"{}") };
        let relay = Relay { client, target, secrets: Vec::new() };
        let [begun, done] = [Cell::new(0), Cell::new(0)];
        let count = |step| {
            let counted = if step == Connect::Begun { &begun } else { &done };
            counted.set(counted.get() + 1);
        };
        let relayed =
            watching_connects(relay.send(&message, Instant::now() + Duration::from_secs(8)), count).await;
        assert_eq!(relayed.outcome, Outcome::Unreachable);
        [begun.get(), done.get()]
    }

    #[tokio::test]
    async fn a_target_that_is_not_there_is_tried_once_more() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(connects_to(&format!("http://{gone}/")).await, [2, 0]);
        assert_eq!(connects_to("http://nothing.invalid/").await, [2, 0]);
    }
}
