//! Deliveries with a ledger: what is accepted is delivered, however long it takes.
//!
//! [`DurableDelivery::deliver`] commits a document to the ledger, and then waits among the `waiters` until it is delivered or
//! its time is up. One `dispatcher` an app fetches what is due, in the order of the `queue`, and makes an `attempt` for each,
//! never two of one instance at once. What its result means for the instance and for the app is decided in `failed_push`; an app
//! in trouble is put on `hold`. `events` tell other systems what became of it, and `cards` the people whose tasks wait. The `reconciler` asks Feishu what it has, and `retention` drops what is old.

mod accept;
mod acceptance;
mod activity;
mod app_state;
mod attempt;
mod cards;
mod checks;
mod dispatcher;
mod draft;
mod events;
mod failed_push;
mod gauges;
mod hold;
mod imports;
mod in_flight;
mod lease_keeper;
mod metrics;
mod payloads;
mod queue;
mod receiver;
mod reconciler;
mod replica;
mod retention;
mod row_watch;
mod schedule;
mod sending;
mod settings;
mod shared;
mod sharing;
mod spread;
mod tenure;
mod trouble;
mod waiters;
mod warnings;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio_util::task::TaskTracker;

pub use self::accept::{Answer, DeliverError, Fate, Submission};
pub use self::activity::{MINUTES, Minute};
use self::dispatcher::Dispatcher;
pub use self::draft::{merged_update, new_document};
pub use self::events::{EventData, EventProblem, OutgoingEvent};
pub use self::hold::Hold;
use self::lease_keeper::LeaseKeeper;
pub use self::metrics::DurableMetrics;
pub use self::receiver::Receiver;
pub use self::replica::Replica;
pub use self::settings::{DurableSettings, Reconcile};
pub use self::shared::Setup;
use self::shared::Shared;
pub use self::sharing::Sharing;
pub use self::trouble::{DOES_NOT_STICK, Describe, Trouble};
pub use self::waiters::Taken;
use self::warnings::warned;
pub use self::warnings::{Warned, all_warned, kept_warnings, warn_of_raised_version};
use crate::domain::{AppName, ApprovalInstance, Mode, Timestamp};
use crate::feishu::CallContext;
use crate::feishu::translate::{OversizedPayload, instance_payload};
use crate::ledger::{DeliveryFilter, EventFilter, InstanceKey, Ledger, LedgerError, RequestedBy};
use crate::support::deadline::Deadline;

/// Delivers the documents of one app, and keeps them until it has.
#[derive(Debug)]
pub struct DurableDelivery {
    shared: Arc<Shared>,
    tasks: TaskTracker,
}

impl DurableDelivery {
    /// Begins to deliver what the ledger holds.
    pub fn start(setup: Setup) -> Self {
        let shared = Arc::new(Shared::new(setup));
        let tasks = TaskTracker::new();
        if shared.ledger.leases().is_some() {
            tasks.spawn(LeaseKeeper::new(Arc::clone(&shared)).run());
            tasks.spawn(row_watch::run(Arc::clone(&shared)));
            tasks.spawn(share_reads(Arc::clone(&shared)));
        }
        tasks.spawn(Dispatcher::new(Arc::clone(&shared), tasks.clone()).run());
        tasks.spawn(reconciler::run(Arc::clone(&shared)));
        tasks.spawn(retention::run(Arc::clone(&shared)));
        tasks.spawn(gauges::run(Arc::clone(&shared)));
        tasks.spawn(events::retention::run(Arc::clone(&shared)));
        tasks.spawn(cards::sender::CardSender::new(Arc::clone(&shared)).run());
        if let Some(receiver) = &shared.receiver {
            tasks.spawn(events::sender::Sender::new(Arc::clone(&shared), Arc::clone(receiver)).run());
            tasks.spawn(events::announcer::run(Arc::clone(&shared)));
        }
        Self { shared, tasks }
    }

    /// Commits a document to the ledger, and waits for its delivery until `wait_until`; not at all when that is absent.
    ///
    /// The `context`'s deadline is the request's own. Whoever drops the future after the commit changes nothing: the document is delivered.
    ///
    /// # Errors
    /// When the document is not accepted; only [`LedgerError::Unknown`] and
    /// [`DeliverError::LedgerLate`] leave that open.
    pub async fn deliver(
        &self,
        submission: Submission,
        context: CallContext,
        wait_until: Option<Deadline>,
    ) -> Result<Answer, DeliverError> {
        accept::deliver(&self.shared, submission, context, wait_until).await
    }

