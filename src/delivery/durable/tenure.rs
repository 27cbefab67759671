//! Whether this replica may push for the app now, and for how long it may trust in that.
//!
//! Everything that is begun under the lease is a [`Work`]. Right before each push is sent, [`Tenure::may_send`] is asked: the
//! process may have been stopped in between, for longer than its lease lasts.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::schedule::DOUBT;
use crate::feishu::ATTEMPT_LIMIT;
use crate::ledger::Epoch;

/// For how long pushes may be sent that the other replicas have not been told of (see `lease_keeper`).
pub(super) const UNTOLD_LIMIT: Duration = Duration::from_millis(2_500);

/// Whether this replica may push for the app now.
#[derive(Debug)]
pub(super) struct Tenure {
    term: Mutex<Option<Term>>,
    /// Changes whenever the answer may.
    changes: watch::Sender<u64>,
    /// Told when there is something to tell the other replicas.
    news: Notify,
}

/// The time from a lease that was taken to one that was lost or given back.
#[derive(Debug)]
struct Term {
    epoch: Epoch,
    /// Absent where no other process may use the ledger.
    trusted_until: Option<Instant>,
    /// What is pushed until then is looked at a minute later, because another replica may have had something on the wire.
    fresh_until: Instant,
    /// Since when there is something that the other replicas have not been told of.
    untold_since: Option<Instant>,
    work: TaskTracker,
}

/// Something that was begun under the lease. A lease is not given back before it is dropped.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) epoch: Epoch,
    _token: TaskTrackerToken,
}

impl Term {
    /// Whether an attempt that begins now ends while the lease can be trusted.
    fn is_trusted(&self, now: Instant) -> bool {
        self.trusted_until.is_none_or(|until| now + ATTEMPT_LIMIT <= until)
    }
}

impl Tenure {
    /// A tenure that another replica may have; or one without an end, where there can be no other.
    pub(super) fn new(is_shared: bool) -> Self {
        let alone = || Term {
            epoch: Epoch::default(),
            trusted_until: None,
            fresh_until: Instant::now(),
            untold_since: None,
            work: TaskTracker::new(),
        };
        let term = Mutex::new((!is_shared).then(alone));
        Self { term, changes: watch::Sender::new(0), news: Notify::new() }
    }

    /// Whether something may be begun under the lease.
    pub(super) fn is_held(&self) -> bool {
        self.lock().as_ref().is_some_and(|term| term.is_trusted(Instant::now()))
    }

