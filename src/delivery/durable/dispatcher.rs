//! Pushes what is due, one task an app.
//!
//! It waits for a permit first, and chooses only then: so the rate's next place goes to who comes first at that moment, and
//! nothing more is under way than the rate allows.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::attempt::{End, Ended, attempt};
use super::failed_push;
use super::queue::{CallerName, Class, Picked, Queue, RunningImport};
use super::shared::{Arrival, Shared};
use super::tenure::Work;
use super::trouble::Trouble;
use crate::domain::Timestamp;
use crate::feishu::{Api, CallContext, CallError, Permit};
use crate::ledger::{CallerDue, Due, ImportRecord, Lane, LedgerError};
use crate::support::deadline::Deadline;

/// Attempts at one time; more would only hold memory while Feishu is slow.
const MOST_IN_FLIGHT: usize = 128;

/// The same with those for which people are looked up first, which take no push's place.
const MOST_UNDER_WAY: usize = 1_024;

/// Instances of one caller that are fetched at one time.
const BATCH: usize = 256;

/// More are fetched at once when fewer are left.
const FEW: usize = 64;

/// Instances that may be known as due; those beyond are found later by asking.
const MOST_QUEUED: usize = 4_096;

/// The ledger is asked so often at least: news that got lost costs that much time. More often only when little is left.
const LOOK: Duration = Duration::from_secs(1);

/// It is asked so often where other replicas accept, too: nothing tells of what they take.
const LOOK_AMONG_OTHERS: Duration = Duration::from_millis(200);

/// Time for a token and a place in the rate.
const PERMIT_LIMIT: Duration = Duration::from_secs(10);

/// Pushes what is due, one task an app.
#[derive(Debug)]
pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    attempts: TaskTracker,
    queue: Queue,
    /// Whose caller waits while an earlier revision is under way, by instance: it is next when that has ended.
    behind: HashMap<Arc<str>, CallerName>,
    finished: UnboundedReceiver<Finished>,
    finish: UnboundedSender<Finished>,
    /// When to ask the ledger again.
    look_at: Instant,
    looked_at: Option<Instant>,
}

/// An attempt that has ended, and when the instance is to be pushed again.
#[derive(Debug)]
struct Finished {
    id: Arc<str>,
    again: Option<Timestamp>,
}

impl Dispatcher {
    pub(super) fn new(shared: Arc<Shared>, attempts: TaskTracker) -> Self {
        let (finish, finished) = mpsc::unbounded_channel();
        let queue = Queue::new(shared.settings.rate);
        let behind = HashMap::new();
        Self { shared, attempts, queue, behind, finished, finish, look_at: Instant::now(), looked_at: None }
    }

