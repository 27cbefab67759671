//! The tasks that write: commands that come while one commits share its next transaction.
//!
//! A command is about one instance. Those of a group are loaded, decided and written together, with a few statements for
//! all. A group that fails for what one of its commands brought is written again command by command.

use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use prometheus::IntGauge;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::error::Fault;
use super::load::{Loaded, Stored, Wanted, load};
use super::save::save;
use super::session::Session;
use super::tasks::TaskChange;
use super::time::StoreClock;
use crate::domain::Timestamp;
use crate::ledger::acceptance::AcceptError;
use crate::ledger::error::{Cause, LedgerError};
use crate::ledger::metrics::LedgerMetrics;
use crate::ledger::report::ReportError;
use crate::ledger::rules::Change;

/// Most commands of one transaction.
const LARGEST_GROUP: usize = 128;

/// Bytes of documents from which a group takes nothing more.
const HEAVIEST_GROUP: usize = 8 << 20;

/// Commands that wait; whoever comes then waits for a place.
const QUEUE: usize = 512;

/// Tasks that write at once: while one waits for the server's disk, the next group gathers and begins.
pub(super) const WRITERS: usize = 2;

/// Times that a group is tried when others are in its way, or its connection is cut.
pub(super) const ATTEMPTS: u32 = 5;

/// Transactions after which the counts of instances are added up.
const COMPACT_EVERY: u32 = 200;

/// Adds up some of the differences in the counts; rows that another gateway adds up at the moment are left to it.
pub(super) const COMPACT: &str = "with gathered as (delete from tally where tally_no in \
     (select tally_no from tally order by tally_no limit 5000 for update skip locked) \
     returning app, state, class, count) \
     insert into tally (app, state, class, count) \
     select app, state, class, sum(count) from gathered group by 1, 2, 3 having sum(count) <> 0";

/// What one command does; it may be asked to decide again when its transaction is repeated.
trait Work: Send {
    /// Whether nobody waits for it any more. What was given up must not come true long after, past what came later.
    fn is_given_up(&self) -> bool;
    fn decide(&mut self, loaded: Loaded, now: Timestamp) -> Option<Change>;
    fn finish(self: Box<Self>, outcome: Result<(), LedgerError>);
}

struct Command {
    wanted: Wanted,
    bytes: usize,
    work: Box<dyn Work>,
}

/// An error of a command, which may be one of the store.
pub(super) trait CommandError: From<LedgerError> + Send + 'static {}

impl CommandError for LedgerError {}

impl CommandError for AcceptError {}

impl CommandError for ReportError {}

/// A decision: what is answered, and what changes.
pub(super) type Decision<T, E> = Result<(T, Option<Change>), E>;

struct Job<T, E, D> {
    decide: D,
    decided: Option<Result<T, E>>,
    sender: oneshot::Sender<Result<T, E>>,
    waiting: Waiting,
}

impl<T, E, D> Work for Job<T, E, D>
where
    T: Send + 'static,
    E: CommandError,
    D: FnMut(Loaded, Timestamp) -> Decision<T, E> + Send + 'static,
{
    fn is_given_up(&self) -> bool {
        self.sender.is_closed()
    }

    fn decide(&mut self, loaded: Loaded, now: Timestamp) -> Option<Change> {
        let decision = catch_unwind(AssertUnwindSafe(|| (self.decide)(loaded, now)))
            .unwrap_or_else(|_| Err(LedgerError::Failed(Cause::new("a command panicked")).into()));
        match decision {
            Ok((answer, change)) => {
                self.decided = Some(Ok(answer));
                change
            }
            Err(error) => {
                self.decided = Some(Err(error));
                None
            }
        }
    }

    fn finish(self: Box<Self>, outcome: Result<(), LedgerError>) {
        let Self { decided, sender, waiting, .. } = *self;
        let result = match (outcome, decided) {
            (Err(error), _) => Err(error.into()),
            (Ok(()), Some(decided)) => decided,
            (Ok(()), None) => Err(LedgerError::Closed.into()),
        };
        drop(waiting);
        // Whoever asked may have left.
        let _ = sender.send(result);
    }
}

