//! Asks Feishu for the token of a store app, which takes a ticket; and for a ticket where there is none (contract §2.3).

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::Source;
use super::endpoint::{AppSecret, Granted, SecretToken, TokenEndpoint, patiently};
use crate::feishu::api::Api;
use crate::feishu::failure::Failure;
use crate::feishu::failure_table::Class;
use crate::feishu::tickets::Tickets;
use crate::support::deadline::Deadline;
use crate::support::error_chain::ErrorChain;

/// Feishu's code for a ticket that is not the app's, or not any more (contract §2.5).
const TICKET_REFUSED: i64 = 10_012;

/// Fetches tokens of a store app itself: with them those of its tenants can be had.
#[derive(Debug)]
pub(super) struct AppTokenSource {
    pub(super) endpoint: TokenEndpoint,
    pub(super) tickets: Tickets,
}

/// The request's body. No `Debug`: it holds secrets.
#[derive(Serialize)]
struct AppTokenRequest<'a> {
    #[serde(flatten)]
    app: AppSecret<'a>,
    app_ticket: &'a str,
}

/// The part of the answer that is read.
#[derive(Deserialize)]
struct AppTokenAnswer {
    app_access_token: SecretToken,
    expire: i64,
}

impl Granted for AppTokenAnswer {
    fn token(self) -> (SecretString, i64) {
        (self.app_access_token.0, self.expire)
    }
}

impl Source for AppTokenSource {
    async fn fetch(&self) -> Result<(SecretString, Duration), Failure> {
        patiently(|deadline| self.ask(deadline)).await
    }
}

impl AppTokenSource {
    async fn ask(&self, deadline: Deadline) -> Result<(SecretString, Duration), Failure> {
        let Self { endpoint, tickets } = self;
        let app_id = &*endpoint.credentials.app_id;
        // Twice, because another replica may have kept a newer one meanwhile.
        for _ in 0..2 {
            let Some(ticket) = tickets.usable(app_id).await else { break };
            endpoint.transport.secrets().add(&ticket);
            let body = AppTokenRequest { app: endpoint.app_secret(), app_ticket: ticket.expose_secret() };
            match endpoint.grant::<AppTokenAnswer>(Api::AppToken, &body, deadline).await {
                Err(Failure::Refused(refusal)) if refusal.code == TICKET_REFUSED => {
                    tickets.refused(app_id, ticket);
                }
                answer => {
                    if answer.is_ok() {
                        tickets.asked(app_id, None);
                    }
                    return answer;
                }
            }
        }
        if tickets.may_ask(app_id).await {
            self.ask_for_ticket(deadline).await;
        }
        Err(tickets.denied(app_id).unwrap_or(Failure::NoTicket))
    }

    /// Has Feishu push a ticket; it comes some time later, as an event.
    async fn ask_for_ticket(&self, deadline: Deadline) {
        let Self { endpoint, tickets } = self;
        let app_id = &*endpoint.credentials.app_id;
        let asked = endpoint.ask::<IgnoredAny>(Api::ResendTicket, &endpoint.app_secret(), deadline).await;
        let denied = match asked {
            Ok(_) => {
                tracing::info!(app_id, "asked Feishu to push a ticket of the store app");
                None
            }
            Err(failure) => {
                let error = ErrorChain(&failure).to_string();
                tracing::warn!(
                    app_id,
                    error,
                    "Feishu was asked to push a ticket of the store app, and did not say yes"
                );
                let is_final = matches!(failure.class(), Class::CredentialsRefused | Class::PermissionDenied);
                is_final.then_some(failure)
            }
        };
        tickets.asked(app_id, denied);
    }
}
