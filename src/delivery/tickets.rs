//! Tickets of store apps in the ledger, where all replicas find them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::domain::Timestamp;
use crate::feishu::{TicketStore, TicketStoreError};
use crate::ledger::{AppTicket, Ledger};

/// Tickets of store apps in the ledger.
#[derive(Debug)]
pub struct LedgerTickets(pub Arc<dyn Ledger>);

#[async_trait]
impl TicketStore for LedgerTickets {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn ticket(&self, app_id: &str) -> Result<Option<SecretString>, TicketStoreError> {
        Ok(self.0.app_ticket(app_id).await?.map(|kept| kept.ticket))
    }

    async fn put(
        &self,
        app_id: &str,
        ticket: &SecretString,
        issued_at: Timestamp,
    ) -> Result<bool, TicketStoreError> {
        Ok(self.0.put_app_ticket(app_id, AppTicket { ticket: ticket.clone(), issued_at }).await?)
    }

    async fn may_ask(&self, app_id: &str, pause: Duration) -> Result<bool, TicketStoreError> {
        Ok(self.0.may_ask_for_app_ticket(app_id, pause).await?)
    }
}