    /// The epoch of the lease, while something may be begun under it.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        self.lock().as_ref().filter(|term| term.is_trusted(Instant::now())).map(|term| term.epoch)
    }

    /// Begins something under the lease; `None` while that may not be.
    pub(super) fn begin(&self) -> Option<Work> {
        let term = self.lock();
        let term = term.as_ref().filter(|term| term.is_trusted(Instant::now()))?;
        Some(Work { epoch: term.epoch, _token: term.work.token() })
    }

    /// Whether a push that was begun in this epoch may be sent now. It counts as sent then.
    pub(super) fn may_send(&self, epoch: Epoch) -> bool {
        let now = Instant::now();
        let mut term = self.lock();
        let Some(term) = term.as_mut().filter(|term| term.epoch == epoch && term.is_trusted(now)) else {
            return false;
        };
        if term.trusted_until.is_none() {
            return true;
        }
        if term.untold_since.is_none() {
            self.news.notify_one();
        }
        now - *term.untold_since.get_or_insert(now) <= UNTOLD_LIMIT
    }

    /// Whether the pushing replica has changed so lately that something of the one before may still arrive.
    pub(super) fn is_fresh(&self) -> bool {
        self.lock().as_ref().is_some_and(|term| Instant::now() < term.fresh_until)
    }

    /// Waits until something may be begun under the lease, and begins it.
    pub(super) async fn work(&self) -> Work {
        let mut changes = self.changes.subscribe();
        loop {
            if let Some(work) = self.begin() {
                return work;
            }
            // The sender is this object's own.
            let _ = changes.changed().await;
        }
    }

    /// Waits until something may be begun under the lease.
    pub(super) async fn held(&self) {
        drop(self.work().await);
    }

    /// Waits until the answer may have changed.
    pub(super) async fn changed(&self) {
        let _ = self.watch().changed().await;
    }

    /// Tells of every change of the answer from now on.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Notes that the other replicas should be told something.
    pub(super) fn has_news(&self) {
        if let Some(term) = &mut *self.lock() {
            term.untold_since.get_or_insert_with(Instant::now);
            self.news.notify_one();
        }
    }

    /// Waits until there may be something to tell the other replicas.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    /// Since when there is something to tell.
    pub(super) fn untold_since(&self) -> Option<Instant> {
        self.lock().as_ref()?.untold_since
    }

    /// Takes what is to be told out; it is put back with [`Self::not_told`].
    pub(super) fn telling(&self) -> Option<Instant> {
        self.lock().as_mut()?.untold_since.take()
    }

    /// Notes that the others could not be told of what has been since then.
    pub(super) fn not_told(&self, since: Option<Instant>) {
        if let Some(term) = &mut *self.lock() {
            term.untold_since = since.into_iter().chain(term.untold_since).min();
        }
    }

    /// Notes that the lease was taken; `is_change` when another replica had it before.
    pub(super) fn hold(&self, epoch: Epoch, trusted_until: Instant, is_change: bool) {
        let now = Instant::now();
        let fresh_until = if is_change { now + DOUBT } else { now };
        let (untold_since, work) = (None, TaskTracker::new());
        *self.lock() =
            Some(Term { epoch, trusted_until: Some(trusted_until), fresh_until, untold_since, work });
        self.tell_of_change();
    }

    /// Notes that the lease was renewed.
    pub(super) fn renewed(&self, trusted_until: Instant) {
        if let Some(term) = &mut *self.lock() {
            term.trusted_until = Some(trusted_until);
        }
        self.tell_of_change();
    }

    /// Until when the lease can be trusted; `None` while it is not held.
    pub(super) fn trusted_until(&self) -> Option<Instant> {
        self.lock().as_ref()?.trusted_until
    }

    /// Begins nothing and sends nothing any more. Gives what was begun, to be waited for.
    pub(super) fn end(&self) -> Option<TaskTracker> {
        let ended = self.lock().take();
        self.tell_of_change();
        ended.map(|term| {
            term.work.close();
            term.work
        })
    }

    fn tell_of_change(&self) {
        self.changes.send_modify(|number| *number += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Term>> {
        // Nothing panics while the lock is held.
        self.term.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is asked right before a push is sent.
pub(super) fn gate(tenure: &Tenure, epoch: Epoch) -> impl Fn() -> bool + Sync {
    move || tenure.may_send(epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    const E1: Epoch = Epoch(1);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_begun_or_sent_that_would_outlast_the_trust() {
        let tenure = Tenure::new(true);
        assert!(!tenure.is_held() && tenure.begin().is_none() && !tenure.may_send(E1));
        tenure.hold(E1, Instant::now() + seconds(14), false);
        assert_eq!(tenure.begin().map(|work| work.epoch), Some(E1));
        assert!(tenure.may_send(E1) && !tenure.may_send(Epoch(2)));
        tenure.telling();
        tokio::time::advance(seconds(9)).await;
        assert!(tenure.may_send(E1), "five seconds are enough for an attempt");
        tenure.telling();
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!tenure.is_held() && tenure.begin().is_none() && !tenure.may_send(E1));
        tenure.renewed(Instant::now() + seconds(14));
        assert!(tenure.is_held() && tenure.may_send(E1));
        tenure.end();
        assert!(!tenure.is_held() && !tenure.may_send(E1));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_more_is_sent_while_nobody_can_be_told_of_it() {
        let tenure = Tenure::new(true);
        tenure.hold(E1, Instant::now() + seconds(14), false);
        assert!(tenure.may_send(E1));
        let told = tenure.telling();
        assert!(told.is_some() && tenure.untold_since().is_none());
        tokio::time::advance(seconds(1)).await;
        assert!(tenure.may_send(E1));
        tenure.not_told(told);
        assert_eq!(tenure.untold_since(), told, "since the first of them");
        tokio::time::advance(seconds(2)).await;
        assert!(!tenure.may_send(E1));
        tenure.telling();
        assert!(tenure.may_send(E1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_begun_is_waited_for_and_a_change_is_fresh_for_a_minute() {
        let tenure = Tenure::new(true);
        tenure.hold(E1, Instant::now() + seconds(14), true);
        let work = tenure.begin().unwrap();
        assert!(tenure.is_fresh());
        let begun = tenure.end().unwrap();
        assert!(!begun.is_empty());
        drop(work);
        begun.wait().await;
        tenure.hold(Epoch(2), Instant::now() + seconds(600), true);
        tokio::time::advance(seconds(60)).await;
        assert!(!tenure.is_fresh());
    }

    #[tokio::test(start_paused = true)]
    async fn without_others_there_is_nothing_to_lose() {
        let tenure = Tenure::new(false);
        tokio::time::advance(seconds(3_600)).await;
        assert!(tenure.is_held() && tenure.may_send(Epoch::default()) && !tenure.is_fresh());
        assert_eq!((tenure.untold_since(), tenure.trusted_until()), (None, None));
    }
}
