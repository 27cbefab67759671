//! A gateway with a ledger in memory.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use approval_gateway::delivery::durable::DurableDelivery;
use approval_gateway::domain::AppName;
use approval_gateway::ledger::memory::MemoryLedger;
use approval_gateway::ledger::sqlite::SqliteLedger;
use approval_gateway::ledger::{
    DeliveryRecord, DeliveryState, HistoryEntry, InstanceKey, Ledger, LedgerMetrics, PageRequest,
};
use approval_gateway::metrics::Metrics;
use approval_gateway::support::clock::Clock;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Builder, Gateway, START, until};

/// A gateway with a ledger that both can be asked.
pub(crate) struct Kept {
    pub(crate) gateway: Gateway,
    pub(crate) ledger: Arc<dyn Ledger>,
    /// The same, or another one that nobody uses.
    pub(crate) memory: Arc<MemoryLedger>,
    /// Where it lies, if anywhere.
    pub(crate) directory: Option<TempDir>,
}

/// Name of a ledger's file.
const FILE: &str = "ledger.db";

/// Kinds of ledgers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Store {
    Memory,
    Sqlite,
}

impl Kept {
    /// On a clock that stands still unless it is advanced.
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    /// With settings of its own.
    pub(crate) async fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        Self::on(Store::Memory, change).await
    }

    /// On a ledger of this kind.
    pub(crate) async fn on(store: Store, change: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = Clock::manual(START);
        let memory = Arc::new(MemoryLedger::new(clock.clone()));
        let (ledger, directory): (Arc<dyn Ledger>, _) = match store {
            Store::Memory => (Arc::clone(&memory) as Arc<dyn Ledger>, None),
            Store::Sqlite => {
                let directory = tempfile::tempdir().unwrap();
                let path = directory.path().join(FILE);
                let metrics = LedgerMetrics::new(&Metrics::new());
                (Arc::new(SqliteLedger::open(&path, clock.clone(), metrics).unwrap()), Some(directory))
            }
        };
        let builder = Gateway::builder().clock(clock).ledger(Arc::clone(&ledger));
        Self { gateway: change(builder).start().await, ledger, memory, directory }
    }

    /// The file of the ledger.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.as_ref().unwrap().path().join(FILE)
    }

    /// Lets time pass for both clocks: that of the ledger, and the one that pauses are measured by.
    pub(crate) async fn pass(&self, time: Duration) {
        // In steps, or idle connections would be closed; the second is that of the dispatcher's next look at the latest.
        const STEPS: u32 = 4;
        let step = (time.min(Duration::from_secs(60)) + Duration::from_secs(1)) / STEPS;
        for _ in 0..STEPS {
            self.gateway.get("/livez").await;
            self.gateway.feishu.count("any").await;
            tokio::time::pause();
            tokio::time::advance(step).await;
            tokio::time::resume();
        }
        self.gateway.clock.advance(time);
    }

    /// Whether the app of the gateway is parked.
    pub(crate) fn is_parked(&self) -> bool {
        let durable = self.gateway.deliveries.iter().filter_map(|delivery| delivery.durable());
        durable.filter_map(DurableDelivery::hold).any(|hold| hold.is_parked)
    }

    /// Waits until the app is parked.
    pub(crate) async fn until_parked(&self) {
        until(|| async {
            self.gateway.get("/livez").await;
            self.is_parked()
        })
        .await;
    }

    /// Waits until the sandbox has answered every call that it was sent.
    pub(crate) async fn until_idle(&self) {
        until(|| async {
            let answered =
                self.gateway.feishu.control("GET", "requests?api=external_instances", Value::Null).await.1;
            let requests = answered["requests"].as_array().unwrap();
            requests.iter().all(|request| request.get("ended_at").is_some())
        })
        .await;
    }

    /// Waits until an instance was tried so often.
    pub(crate) async fn until_attempts(&self, id: &str, attempts: u32) {
        until(|| async { self.record(id).await.attempts >= attempts }).await;
    }

    /// Lets the gateway begin no further push, as at its end.
    pub(crate) fn stop(&self) {
        self.gateway.deliveries.iter().for_each(|delivery| delivery.stop());
    }

    /// What the ledger knows of an instance of the app `default`.
    pub(crate) async fn record(&self, id: &str) -> DeliveryRecord {
        self.ledger.delivery(&key(id)).await.unwrap().unwrap()
    }

    /// The history of an instance, oldest first, as words with their revisions.
    pub(crate) async fn history(&self, id: &str) -> Vec<String> {
        use approval_gateway::domain::Word as _;
        let page = self.ledger.history(&key(id), PageRequest::first(1_000)).await.unwrap();
        let word = |entry: HistoryEntry| format!("{} {}", entry.event.as_str(), entry.revision);
        page.items.into_iter().rev().map(word).collect()
    }

    /// Waits until this is the last entry of the history.
    pub(crate) async fn until_history(&self, id: &str, last: &str) {
        until(|| async { self.history(id).await.last().is_some_and(|entry| entry == last) }).await;
    }

    /// Waits until an instance was repaired so often.
    pub(crate) async fn until_repairs(&self, id: &str, repairs: usize) {
        let repaired =
            |history: Vec<String>| history.iter().filter(|entry| entry.starts_with("repaired")).count();
        until(|| async { repaired(self.history(id).await) >= repairs }).await;
    }

    /// Waits until an instance is delivered while time goes on: an attempt that fails last is repeated some time later.
    pub(crate) async fn until_delivered_later(&self, id: &str) {
        until(|| async {
            self.gateway.clock.advance(std::time::Duration::from_secs(1));
            self.record(id).await.state == Some(DeliveryState::Delivered)
        })
        .await;
    }

    /// Waits until a delivery is in a state.
    pub(crate) async fn until(&self, id: &str, state: DeliveryState) {
        until(|| async { self.record(id).await.state == Some(state) }).await;
    }
}

/// The ledger's name of an instance of the app `default`.
pub(crate) fn key(id: &str) -> InstanceKey {
    InstanceKey::new(AppName::default(), id)
}
