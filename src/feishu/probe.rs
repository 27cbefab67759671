//! Calls that change nothing, with which `doctor` finds out whether an app is set up.
//!
//! Feishu looks at token and scope before it looks at what is asked (contract §11.1, order of validation). So a call that
//! lacks everything it needs is refused because of the scope when that is missing, and because of the fields when not.
//! These calls pass neither pacing nor breaker: there are few of them, and nothing is to hide what Feishu says.

use axum::http::header::DATE;
use serde::de::IgnoredAny;
use serde_json::json;

use super::api::Api;
use super::client::FeishuClient;
use super::encoding::{self, query_value};
use super::exchange::read;
use super::failure::{CallError, Failure};
use super::transport::Request;
use crate::support::deadline::Deadline;

/// An id that no instance has; asking for it finds nothing.
const NOBODY: &str = "approval-gateway-doctor";

/// A code that no definition has; Feishu's look like this (contract §3.1).
const NO_DEFINITION: &str = "00000000-0000-0000-0000-000000000000";

/// What the first answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Greeting {
    /// How far Feishu's clock is ahead of ours, in seconds; none when the answer has no date.
    pub clock_ahead: Option<i64>,
}

impl FeishuClient {
    /// Asks the token endpoint for nothing, without credentials, to see whether it is Feishu that answers.
    ///
    /// # Errors
    /// When nothing is reached, or something answers that is not Feishu.
    pub async fn greet(&self, deadline: Deadline) -> Result<Greeting, Failure> {
        let asked_at = self.clock.unix_millis();
        let request = Request::json(Api::TenantToken, &json!({}));
        let exchange =
            self.transport.send(request, None, deadline, || ()).await.map_err(Failure::Transport)?;
        // Half-way between question and answer, the best guess at when the date was written.
        let now = asked_at.midpoint(self.clock.unix_millis());
        let date = exchange.headers.get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let date = date.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
        let clock_ahead =
            date.and_then(|date| i64::try_from(date.as_secs()).ok()).map(|date| date - now / 1_000);
        match read::<IgnoredAny>(exchange, self.transport.secrets(), Api::TenantToken, &[]).1 {
            // It refuses what lacks an id and a secret, and that shows that it is there.
            Ok(_) | Err(Failure::Refused(_)) => Ok(Greeting { clock_ahead }),
            Err(failure) => Err(failure),
        }
    }

    /// Fetches a tenant token, unless one is there.
    ///
    /// # Errors
    /// When there is none to be had.
    pub async fn prove(&self, deadline: Deadline) -> Result<(), Failure> {
        let token = self.tokens.get(deadline).await;
        token.map(|_| ()).map_err(|CallError { failure, .. }| match failure {
            Failure::NoToken { cause, .. } => *cause,
            other => other,
        })
    }

    /// The APIs that the gateway calls for this app, the token endpoint aside.
    pub fn probed_apis(&self) -> [Api; 11] {
        [
            Api::SyncInstance,
            Api::CheckInstances,
            Api::UpsertDefinition,
            Api::GetDefinition,
            self.statuses_api(),
            Api::QueryInstances,
            Api::SearchTasks,
            Api::SearchCc,
            Api::QueryUserTasks,
            Api::FindUsers,
            Api::ReadUsers,
        ]
    }

    /// Calls an API in a way that changes nothing.
    ///
    /// # Errors
    /// Whatever Feishu answers; a refusal of the content shows that the API may be called.
    pub async fn probe(&self, api: Api, deadline: Deadline) -> Result<(), Failure> {
        let token = self.tokens.get(deadline).await.map_err(|error| error.failure)?;
        let exchange = self.transport.send(harmless(api), Some(token.bearer()), deadline, || ()).await;
        let exchange = exchange.map_err(Failure::Transport)?;
        read::<IgnoredAny>(exchange, self.transport.secrets(), api, &[]).1.map(|_| ())
    }
}

fn harmless(api: Api) -> Request {
    let (suffix, body) = match api {
        Api::GetDefinition => (format!("/{}", query_value(NO_DEFINITION)), None),
        // Without the user and the topic, which are required (contract §7.4).
        Api::QueryUserTasks => (String::new(), None),
        Api::TaskStatuses | Api::LegacyTaskStatuses => {
            (String::new(), Some(json!({"instance_ids": [NOBODY]})))
        }
        // Without the fields that are required (contract §3.1, §4.1, §5), or without any filter (§7).
        Api::TenantToken
        | Api::ResendTicket
        | Api::AppToken
        | Api::StoreTenantToken
        | Api::SyncInstance
        | Api::CheckInstances
        | Api::UpsertDefinition
        | Api::QueryInstances
        | Api::SearchTasks
        | Api::SearchCc
        | Api::SendMessage
        | Api::UpdateMessage
        | Api::LegacySendMessage
        | Api::LegacyUpdateMessage => (String::new(), Some(json!({}))),
        // Whom nobody knows, by an address that can be nobody's (RFC 2606).
        Api::FindUsers => (String::new(), Some(json!({"emails": [format!("{NOBODY}@example.invalid")]}))),
        Api::ReadUsers => (format!("?user_id_type=union_id&user_ids=on_{NOBODY}"), None),
    };
    Request { api, suffix, body: body.map(|body| encoding::json(&body)), late: None }
}