    /// Where everything is kept.
    pub fn ledger(&self) -> &Arc<dyn Ledger> {
        &self.shared.ledger
    }

    /// How an instance stands; `None` when nothing of it is kept.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn standing(&self, instance_id: &str) -> Result<Option<Warned>, LedgerError> {
        let key = self.key(instance_id);
        match self.ledger().document(&key).await? {
            Some(kept) => warned(kept, self.shared.rules).map(Some),
            None => Ok(self.ledger().delivery(&key).await?.map(|record| (record, None))),
        }
    }

    /// Puts refused and conflicting deliveries back to pending; those that wait for a next attempt are due at once when the
    /// filter names `pending`. Says how many.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn retry(&self, filter: &DeliveryFilter, by: &RequestedBy) -> Result<u64, LedgerError> {
        let retried = self.shared.ledger.retry(&self.shared.app, filter, by).await?;
        self.shared.arrivals.news.notify_one();
        Ok(retried)
    }

    /// Asks Feishu now what it has of one instance, as the reconciler would, and has what differs delivered again. Says how
    /// its delivery stands then; `None` when nothing of it is kept.
    ///
    /// What is pending, or was never delivered, is not asked about: Feishu has something else until it is.
    ///
    /// # Errors
    /// When Feishu or the ledger fails, or the kept document cannot be read any more.
    pub async fn check(&self, instance_id: &str, context: &CallContext) -> Result<Option<Warned>, Trouble> {
        reconciler::check_one(&self.shared, &self.key(instance_id), context).await?;
        self.standing(instance_id).await.map_err(Trouble::Ledger)
    }

    /// The minutes of the last hour in which this process has done something, oldest first.
    pub fn last_hour(&self) -> Vec<Minute> {
        self.shared.activity.last_hour(self.shared.now())
    }

    /// Puts events that were given up back to pending; those that were delivered, or wait, when the filter names their state.
    /// Says how many.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn retry_events(&self, filter: &EventFilter) -> Result<u64, LedgerError> {
        let retried = self.shared.ledger.retry_events(&self.shared.app, filter).await?;
        self.shared.event_news.notify_one();
        Ok(retried)
    }

    /// The time of the ledger's clock.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// How long ago that was, by the ledger's clock.
    pub fn since(&self, then: Timestamp) -> Duration {
        self.shared.since(then)
    }

    /// The app whose documents are delivered.
    pub fn app(&self) -> &AppName {
        &self.shared.app
    }

    /// The payload that a push would send now.
    pub(super) async fn preview(
        &self,
        instance: &ApprovalInstance<'_>,
        mode: Mode,
    ) -> Result<Bytes, OversizedPayload> {
        let version = match instance.updated_at {
            Some(version) => version,
            None => {
                let key = self.key(instance.instance_id.as_str());
                // What cannot be read changes the version at most.
                let known = self.shared.ledger.delivery(&key).await.ok().flatten();
                known.map_or(self.shared.now(), |record| self.shared.now().max(record.clock.next()))
            }
        };
        instance_payload(instance, mode, version)
    }

    /// The ledger's name of an instance of this app.
    pub fn key(&self, instance_id: &str) -> InstanceKey {
        self.shared.key(instance_id)
    }

    /// Why the app pushes nothing for a while; `None` when it does.
    pub fn hold(&self) -> Option<Arc<Hold>> {
        self.shared.hold.get()
    }

    /// Whether documents can be accepted: the ledger has not failed just now.
    pub fn is_accepting(&self) -> bool {
        self.shared.acceptance.works()
    }

    /// Lets another replica push for the app, if there is one; this one goes on to accept.
    pub fn hand_over(&self) {
        if self.shared.replica.live() > 1 {
            self.shared.handing_over.cancel();
        }
    }

    /// Begins no further attempt. Callers who wait for one that has not begun are answered at once.
    pub fn stop(&self) {
        self.shared.handing_over.cancel();
        self.shared.stop.cancel();
    }

    /// Stops, and waits until every attempt that was begun is finished and written.
    pub async fn drained(&self) {
        self.stop();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Reads share the rate of the app with those of the other replicas.
async fn share_reads(shared: Arc<Shared>) {
    let mut live = shared.replica.watch_live();
    loop {
        let parts = *live.borrow_and_update();
        shared.feishu.share_reads(parts);
        tokio::select! {
            () = shared.stop.cancelled() => return,
            changed = live.changed() => if changed.is_err() { return },
        }
    }
}
