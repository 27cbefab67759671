//! Takes the lease of the app when it is free, keeps it, and gives it back at the end.
//!
//! A lease lasts 15 seconds from each renewal, by the time of the ledger. It is trusted from the start of the renewing call, by
//! this process's own clock, for a second less. With each renewal the holder tells what it has sent in the last minute, so that the
//! next one keeps both windows of the rate; it renews every five seconds, and within a second of a push. A push that could not be told
//! for 2.5 seconds stops all further ones, so what a successor does not know of is little.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::hold::Hold;
use super::shared::Shared;
use super::tenure::UNTOLD_LIMIT;
use crate::domain::Timestamp;
use crate::feishu::{EarlierCalls, UntoldCalls};
use crate::ledger::{Epoch, HolderNote, LEASE_TIME, Lease, LedgerError, NotedHold};

/// Time between two renewals.
const RENEW: Duration = Duration::from_secs(5);

/// The others are told of a push within this time.
const TELL: Duration = Duration::from_secs(1);

/// Time between two looks at the lease of another: half of what a lease that was given back may be nobody's.
const LOOK: Duration = Duration::from_millis(500);

/// So much less than it lasts a lease is trusted: clocks do not run alike.
const MARGIN: Duration = Duration::from_secs(1);

/// Time for one question to the ledger.
const CALL_LIMIT: Duration = Duration::from_secs(4);

/// Pause after one that failed.
const RETRY: Duration = Duration::from_secs(1);

/// For how long the lease is kept at the end for what is under way.
const HAND_OVER_LIMIT: Duration = Duration::from_secs(15);

/// Keeps the lease of one app, or waits for it.
#[derive(Debug)]
pub(super) struct LeaseKeeper {
    shared: Arc<Shared>,
    /// The last epoch in which this replica had the lease.
    last_epoch: Option<Epoch>,
    next: Instant,
    is_failing: bool,
}

/// Why the lease could not be asked about.
#[derive(Debug, thiserror::Error)]
enum LeaseError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the ledger did not answer in time")]
    Late(#[from] tokio::time::error::Elapsed),
}

