//! Tickets of store apps: kept where every replica finds them, because Feishu pushes each to one only.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use super::error::LedgerError;
use crate::domain::Timestamp;

/// A ticket of a store app.
#[derive(Debug, Clone)]
pub struct AppTicket {
    /// The ticket itself.
    pub ticket: SecretString,
    /// When Feishu made it, by Feishu's clock.
    pub issued_at: Timestamp,
}

/// Keeps the newest ticket of each store app, and when Feishu was asked for another. By Feishu's id of the app: one ticket serves
/// all tenants.
#[async_trait]
pub trait AppTickets: Send + Sync {
    /// The newest ticket of an app.
    async fn app_ticket(&self, app_id: &str) -> Result<Option<AppTicket>, LedgerError>;

    /// Keeps a ticket, unless a newer one is kept. Says whether it was kept.
    async fn put_app_ticket(&self, app_id: &str, ticket: AppTicket) -> Result<bool, LedgerError>;

    /// Notes that Feishu is asked for another ticket, unless somebody asked less than `pause` ago. Of several at once, on one or
    /// several replicas, one is told that it may ask.
    async fn may_ask_for_app_ticket(&self, app_id: &str, pause: Duration) -> Result<bool, LedgerError>;
}

/// The latest moment at which the last question lets another be asked at `now`.
pub(super) fn asked_before(now: Timestamp, pause: Duration) -> i64 {
    now.unix_millis().saturating_sub(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}