/// The way to the tasks. They end when this is dropped or closed, after what they have been given.
#[derive(Debug)]
pub(super) struct Writer {
    queue: std::sync::Mutex<Option<mpsc::Sender<Command>>>,
    tasks: TaskTracker,
    metrics: LedgerMetrics,
}

impl Writer {
    /// Starts the tasks.
    pub(super) fn start(pool: &Pool, clock: &Arc<StoreClock>, metrics: LedgerMetrics) -> Self {
        let (queue, commands) = mpsc::channel(QUEUE);
        let commands = Arc::new(Mutex::new(commands));
        let written = Arc::new(AtomicU32::new(0));
        let tasks = TaskTracker::new();
        for _ in 0..WRITERS {
            let task = Task {
                pool: pool.clone(),
                clock: Arc::clone(clock),
                metrics: metrics.clone(),
                written: Arc::clone(&written),
            };
            tasks.spawn(task.run(Arc::clone(&commands)));
        }
        tasks.close();
        Self { queue: std::sync::Mutex::new(Some(queue)), tasks, metrics }
    }

    /// Runs a command in a transaction that is on disk when this returns. `bytes` is the size of what it writes.
    pub(super) async fn run<T, E>(
        &self,
        wanted: Wanted,
        bytes: usize,
        decide: impl FnMut(Loaded, Timestamp) -> Decision<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: CommandError,
    {
        let queue = self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let Some(queue) = queue else { return Err(LedgerError::Closed.into()) };
        let (sender, receiver) = oneshot::channel();
        let job = Job { decide, decided: None, sender, waiting: Waiting::new(&self.metrics) };
        let command = Command { wanted, bytes, work: Box::new(job) };
        let sent = queue.send(command).await;
        drop(queue);
        match sent {
            Ok(()) => receiver.await.unwrap_or_else(|_| Err(LedgerError::Closed.into())),
            Err(_) => Err(LedgerError::Closed.into()),
        }
    }

    #[cfg(test)]
    pub(super) fn metrics(&self) -> &LedgerMetrics {
        &self.metrics
    }

    /// Ends the tasks after what they have been given, and waits for them.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        self.tasks.wait().await;
    }
}

/// Counts a command until it is answered or given up.
struct Waiting(IntGauge);