impl LeaseKeeper {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, last_epoch: None, next: Instant::now(), is_failing: false }
    }

    /// Runs until the delivery is stopped; the lease is given back before.
    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        if shared.ledger.leases().is_none() {
            return;
        }
        while !shared.handing_over.is_cancelled() {
            let untold = shared.tenure.untold_since().map(|since| since + TELL);
            let next = untold.map_or(self.next, |untold| self.next.min(untold.max(self.retry_at())));
            tokio::select! {
                biased;
                () = shared.handing_over.cancelled() => break,
                () = tokio::time::sleep_until(next) => self.step().await,
                () = shared.tenure.news() => {}
            }
        }
        self.hand_over().await;
        while !shared.stop.is_cancelled() {
            if let Ok(lease) = self.look().await {
                self.show(&lease);
            }
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// No sooner than this is anything tried again that failed.
    fn retry_at(&self) -> Instant {
        if self.is_failing { self.next } else { Instant::now() }
    }

    /// Renews the lease, or looks whether it is free.
    async fn step(&mut self) {
        let is_holder = self.shared.tenure.trusted_until().is_some();
        let (result, pause) =
            if is_holder { (self.renew().await, RENEW) } else { (self.look_for_it().await, LOOK) };
        match result {
            Ok(()) => {
                self.is_failing = false;
                self.next = Instant::now() + pause;
            }
            Err(error) => {
                if !self.is_failing {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(app = %self.shared.app, error, "the lease could not be asked about");
                }
                self.is_failing = true;
                self.next = Instant::now() + RETRY;
            }
        }
        if self.shared.tenure.trusted_until().is_some_and(|until| until <= Instant::now()) {
            self.lose("it could not be renewed in time", None);
        }
    }

    async fn renew(&mut self) -> Result<(), LeaseError> {
        let begun = Instant::now();
        let untold = self.shared.tenure.telling();
        match self.acquire().await {
            Ok(lease) if self.is_mine(&lease) && Some(lease.epoch) == self.last_epoch => {
                self.shared.tenure.renewed(begun + LEASE_TIME - MARGIN);
                Ok(())
            }
            Ok(lease) => {
                self.lose("another replica has it", Some(&lease));
                Ok(())
            }
            Err(error) => {
                self.shared.tenure.not_told(untold);
                Err(error)
            }
        }
    }

    /// Takes the lease when it is free, or this replica's own from before an interruption.
    async fn look_for_it(&mut self) -> Result<(), LeaseError> {
        let before = self.look().await?;
        self.show(&before);
        if !before.is_free() && !self.is_mine(&before) {
            if before.left > LEASE_TIME {
                // The clock of the ledger was set back: asking for the lease shortens it.
                self.acquire().await?;
            }
            return Ok(());
        }
        self.resume(&before, before.epoch);
        let mut begun = Instant::now();
        let mut lease = self.acquire().await?;
        if self.is_mine(&lease) && lease.epoch != before.epoch {
            // The holder before may have told more in between; now the note is to be this replica's.
            self.resume(&lease, Epoch(lease.epoch.0 - 1));
            begun = Instant::now();
            lease = self.acquire().await?;
        }
        if self.is_mine(&lease) {
            self.take(&before, lease.epoch, begun);
        } else {
            self.show(&lease);
        }
        Ok(())
    }

    fn take(&mut self, before: &Lease, epoch: Epoch, begun: Instant) {
        let shared = &self.shared;
        let reason = match &before.holder {
            _ if self.last_epoch == Some(epoch) => "it is this replica's again",
            Some(_) => "the holder before was not heard of",
            None if before.epoch == Epoch::default() => "it is new",
            None => "it was given back",
        };
        let is_change = self.last_epoch != Some(epoch) && before.epoch != Epoch::default();
        self.last_epoch = Some(epoch);
        shared.hold.show(None);
        shared.app_state.forget();
        shared.metrics.show_parked(false);
        shared.tenure.hold(epoch, begun + LEASE_TIME - MARGIN, is_change);
        shared.metrics.lease_taken(epoch, is_change);
        shared.arrivals.news.notify_one();
        tracing::info!(app = %shared.app, epoch = epoch.0, holder = %self.shared.replica.id(), reason, "this replica pushes for the app");
    }

    fn lose(&self, reason: &str, lease: Option<&Lease>) {
        let shared = &self.shared;
        shared.tenure.end();
        shared.metrics.lease_lost();
        let (epoch, holder) = lease.map(|lease| (lease.epoch.0, lease.holder.as_ref())).unzip();
        let holder = holder.flatten().map(tracing::field::display);
        tracing::warn!(app = %shared.app, epoch, holder, reason, "this replica does not push for the app any more");
        if let Some(lease) = lease {
            self.show(lease);
        }
    }

    /// Lets what is under way end, and gives the lease back.
    async fn hand_over(&mut self) {
        let Some(begun) = self.shared.tenure.end() else { return };
        let shared = Arc::clone(&self.shared);
        let latest = Instant::now() + HAND_OVER_LIMIT;
        // One after another: a renewal that is overtaken by the release would take the lease again.
        let is_over = loop {
            if tokio::time::timeout(RENEW, begun.wait()).await.is_ok() {
                break true;
            }
            if Instant::now() >= latest {
                break false;
            }
            // What is written at the end is written under this epoch.
            let _ = self.acquire().await;
        };
        let note = HolderNote { is_last: is_over, ..self.note() };
        if let Some(leases) = shared.ledger.leases() {
            let released = tokio::time::timeout(
                CALL_LIMIT,
                leases.release(&shared.app, self.shared.replica.id(), &note),
            )
            .await;
            if !matches!(released, Ok(Ok(()))) {
                tracing::warn!(app = %shared.app, "the lease could not be given back: it expires by itself");
            }
        }
        shared.metrics.lease_given_back();
        let epoch = self.last_epoch.map(|epoch| epoch.0);
        tracing::info!(app = %shared.app, epoch, reason = "it was given back", "this replica does not push for the app any more");
    }

    async fn look(&self) -> Result<Lease, LeaseError> {
        match self.shared.ledger.leases() {
            Some(leases) => Ok(tokio::time::timeout(CALL_LIMIT, leases.lease(&self.shared.app)).await??),
            None => Ok(Lease::default()),
        }
    }

    async fn acquire(&self) -> Result<Lease, LeaseError> {
        let (app, replica, note) = (&self.shared.app, self.shared.replica.id(), self.note());
        match self.shared.ledger.leases() {
            Some(leases) => Ok(tokio::time::timeout(CALL_LIMIT, leases.acquire(app, replica, &note)).await??),
            None => Ok(Lease::default()),
        }
    }

    fn is_mine(&self, lease: &Lease) -> bool {
        lease.holder.as_ref() == Some(self.shared.replica.id())
    }

    /// What the other replicas are told.
    fn note(&self) -> HolderNote {
        let hold = self.shared.hold.get().map(|hold| NotedHold {
            problem: hold.problem.clone(),
            is_parked: hold.is_parked,
            since: hold.since.unix_millis(),
            lasts_ms: millis(hold.until.saturating_duration_since(Instant::now())),
        });
        HolderNote { hold, sends: self.shared.feishu.sent_pushes(), is_last: false }
    }

    /// Shows why another replica pushes nothing, if it says so.
    fn show(&self, lease: &Lease) {
        if self.is_mine(lease) {
            return;
        }
        let noted = lease.note.hold.as_ref().filter(|_| !lease.is_free());
        self.shared.hold.show(noted.map(|noted| {
            let left = noted.lasts_ms.saturating_sub(millis(lease.note_age));
            Hold {
                problem: noted.problem.clone(),
                is_parked: noted.is_parked,
                since: Timestamp::of_clock(noted.since),
                until: Instant::now() + Duration::from_millis(left),
                ends_with_token: false,
                tries: 0,
            }
        }));
    }

    /// Goes on with the rate where the holder of this epoch left it, as its note says.
    fn resume(&self, lease: &Lease, epoch: Epoch) {
        // There was nobody, or it was this replica.
        if epoch == Epoch::default() || self.last_epoch == Some(epoch) {
            return;
        }
        let Lease { note: HolderNote { sends, is_last, .. }, note_age, .. } = lease;
        let untold = UntoldCalls { span: UNTOLD_LIMIT, ended_ago: note_age.saturating_sub(LEASE_TIME) };
        self.shared.feishu.resume_pushes(&EarlierCalls {
            by_second: sends.clone(),
            told_ago: *note_age,
            untold: (!is_last).then_some(untold),
        });
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
