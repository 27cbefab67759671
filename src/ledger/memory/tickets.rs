//! The tickets of store apps in memory.

use std::time::Duration;

use async_trait::async_trait;

use super::MemoryLedger;
use super::state::State;
use crate::domain::Timestamp;
use crate::ledger::Ledger as _;
use crate::ledger::app_ticket::{AppTicket, AppTickets, asked_before};
use crate::ledger::error::LedgerError;

impl State {
    fn put_ticket(&mut self, app_id: &str, ticket: AppTicket) -> bool {
        let kept = &mut self.tickets.entry(app_id.to_owned()).or_default().ticket;
        let is_newest = kept.as_ref().is_none_or(|kept| kept.issued_at <= ticket.issued_at);
        if is_newest {
            *kept = Some(ticket);
        }
        is_newest
    }

    fn may_ask(&mut self, app_id: &str, pause: Duration, now: Timestamp) -> bool {
        let asked_at = &mut self.tickets.entry(app_id.to_owned()).or_default().asked_at;
        // One that lies ahead was noted before the clock was set back.
        let is_allowed = asked_at
            .is_none_or(|asked_at| asked_at.unix_millis() <= asked_before(now, pause) || asked_at > now);
        if is_allowed {
            *asked_at = Some(now);
        }
        is_allowed
    }
}

#[async_trait]
impl AppTickets for MemoryLedger {
    async fn app_ticket(&self, app_id: &str) -> Result<Option<AppTicket>, LedgerError> {
        Ok(self.state()?.tickets.get(app_id).and_then(|kept| kept.ticket.clone()))
    }

    async fn put_app_ticket(&self, app_id: &str, ticket: AppTicket) -> Result<bool, LedgerError> {
        Ok(self.state()?.put_ticket(app_id, ticket))
    }

    async fn may_ask_for_app_ticket(&self, app_id: &str, pause: Duration) -> Result<bool, LedgerError> {
        let now = self.now();
        Ok(self.state()?.may_ask(app_id, pause, now))
    }
}
