//! The events of one store app, from a body that was read to an answer.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::{Answer, Outcome};
use super::open::{Opened, open};
use super::pushed::Pushed;
use super::settings::Proof;
use super::signature::is_signed;
use crate::domain::AppName;
use crate::feishu::{Received, Tickets};
use crate::support::error_chain::ErrorChain;

/// Time to keep a ticket: Feishu waits three seconds for an answer (contract §9.4).
const KEEP_TIME: Duration = Duration::from_millis(2_500);

/// What the events of a store app are made of.
#[derive(Debug)]
pub struct EventSetup {
    /// The app.
    pub name: AppName,
    /// Feishu's id of it.
    pub app_id: String,
    /// What proves that Feishu sends them.
    pub proof: Proof,
    /// Where its tickets go.
    pub tickets: Tickets,
}

/// How an event is answered, with what is logged about it.
#[derive(Debug)]
pub(super) struct HandledEvent {
    pub(super) outcome: Outcome,
    /// What a question for the address is answered with.
    challenge: Option<String>,
    pub(super) cause: Option<String>,
}

impl From<Outcome> for HandledEvent {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, challenge: None, cause: None }
    }
}

impl HandledEvent {
    /// The answer to Feishu.
    pub(super) fn answer(self) -> Response {
        match self.challenge {
            None => Answer::from(self.outcome).into_response(),
            Some(challenge) => {
                let body = format!("{}\n", json!({ "challenge": challenge }));
                ([(CONTENT_TYPE, "application/json")], body).into_response()
            }
        }
    }

    fn refused(outcome: Outcome, cause: &str) -> Self {
        Self { outcome, challenge: None, cause: Some(cause.to_owned()) }
    }
}

impl EventSetup {
    /// Takes an event.
    pub(super) async fn handle(&self, headers: &HeaderMap, body: &[u8]) -> HandledEvent {
        let Opened { text, key } = match open(body, &self.proof) {
            Ok(opened) => opened,
            Err(refused) => return Outcome::from(refused).into(),
        };
        let Some(pushed) = Pushed::read(&text) else { return Outcome::Malformed.into() };
        // Feishu's own libraries ask for no signature of the question for the address; its token has been compared.
        if let Pushed::Verification(challenge) = pushed {
            return HandledEvent { challenge: Some(challenge), ..Outcome::Accepted.into() };
        }
        if key.is_some_and(|key| !is_signed(headers, body, key)) {
            return HandledEvent::refused(Outcome::Unauthorized, "the signature is missing or wrong");
        }
        let Pushed::Ticket { app_id, ticket, issued_at } = pushed else { return Outcome::Ignored.into() };
        if app_id != self.app_id {
            return HandledEvent::refused(Outcome::Unauthorized, "the ticket is another app's");
        }
        let received = self.tickets.receive(&self.app_id, ticket, issued_at);
        match tokio::time::timeout(KEEP_TIME, received).await {
            Ok(Ok(Received::Kept)) => Outcome::Accepted.into(),
            Ok(Ok(Received::Known)) => Outcome::Repeated.into(),
            Ok(Ok(Received::Outdated)) => {
                HandledEvent::refused(Outcome::Unauthorized, "the ticket is older than the one that is kept")
            }
            Ok(Ok(Received::NoTicket)) => Outcome::Malformed.into(),
            Ok(Err(error)) => HandledEvent::refused(Outcome::LedgerFailed, &ErrorChain(&*error).to_string()),
            Err(_) => HandledEvent::refused(Outcome::LedgerFailed, "the ticket could not be kept in time"),
        }
    }
}
