//! The tickets of store apps.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::params;
use secrecy::ExposeSecret as _;

use super::SqliteLedger;
use super::queries;
use super::transaction::Transaction;
use crate::ledger::app_ticket::{AppTicket, AppTickets, asked_before};
use crate::ledger::error::LedgerError;

/// Keeps a ticket, unless a newer one is kept.
const PUT: &str = "insert into app_ticket (app_id, ticket, issued_at) values (?1, ?2, ?3) \
     on conflict do update set ticket = ?2, issued_at = ?3 where issued_at is null or issued_at <= ?3";

/// Notes when Feishu was asked, unless that was a moment ago; one that lies ahead was noted before the clock was set back.
const ASK: &str = "insert into app_ticket (app_id, asked_at) values (?1, ?2) \
     on conflict do update set asked_at = ?2 where asked_at is null or asked_at <= ?3 or asked_at > ?2";

impl Transaction<'_> {
    fn put_ticket(&self, app_id: &str, ticket: &AppTicket) -> Result<bool, LedgerError> {
        let AppTicket { ticket, issued_at } = ticket;
        let parameters = params![app_id, ticket.expose_secret(), issued_at.unix_millis()];
        Ok(self.execute(PUT, parameters)? > 0)
    }

    fn may_ask_for_ticket(&self, app_id: &str, pause: Duration) -> Result<bool, LedgerError> {
        let parameters = params![app_id, self.now.unix_millis(), asked_before(self.now, pause)];
        Ok(self.execute(ASK, parameters)? > 0)
    }
}

#[async_trait]
impl AppTickets for SqliteLedger {
    async fn app_ticket(&self, app_id: &str) -> Result<Option<AppTicket>, LedgerError> {
        let app_id = app_id.to_owned();
        self.readers.read(move |connection| queries::app_ticket(connection, &app_id)).await
    }

    async fn put_app_ticket(&self, app_id: &str, ticket: AppTicket) -> Result<bool, LedgerError> {
        let app_id = app_id.to_owned();
        self.writer.run(move |transaction| transaction.put_ticket(&app_id, &ticket)).await
    }

    async fn may_ask_for_app_ticket(&self, app_id: &str, pause: Duration) -> Result<bool, LedgerError> {
        let app_id = app_id.to_owned();
        self.writer.run(move |transaction| transaction.may_ask_for_ticket(&app_id, pause)).await
    }
}
