//! A store app: its ticket is pushed as an event, buys a token of the app, and that buys one of each tenant (contract §2.1, §2.3).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::refusal::Refusal;
use super::switches::Switches;
use super::tokens::{Grant, Tokens};

/// What the developer console and the tenants know of the store app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreApp {
    /// Where events are pushed.
    pub events_url: String,
    /// What they prove themselves with.
    pub token: String,
    /// What they are encrypted and signed with; plain without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypt_key: Option<String>,
    /// Keys of the tenants that have installed it.
    pub tenants: Vec<String>,
    /// How long a ticket takes to come after it was asked for; some two minutes at Feishu (field notes).
    #[serde(default)]
    pub delay_ms: u64,
}

/// What the sandbox remembers of store apps.
#[derive(Debug, Default)]
pub(super) struct StoreApps {
    /// The one there is; without it every app is a company's own.
    pub(super) app: Option<StoreApp>,
    /// The valid ticket of each app id.
    tickets: HashMap<String, String>,
    app_tokens: Tokens,
}

impl StoreApps {
    /// Those at the start.
    pub(super) fn new(app: Option<StoreApp>) -> Self {
        Self { app, ..Self::default() }
    }

    /// The valid ticket of an app; another one than before when `fresh`. Which ones stay valid is not documented: only this does.
    fn ticket(&mut self, app_id: &str, fresh: bool) -> &str {
        let make = || format!("ticket-{}", Uuid::new_v4().simple());
        let ticket = self.tickets.entry(app_id.to_owned()).or_insert_with(make);
        if fresh {
            *ticket = make();
        }
        ticket
    }

    /// The event that tells of an app's ticket, and where it goes; none where no app is a store app.
    pub(super) fn event(&mut self, app_id: &str, fresh: bool, now: i64) -> Option<(StoreApp, Value)> {
        let to = self.app.clone()?;
        let plain = json!({
            "ts": format!("{}.{:07}", now / 1_000, now % 1_000 * 10_000),
            "uuid": Uuid::new_v4().simple().to_string(),
            "token": to.token,
            "type": "event_callback",
            "event": { "type": "app_ticket", "app_id": app_id, "app_ticket": self.ticket(app_id, fresh) },
        });
        Some((to, plain))
    }

    /// Makes every ticket, and every token of an app, worthless; answers how many tickets there were.
    pub(super) fn revoke(&mut self, now: i64) -> usize {
        self.app_tokens.revoke_all(now);
        let revoked = self.tickets.len();
        self.tickets.clear();
        revoked
    }

    /// A token of the app itself.
    pub(super) fn app_token(
        &mut self,
        app_id: &str,
        ticket: &str,
        now: i64,
        switches: &Switches,
    ) -> Result<Grant, Refusal> {
        if self.app.is_none() || self.tickets.get(app_id).is_none_or(|valid| valid != ticket) {
            return Err(Refusal::token(10012, "app ticket invalid"));
        }
        Ok(self.app_tokens.grant("a-", app_id, now, switches))
    }

    /// Whose world a token of the app opens in a tenant: each tenant has one of its own.
    pub(super) fn tenant(&self, app_token: &str, tenant_key: &str, now: i64) -> Result<String, Refusal> {
        let invalid = || Refusal::token(99991664, "invalid app_access_token");
        let app_id = self.app_tokens.app_of(app_token, now).ok_or_else(invalid)?;
        let tenants = self.app.iter().flat_map(|app| &app.tenants);
        if tenants.into_iter().all(|tenant| tenant != tenant_key) {
            return Err(Refusal::token(10013, "get tenant access token fail: unknown tenant"));
        }
        Ok(format!("{app_id}/{tenant_key}"))
    }
}