    /// Runs until no further attempt may begin. Those that have begun are finished by themselves.
    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        while !shared.stop.is_cancelled() {
            if !shared.tenure.is_held() {
                self.wait_for_the_lease().await;
                continue;
            }
            self.take_arrivals();
            self.look().await;
            if let Some(until) = self.idle_until() {
                self.rest(until).await;
                continue;
            }
            // In nobody's name: whose turn it is, is decided when the permit is there.
            let context = CallContext::own(Deadline::after(PERMIT_LIMIT));
            let permit = shared.feishu.permit(Api::SyncInstance, &context);
            tokio::select! {
                biased;
                () = shared.stop.cancelled() => break,
                permit = permit => self.go(permit),
            }
        }
    }

    /// Uses a permit for whoever comes first now.
    fn go(&mut self, permit: Result<Permit, CallError>) {
        // Whoever came while the permit was waited for may go before.
        self.take_arrivals();
        match permit {
            Ok(permit) => {
                if let Some(hold) = self.shared.hold.get().filter(|hold| hold.ends_with_token) {
                    tracing::debug!(app = %self.shared.app, code = hold.problem.code(), "a token could be had");
                    self.shared.release();
                }
                // The lease may have been lost meanwhile; then nothing is taken out.
                let shared = Arc::clone(&self.shared);
                if let Some(work) = shared.tenure.begin()
                    && let Some(picked) = self.queue.pick(&free_at(&shared))
                {
                    self.begin(picked, work, permit);
                }
            }
            Err(error) => {
                let tries = self.shared.hold.get().map_or(0, |hold| hold.tries);
                let trouble = failed_push::app_trouble(&error, tries + 1)
                    .unwrap_or_else(|| failed_push::passing_trouble(tries + 1));
                self.shared.hold(&Trouble::Call(error), trouble);
            }
        }
    }

    /// Begins afresh when another replica has pushed meanwhile.
    async fn wait_for_the_lease(&mut self) {
        let shared = Arc::clone(&self.shared);
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = shared.tenure.held() => {}
        }
        self.queue = Queue::new(shared.settings.rate);
        self.behind.clear();
        shared.arrivals.take();
        self.look_at = Instant::now();
    }

    fn begin(&self, Picked { id, class, caller }: Picked, work: Work, permit: Permit) {
        let caller = self.shared.sharing.name(caller.as_ref());
        let permit = self.shared.feishu.give_permit(Api::SyncInstance, permit, caller);
        self.shared.in_flight.begin(&id);
        let under_way = UnderWay {
            shared: Arc::clone(&self.shared),
            id,
            finish: self.finish.clone(),
            is_over: false,
            attempts: self.attempts.clone(),
            work,
        };
        self.attempts.spawn(async move {
            let shared = &under_way.shared;
            let key = shared.key(&under_way.id);
            let end = attempt(shared, &key, class, under_way.work.epoch, permit).await;
            under_way.end(end);
        });
    }

    /// Puts those whose callers wait in the queue.
    fn take_arrivals(&mut self) {
        for Arrival { id, caller } in self.shared.arrivals.take() {
            if self.shared.in_flight.has(&id) {
                self.behind.insert(id, caller);
            } else if self.queue.len() < MOST_QUEUED {
                self.queue.add(Class::Waiting, id, caller);
            }
        }
        while let Ok(finished) = self.finished.try_recv() {
            self.note(finished);
        }
    }

    /// What is due again is found by asking the ledger; whose caller waits is known.
    fn note(&mut self, Finished { id, again }: Finished) {
        if let Some(caller) = self.behind.remove(&id) {
            self.queue.add(Class::Waiting, id, caller);
        }
        if let Some(at) = again {
            self.look_at = self.look_at.min(Instant::now() + self.shared.until(at));
        }
    }

    /// When the ledger is asked what is due: as soon as there may be something, but seldom while the queue is long, or while
    /// somebody in it waits, who would wait for the ledger, too.
    fn next_look(&self) -> Instant {
        let is_seldom = self.queue.len() >= FEW || self.queue.has_waiting();
        let seldom = self.looked_at.filter(|_| is_seldom).map(|at| at + self.pause());
        seldom.map_or(self.look_at, |seldom| seldom.max(self.look_at))
    }

    /// The ledger is asked so often when nothing tells that something is due.
    fn pause(&self) -> Duration {
        if self.shared.replica.live() > 1 { LOOK_AMONG_OTHERS } else { LOOK }
    }

    /// Asks the ledger what is due, when it is time.
    async fn look(&mut self) {
        let now = Instant::now();
        if self.next_look() > now {
            return;
        }
        (self.look_at, self.looked_at) = (now + self.pause(), Some(now));
        if let Err(error) = self.fetch().await {
            tracing::error!(app = %self.shared.app, error = &error as &dyn std::error::Error, "the ledger could not be read");
        }
    }

    async fn fetch(&mut self) -> Result<(), LedgerError> {
        let shared = Arc::clone(&self.shared);
        let running = shared.ledger.running_imports(&shared.app).await?;
        self.queue.set_imports(running.iter().map(running_import));
        self.fetch_lane(Lane::Interactive).await?;
        self.fetch_lane(Lane::Repair).await?;
        for id in running.into_iter().map(|import| import.id) {
            self.fetch_lane(Lane::Import(id)).await?;
        }
        Ok(())
    }

    async fn fetch_lane(&mut self, lane: Lane) -> Result<(), LedgerError> {
        let shared = Arc::clone(&self.shared);
        // What is under way is among those that are found, and so is what is queued.
        let limit = BATCH + shared.in_flight.len();
        for CallerDue { caller, due: Due { items: keys, next_at } } in
            shared.ledger.due(&shared.app, lane, limit).await?
        {
            if keys.len() == limit {
                // There are more: they are fetched as soon as the queue is short.
                self.look_at = Instant::now();
            }
            if let Some(at) = next_at {
                self.look_at = self.look_at.min(Instant::now() + shared.until(at));
            }
            let caller: CallerName = caller.map(Arc::from);
            for id in keys.into_iter().map(|key| Arc::from(key.instance_id)) {
                if shared.in_flight.has(&id) {
                    continue;
                }
                match lane {
                    // Whose caller waits, and was told to come back.
                    Lane::Interactive if shared.waiters.has(&id) => {
                        self.queue.add(Class::Waiting, id, caller.clone());
                    }
                    Lane::Interactive => self.queue.add(Class::Accepted, id, caller.clone()),
                    Lane::Repair => self.queue.add(Class::Repair, id, caller.clone()),
                    Lane::Import(import) => self.queue.add_import(import, id),
                }
            }
        }
        Ok(())
    }

    /// Until when nothing is to be done; `None` when an attempt may begin.
    fn idle_until(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let shared = Arc::clone(&self.shared);
        if shared.in_flight.len() >= MOST_UNDER_WAY || shared.in_flight.has_pushes(MOST_IN_FLIGHT) {
            return Some(now + LOOK);
        }
        let ready = self.queue.ready_at(now, &free_at(&shared));
        if let Some(hold) = self.shared.hold.get() {
            if hold.until > now {
                return Some(hold.until);
            }
            // One at a time looks whether it is over.
            if shared.in_flight.has_pushes(1) {
                return Some(now + LOOK);
            }
            if ready.is_none() && hold.ends_with_token {
                return None;
            }
        }
        match ready {
            Some(at) if at <= now => None,
            Some(at) => Some(at.min(now + LOOK)),
            None => Some(now + LOOK),
        }
    }

    /// Waits until there may be something to do.
    async fn rest(&mut self, until: Instant) {
        let shared = Arc::clone(&self.shared);
        let until = until.min(self.next_look());
        let finished = tokio::select! {
            () = shared.stop.cancelled() => return,
            () = shared.arrivals.waiting_news.notified() => return,
            () = shared.arrivals.news.notified() => {
                // Whoever does not wait is found by asking.
                self.look_at = Instant::now();
                return;
            }
            finished = self.finished.recv() => finished,
            () = tokio::time::sleep_until(until) => return,
        };
        if let Some(finished) = finished {
            self.note(finished);
        }
    }
}

