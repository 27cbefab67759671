//! Tickets of store apps: Feishu pushes one every hour, and only with it can the app's tokens be had (contract §2.3).
//!
//! Where tickets are kept is the business of a [`TicketStore`]; what this process has found out about them, such as that Feishu
//! refuses one, is remembered here.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};

use super::failure::Failure;
use crate::domain::Timestamp;
use crate::support::clock::Clock;
use crate::support::error_chain::ErrorChain;

/// Pause between two questions for a ticket of one app, and between two uses of one that was refused. Our choice: a ticket comes
/// some two minutes after it was asked for (field notes).
const PAUSE: Duration = Duration::from_secs(60);

/// Longest ticket that is believed; our choice, far above any sample.
const LONGEST_TICKET: usize = 1_024;

/// Why tickets cannot be kept or read now.
pub type TicketStoreError = Box<dyn std::error::Error + Send + Sync>;

/// Keeps the newest ticket of each store app, by Feishu's id of the app.
#[async_trait]
pub trait TicketStore: fmt::Debug + Send + Sync {
    /// The time by which tickets are kept.
    fn now(&self) -> Timestamp;

    /// The newest ticket of an app.
    async fn ticket(&self, app_id: &str) -> Result<Option<SecretString>, TicketStoreError>;

    /// Keeps a ticket, unless one that was made later is kept. Says whether it was kept.
    async fn put(
        &self,
        app_id: &str,
        ticket: &SecretString,
        issued_at: Timestamp,
    ) -> Result<bool, TicketStoreError>;

    /// Whether Feishu may be asked for a ticket, which nobody did for this long; then somebody does now.
    async fn may_ask(&self, app_id: &str, pause: Duration) -> Result<bool, TicketStoreError>;
}

/// What became of a ticket that Feishu pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is kept.
    Kept,
    /// It was kept before.
    Known,
    /// A newer one was pushed before: it comes late, or somebody repeats it.
    Outdated,
    /// It cannot be a ticket.
    NoTicket,
}

/// The tickets of all store apps. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tickets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn TicketStore>,
    clock: Clock,
    /// By Feishu's ids of the apps, which are those of the configuration.
    apps: Mutex<HashMap<String, App>>,
}

/// What this process knows of the tickets of one app.
#[derive(Debug, Default)]
struct App {
    /// The last one that was seen, for when the store cannot be read.
    last: Option<SecretString>,
    /// The last one that Feishu refused, and when; monotonic milliseconds.
    refused: Option<(SecretString, i64)>,
    /// When this process last wanted to ask for one.
    asked_at: Option<i64>,
    /// Why the app gets none, as Feishu said when it was asked last.
    denied: Option<Failure>,
}

impl Tickets {
    /// Tickets that are kept there.
    pub fn kept(store: Arc<dyn TicketStore>, clock: Clock) -> Self {
        Self(Arc::new(Inner { store, clock, apps: Mutex::default() }))
    }

    /// Tickets that are gone with the process.
    pub fn in_memory(clock: Clock) -> Self {
        let store = MemoryTickets { clock: clock.clone(), apps: Mutex::default() };
        Self::kept(Arc::new(store), clock)
    }