impl Waiting {
    fn new(metrics: &LedgerMetrics) -> Self {
        metrics.queue.inc();
        Self(metrics.queue.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

struct Task {
    pool: Pool,
    clock: Arc<StoreClock>,
    metrics: LedgerMetrics,
    written: Arc<AtomicU32>,
}

impl Task {
    async fn run(self, commands: Arc<Mutex<mpsc::Receiver<Command>>>) {
        let mut gathered = Vec::with_capacity(LARGEST_GROUP);
        loop {
            let count = commands.lock().await.recv_many(&mut gathered, LARGEST_GROUP).await;
            if count == 0 {
                return;
            }
            let mut waiting: VecDeque<Command> = gathered.drain(..).collect();
            while !waiting.is_empty() {
                self.write(next_group(&mut waiting)).await;
            }
            self.compact().await;
        }
    }

    /// Writes a group, and answers it.
    async fn write(&self, mut group: Vec<Command>) {
        let started = Instant::now();
        let size = group.len();
        let outcome = self.try_often(&mut group).await;
        self.metrics.commit.observe(started.elapsed().as_secs_f64());
        self.metrics.group.observe(size as f64);
        match outcome {
            // Somebody's own fault, perhaps: each is to have only its own.
            Err(LedgerError::Failed(_) | LedgerError::Unreadable { .. } | LedgerError::Full(_))
                if size > 1 =>
            {
                for command in group {
                    let mut alone = vec![command];
                    let outcome = self.try_often(&mut alone).await;
                    alone.into_iter().for_each(|command| command.work.finish(outcome.clone()));
                }
            }
            outcome => group.into_iter().for_each(|command| command.work.finish(outcome.clone())),
        }
    }

    async fn try_often(&self, group: &mut [Command]) -> Result<(), LedgerError> {
        let mut attempts = Attempts::default();
        loop {
            match self.try_once(group).await {
                Ok(()) => return Ok(()),
                Err(fault) => attempts.pause(fault).await?,
            }
        }
    }

    /// Writes a group in one transaction.
    async fn try_once(&self, group: &mut [Command]) -> Result<(), Fault> {
        let session = Session::open(&self.pool).await?;
        let mut done = 0;
        while done < group.len() {
            let round = round(&group[done..]);
            let result = self.round(&session, &mut group[done..done + round], done == 0).await;
            if let Err(fault) = result {
                session.roll_back(fault.is_connected).await;
                return Err(fault);
            }
            done += round;
        }
        session.commit().await
    }

    /// Commands about different instances.
    async fn round(&self, session: &Session, commands: &mut [Command], begin: bool) -> Result<(), Fault> {
        let wanted: Vec<Wanted> = commands.iter().map(|command| command.wanted.clone()).collect();
        let loaded = load(session, &wanted, begin).await?;
        let mut changes: Vec<(Option<Stored>, Change)> = Vec::with_capacity(commands.len());
        let mut changed_tasks = Vec::new();
        for (command, loaded) in commands.iter_mut().zip(loaded) {
            if command.work.is_given_up() {
                continue;
            }
            let (before, tasks) = (loaded.stored.clone(), loaded.tasks.clone());
            let now = self.clock.now();
            if let Some(change) = command.work.decide(loaded, now) {
                let number = before.as_ref().map(|before| before.number);
                changed_tasks.extend(TaskChange::of(&change, number, &tasks));
                changes.push((before, change));
            }
        }
        save(session, &changes, &changed_tasks).await
    }

    /// Adds up the counts now and then. Whoever fails leaves it to the next.
    async fn compact(&self) {
        if self.written.fetch_add(1, Ordering::Relaxed) % COMPACT_EVERY != COMPACT_EVERY - 1 {
            return;
        }
        let Ok(session) = Session::open(&self.pool).await else { return };
        match tokio::try_join!(biased; session.begin(), session.execute(COMPACT, &[])) {
            Ok(_) => drop(session.commit().await),
            Err(fault) => session.roll_back(fault.is_connected).await,
        }
    }
}

/// Does something again, a few times, while it fails in passing.
pub(super) async fn repeated<T, W>(once: impl Fn() -> W) -> Result<T, LedgerError>
where
    W: Future<Output = Result<T, Fault>>,
{
    let mut attempts = Attempts::default();
    loop {
        match once().await {
            Ok(done) => return Ok(done),
            Err(fault) => attempts.pause(fault).await?,
        }
    }
}

/// Counts the attempts at something that may fail only because somebody else is in its way.
#[derive(Debug, Default)]
struct Attempts(u32);

impl Attempts {
    /// Waits a little before the next attempt.
    ///
    /// # Errors
    /// Gives the error of the last attempt when there shall be no further one.
    async fn pause(&mut self, fault: Fault) -> Result<(), LedgerError> {
        self.0 += 1;
        if !fault.is_passing || self.0 >= ATTEMPTS {
            return Err(fault.error);
        }
        tracing::debug!(error = &fault.error as &dyn std::error::Error, "a transaction is repeated");
        // Two that met need not meet again.
        let most = 20 << self.0;
        tokio::time::sleep(Duration::from_millis(fastrand::u64(5..most))).await;
        Ok(())
    }
}

/// Takes commands for one transaction, no more than are light enough together.
fn next_group(waiting: &mut VecDeque<Command>) -> Vec<Command> {
    let mut bytes = 0;
    let mut group = Vec::with_capacity(waiting.len());
    while let Some(command) = waiting.pop_front_if(|command| {
        bytes += command.bytes;
        group.is_empty() || bytes <= HEAVIEST_GROUP
    }) {
        group.push(command);
    }
    group
}

/// So many of the first commands are about different instances.
fn round(commands: &[Command]) -> usize {
    let mut seen = HashSet::with_capacity(commands.len());
    commands.iter().take_while(|command| seen.insert(&command.wanted.key)).count()
}
