//! The tickets of store apps.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use tokio_postgres::types::Type;

use super::PostgresLedger;
use super::columns::Reader;
use super::queries::APP_TICKET;
use super::session::Parameter;
use crate::ledger::app_ticket::{AppTicket, AppTickets, asked_before};
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::error::LedgerError;

/// Keeps a ticket, unless a newer one is kept.
const PUT: &str = "insert into app_ticket as kept (app_id, ticket, issued_at) values ($1, $2, $3) \
     on conflict (app_id) do update set ticket = $2, issued_at = $3 \
     where kept.issued_at is null or kept.issued_at <= $3";

/// Notes when Feishu was asked, unless that was a moment ago; one that lies ahead was noted before the clock was set back.
const ASK: &str = "insert into app_ticket as kept (app_id, asked_at) values ($1, $2) \
     on conflict (app_id) do update set asked_at = $2 \
     where kept.asked_at is null or kept.asked_at <= $3 or kept.asked_at > $2";

#[async_trait]
impl AppTickets for PostgresLedger {
    async fn app_ticket(&self, app_id: &str) -> Result<Option<AppTicket>, LedgerError> {
        let rows = self.readers.read(APP_TICKET, &[(&app_id, Type::TEXT)]).await?;
        let ticket = rows.first().map(|row| Reader::new(row).app_ticket()).transpose()?;
        Ok(ticket.flatten())
    }

    async fn put_app_ticket(&self, app_id: &str, ticket: AppTicket) -> Result<bool, LedgerError> {
        let (text, issued_at) = (ticket.ticket.expose_secret(), ticket.issued_at.unix_millis());
        let parameters: [Parameter<'_>; 3] =
            [(&app_id, Type::TEXT), (&text, Type::TEXT), (&issued_at, Type::INT8)];
        Ok(self.change(PUT, &parameters).await? > 0)
    }

    async fn may_ask_for_app_ticket(&self, app_id: &str, pause: Duration) -> Result<bool, LedgerError> {
        let now = self.clock.now();
        let (asked_at, before) = (now.unix_millis(), asked_before(now, pause));
        let parameters: [Parameter<'_>; 3] =
            [(&app_id, Type::TEXT), (&asked_at, Type::INT8), (&before, Type::INT8)];
        Ok(self.change(ASK, &parameters).await? > 0)
    }
}