/// Until when callers have to stand back for others.
fn free_at(shared: &Shared) -> impl Fn(&CallerName) -> Option<Instant> {
    |caller| shared.feishu.share_free_at(Api::SyncInstance, &shared.sharing.name(caller.as_ref()))
}

fn running_import(import: &ImportRecord) -> RunningImport {
    let ImportRecord { id, caller, per_minute, .. } = import;
    RunningImport { id: *id, caller: caller.as_deref().map(Arc::from), per_minute: *per_minute }
}

/// An attempt under way; however it ends, the instance is free afterwards.
struct UnderWay {
    shared: Arc<Shared>,
    id: Arc<str>,
    attempts: TaskTracker,
    finish: UnboundedSender<Finished>,
    work: Work,
    /// Whether the instance is free already, and perhaps pushed again.
    is_over: bool,
}

impl UnderWay {
    fn end(mut self, end: End) {
        let End { ended, event, proves_app, late } = end;
        let shared = Arc::clone(&self.shared);
        // Before anybody is told: whoever waits looks whether something is under way.
        shared.in_flight.know(&self.id);
        if proves_app {
            shared.release();
        }
        if let Ended::Held(trouble, app) = &ended {
            shared.hold(trouble, *app);
        }
        let again = match ended {
            Ended::Settled => None,
            Ended::Again(at) => Some(at),
            Ended::Held(..) => Some(shared.now()),
            Ended::LookedUp(caller) if shared.waiters.has(&self.id) => {
                shared.arrivals.push(Arc::clone(&self.id), caller);
                None
            }
            Ended::LookedUp(_) => Some(shared.now()),
        };
        if let Some(event) = event {
            shared.waiters.tell(&self.id, &event);
        }
        match late {
            None => self.finish(again),
            Some(late) => {
                let attempts = self.attempts.clone();
                attempts.spawn(async move {
                    late.wait().await;
                    self.finish(again);
                });
            }
        }
    }

    fn finish(&mut self, again: Option<Timestamp>) {
        self.shared.in_flight.end(&self.id);
        self.is_over = true;
        // At its end the dispatcher needs no news.
        let _ = self.finish.send(Finished { id: Arc::clone(&self.id), again });
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.is_over {
            self.finish(Some(self.shared.later(LOOK)));
        }
    }
}
