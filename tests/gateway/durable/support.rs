//! A gateway with a ledger in memory.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::Arc;

use approval_gateway::domain::AppName;
use approval_gateway::ledger::memory::MemoryLedger;
use approval_gateway::ledger::{
    DeliveryRecord, DeliveryState, HistoryEntry, InstanceKey, Ledger, PageRequest,
};
use approval_gateway::support::clock::Clock;

use crate::harness::{Gateway, START, until};

/// A gateway with a ledger that both can be asked.
pub(crate) struct Kept {
    pub(crate) gateway: Gateway,
    pub(crate) ledger: Arc<MemoryLedger>,
}

impl Kept {
    /// On a clock that stands still unless it is advanced.
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    /// With settings of its own.
    pub(crate) async fn with(
        change: impl FnOnce(crate::harness::Builder) -> crate::harness::Builder,
    ) -> Self {
        let clock = Clock::manual(START);
        let ledger = Arc::new(MemoryLedger::new(clock.clone()));
        let builder = Gateway::builder().clock(clock).ledger(Arc::clone(&ledger) as Arc<dyn Ledger>);
        Self { gateway: change(builder).start().await, ledger }
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

    /// Waits until a delivery is in a state.
    pub(crate) async fn until(&self, id: &str, state: DeliveryState) {
        until(|| async { self.record(id).await.state == Some(state) }).await;
    }
}

/// The ledger's name of an instance of the app `default`.
pub(crate) fn key(id: &str) -> InstanceKey {
    InstanceKey::new(AppName::default(), id)
}