    /// Takes a ticket that Feishu pushed and made at that time; now, when that is not known.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn receive(
        &self,
        app_id: &str,
        ticket: SecretString,
        issued_at: Option<Timestamp>,
    ) -> Result<Received, TicketStoreError> {
        if !is_credible(ticket.expose_secret()) {
            return Ok(Received::NoTicket);
        }
        let store = &self.0.store;
        if let Some(kept) = store.ticket(app_id).await?
            && is_same(&kept, &ticket)
        {
            return Ok(Received::Known);
        }
        // A time that lies ahead would keep out the tickets of the next while.
        let now = store.now();
        let issued_at = issued_at.map_or(now, |issued_at| issued_at.min(now));
        if !store.put(app_id, &ticket, issued_at).await? {
            return Ok(Received::Outdated);
        }
        self.with(app_id, |app| {
            app.last = Some(ticket);
            app.denied = None;
        });
        tracing::info!(app_id, "Feishu has pushed a ticket of the store app");
        Ok(Received::Kept)
    }

    /// The ticket of an app, unless Feishu has refused it just now.
    pub(super) async fn usable(&self, app_id: &str) -> Option<SecretString> {
        let ticket = match self.0.store.ticket(app_id).await {
            Ok(kept) => kept.inspect(|kept| self.with(app_id, |app| app.last = Some(kept.clone()))),
            Err(error) => {
                let error = ErrorChain(&*error).to_string();
                tracing::warn!(app_id, error, "the ticket of the store app cannot be read");
                self.with(app_id, |app| app.last.clone())
            }
        };
        let now = self.0.clock.monotonic_millis();
        let is_refused = |ticket: &SecretString| {
            self.with(app_id, |app| {
                app.refused
                    .as_ref()
                    .is_some_and(|(refused, at)| is_same(refused, ticket) && is_recent(*at, now))
            })
        };
        ticket.filter(|ticket| !is_refused(ticket))
    }

    /// Notes that Feishu refused this ticket.
    pub(super) fn refused(&self, app_id: &str, ticket: SecretString) {
        let now = self.0.clock.monotonic_millis();
        self.with(app_id, |app| app.refused = Some((ticket, now)));
        tracing::warn!(app_id, "Feishu refuses the ticket of the store app");
    }

    /// Whether Feishu may be asked for a ticket now; then somebody does.
    pub(super) async fn may_ask(&self, app_id: &str) -> bool {
        let now = self.0.clock.monotonic_millis();
        // The store is not asked each time.
        let was_asked = self.with(app_id, |app| app.asked_at.is_some_and(|at| is_recent(at, now)));
        if was_asked {
            return false;
        }
        match self.0.store.may_ask(app_id, PAUSE).await {
            Ok(may_ask) => {
                self.with(app_id, |app| app.asked_at = Some(now));
                may_ask
            }
            Err(error) => {
                let error = ErrorChain(&*error).to_string();
                tracing::warn!(app_id, error, "nobody can tell whether a ticket was asked for");
                false
            }
        }
    }

    /// Notes how Feishu answered whoever asked for a ticket.
    pub(super) fn asked(&self, app_id: &str, denied: Option<Failure>) {
        self.with(app_id, |app| app.denied = denied);
    }

    /// Why the app gets no ticket, if Feishu has said so.
    pub(super) fn denied(&self, app_id: &str) -> Option<Failure> {
        self.with(app_id, |app| app.denied.clone())
    }

    fn with<T>(&self, app_id: &str, work: impl FnOnce(&mut App) -> T) -> T {
        // Nothing panics while the lock is held; even if it did, every member stands by itself.
        let mut apps: MutexGuard<'_, _> = self.0.apps.lock().unwrap_or_else(PoisonError::into_inner);
        work(apps.entry(app_id.to_owned()).or_default())
    }
}

fn is_credible(ticket: &str) -> bool {
    (1..=LONGEST_TICKET).contains(&ticket.len()) && ticket.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

fn is_recent(at: i64, now: i64) -> bool {
    u128::try_from(now - at).is_ok_and(|passed| passed < PAUSE.as_millis())
}

/// Tickets that are gone with the process.
#[derive(Debug)]
struct MemoryTickets {
    clock: Clock,
    apps: Mutex<HashMap<String, (SecretString, Timestamp)>>,
}

impl MemoryTickets {
    fn apps(&self) -> MutexGuard<'_, HashMap<String, (SecretString, Timestamp)>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TicketStore for MemoryTickets {
    fn now(&self) -> Timestamp {
        Timestamp::of_clock(self.clock.unix_millis())
    }

    async fn ticket(&self, app_id: &str) -> Result<Option<SecretString>, TicketStoreError> {
        Ok(self.apps().get(app_id).map(|(ticket, _)| ticket.clone()))
    }

    async fn put(
        &self,
        app_id: &str,
        ticket: &SecretString,
        issued_at: Timestamp,
    ) -> Result<bool, TicketStoreError> {
        let mut apps = self.apps();
        let is_newest = apps.get(app_id).is_none_or(|(_, kept)| *kept <= issued_at);
        if is_newest {
            apps.insert(app_id.to_owned(), (ticket.clone(), issued_at));
        }
        Ok(is_newest)
    }

    async fn may_ask(&self, _app_id: &str, _pause: Duration) -> Result<bool, TicketStoreError> {
        // Nobody else asks, and this process knows when it did.
        Ok(true)
    }
}
