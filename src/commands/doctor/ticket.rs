//! The ticket of a store app: has Feishu pushed one that the gateways keep?

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use super::advice::{self, Console};
use super::report::{Finding, State};
use crate::app::postgres_settings;
use crate::config::LedgerPlace;
use crate::domain::Timestamp;
use crate::feishu::{TicketStore, TicketStoreError, Tickets};
use crate::ledger::{AppTicket, postgres, sqlite};
use crate::support::clock::Clock;
use crate::support::error_chain::ErrorChain;

/// What is known of the ticket of a store app.
#[derive(Debug)]
pub(super) enum Ticket {
    /// It is kept.
    Kept(AppTicket),
    /// None is.
    Missing,
    /// Gateways without a ledger keep it to themselves.
    Unseen,
    /// The ledger cannot be read.
    Unreadable(String),
}

/// The tickets of store apps that gateways keep, by Feishu's ids of the apps.
#[derive(Debug)]
pub(super) enum KeptTickets {
    /// In the ledger.
    Read(BTreeMap<String, AppTicket>),
    /// Gateways without a ledger keep theirs to themselves.
    Unseen,
    /// The ledger cannot be read.
    Unreadable(String),
}

impl KeptTickets {
    /// Looks into the ledger, which gateways may be using: whether it could be written, too, does not matter.
    pub(super) async fn find(place: &LedgerPlace, app_ids: &[String]) -> Self {
        let found = match place {
            LedgerPlace::Sqlite(path) => {
                sqlite::kept_tickets(path, app_ids).map_err(|error| ErrorChain(&error).to_string())
            }
            LedgerPlace::Postgres(database) => {
                let found = postgres::kept_tickets(&postgres_settings(database), app_ids).await;
                found.map_err(|error| ErrorChain(&error).to_string())
            }
            LedgerPlace::Temporary | LedgerPlace::Nowhere => return Self::Unseen,
        };
        found.map_or_else(Self::Unreadable, Self::Read)
    }

    /// What is known of the ticket of one.
    pub(super) fn of(&self, app_id: &str) -> Ticket {
        match self {
            Self::Read(kept) => kept.get(app_id).cloned().map_or(Ticket::Missing, Ticket::Kept),
            Self::Unseen => Ticket::Unseen,
            Self::Unreadable(error) => Ticket::Unreadable(error.clone()),
        }
    }
}

impl Ticket {
    /// Whether the app can be looked at any further.
    pub(super) fn is_there(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// This ticket and no other; nobody asks Feishu to push one.
    pub(super) fn alone(&self) -> Tickets {
        let ticket = if let Self::Kept(kept) = self { Some(kept.ticket.clone()) } else { None };
        Tickets::kept(Arc::new(Alone(ticket)), Clock::System)
    }

    /// What is to be said of it.
    pub(super) fn finding(&self, console: &Console) -> Finding {
        let found = |state, detail, advice| Finding { check: "ticket", subject: None, state, detail, advice };
        match self {
            Self::Kept(AppTicket { issued_at, .. }) => {
                found(State::Ok, format!("Feishu has pushed one at {issued_at}"), None)
            }
            Self::Missing => {
                let detail =
                    "Feishu has pushed no ticket of the store app that is kept in the ledger".to_owned();
                found(State::Failed, detail, Some(advice::no_ticket(console)))
            }
            Self::Unseen => {
                let detail = "without a ledger it is known to the running gateway alone".to_owned();
                found(State::Skipped, detail, None)
            }
            Self::Unreadable(error) => found(State::Failed, error.clone(), Some(advice::ledger_io())),
        }
    }
}

/// One ticket, or none, that nothing changes.
#[derive(Debug)]
struct Alone(Option<SecretString>);

#[async_trait]
impl TicketStore for Alone {
    fn now(&self) -> Timestamp {
        Timestamp::of_clock(Clock::System.unix_millis())
    }

    async fn ticket(&self, _app_id: &str) -> Result<Option<SecretString>, TicketStoreError> {
        Ok(self.0.clone())
    }

    async fn put(&self, _: &str, _: &SecretString, _: Timestamp) -> Result<bool, TicketStoreError> {
        Ok(false)
    }

    async fn may_ask(&self, _: &str, _: Duration) -> Result<bool, TicketStoreError> {
        Ok(false)
    }
}
