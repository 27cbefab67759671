//! What only the store on PostgreSQL has.

#[path = "../../../../tests/postgres/server.rs"]
#[allow(dead_code, unreachable_pub, reason = "other test programs use it, too, and other parts of it")]
mod server;

mod clocks;
mod faults;
mod groups;
mod lists;
mod opening;
mod plans;
mod pooler;
mod servers;
mod tls;

use std::time::Duration;

use tokio::sync::OnceCell;

use super::{PostgresLedger, PostgresSettings, PostgresTls};
use crate::domain::{AppName, InstanceStatus, Mode};
use crate::ledger::{
    AcceptError, Acceptance, Accepted, Body, ContentHash, DocumentSource, InstanceKey, Ledger as _,
    LedgerMetrics, NewDocument,
};
use crate::metrics::Metrics;
use crate::support::clock::Clock;
use server::Server;

/// A database of its own, with an empty ledger.
pub(in crate::ledger) struct TestDatabase {
    server: &'static Server,
    name: String,
}

impl TestDatabase {
    /// Makes one; none where PostgreSQL is not installed.
    pub(in crate::ledger) async fn new() -> Option<Self> {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let server = Server::shared()?;
        let template = TEMPLATE.get_or_init(|| async {
            let template = Self { server, name: server.database(None) };
            template.open(Clock::System).await.close().await;
            // Its connections may still be on their way out.
            let sessions = format!("from pg_stat_activity where datname = '{}'", template.name);
            server.sql("postgres", &format!("select pg_terminate_backend(pid) {sessions}"));
            template.name
        });
        let name = server.database(Some(template.await));
        Some(Self { server, name })
    }

    /// Makes one without any table.
    fn empty() -> Option<Self> {
        let server = Server::shared()?;
        Some(Self { server, name: server.database(None) })
    }

    /// How it is reached.
    pub(in crate::ledger) fn settings(&self) -> PostgresSettings {
        settings(&self.server.url(&self.name))
    }

    /// Opens the ledger in it.
    pub(in crate::ledger) async fn open(&self, clock: Clock) -> PostgresLedger {
        open(&self.settings(), clock).await.unwrap()
    }

    /// Lets time pass for leases and replicas.
    pub(in crate::ledger) fn pass_for_leases(&self, time: Duration) {
        let earlier = |column: &str| format!("{column} = {column} - interval '{} ms'", time.as_millis());
        self.sql(&format!("update lease set {}, {}", earlier("expires_at"), earlier("noted_at")));
        self.sql(&format!("update replica set {}", earlier("seen_at")));
    }

    /// Executes SQL as the owner of everything.
    fn sql(&self, sql: &str) -> String {
        self.server.sql(&self.name, sql)
    }

    /// Closes a ledger, looks whether everything fits together, and removes the database.
    async fn end(self, ledger: PostgresLedger) {
        ledger.close().await;
        assert_eq!(super::check(&self.settings()).await.unwrap().faults, Vec::<String>::new());
        self.drop();
    }

    /// Removes it.
    pub(in crate::ledger) fn drop(&self) {
        self.server.sql("postgres", &format!("drop database {} with (force)", self.name));
    }
}

fn settings(url: &str) -> PostgresSettings {
    PostgresSettings {
        connection: url.parse().unwrap(),
        tls: PostgresTls::Off,
        max_connections: 6,
        allow_unsafe: false,
    }
}

async fn open(settings: &PostgresSettings, clock: Clock) -> Result<PostgresLedger, super::OpenError> {
    PostgresLedger::open(settings, clock, LedgerMetrics::new(&Metrics::new())).await
}

fn key(id: &str) -> InstanceKey {
    InstanceKey::new(AppName::default(), id)
}

fn acceptance(id: &str, content: &str) -> Acceptance {
    let mut hash = [0; 32];
    hash.iter_mut().zip(content.bytes()).for_each(|(to, byte)| *to = byte);
    let document = NewDocument {
        approval_code: "leave".to_owned(),
        status: InstanceStatus::Approved,
        hash: ContentHash(hash),
        body: Body::new(content.as_bytes()),
        tasks: Vec::new(),
        version: None,
        mode: Mode::Replace,
        is_mode_given: false,
    };
    Acceptance::new(key(id), DocumentSource::Given(document))
}

async fn accept(ledger: &PostgresLedger, id: &str, content: &str) -> Result<Accepted, AcceptError> {
    ledger.accept(acceptance(id, content)).await
}

async fn content(ledger: &PostgresLedger, id: &str) -> Option<String> {
    let kept = ledger.document(&key(id)).await.unwrap()?;
    Some(String::from_utf8(kept.body.json().unwrap()).unwrap())
}
