//! The one thread that writes: commands that come while it commits share the next commit.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use prometheus::IntGauge;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot, watch};

use super::error::{CommandError, classify};
use super::tidy::{REST, Tidied, tidy};
use super::time_seen::TimeSeen;
use super::transaction::Transaction;
use crate::domain::Timestamp;
use crate::ledger::error::{Cause, LedgerError};
use crate::ledger::metrics::LedgerMetrics;
use crate::support::clock::Clock;
use crate::support::error_chain::ErrorChain;

/// Most commands of one transaction.
const LARGEST_GROUP: usize = 128;

/// Commands that wait for the thread; whoever comes then waits for a place.
const QUEUE: usize = 512;

/// Pages of the write-ahead log (8 MiB) that are not in the database yet: then it is brought up to date. In tests often.
const CHECKPOINT_PAGES: i64 = if cfg!(test) { 40 } else { 1_000 };

/// Prepared statements that are kept: all that there are.
const STATEMENTS: usize = 256;

/// What a command leaves behind until its transaction is committed.
struct Done {
    /// Tells whoever waits; with the error of the commit, if that failed.
    answer: Answer,
    /// The command's own error: then what it has written is rolled back.
    error: Option<Option<LedgerError>>,
}

type Answer = Box<dyn FnOnce(Result<(), LedgerError>) + Send>;
type Command = Box<dyn FnOnce(Result<&Transaction<'_>, LedgerError>) -> Done + Send>;

enum Message {
    Write(Command),
    Close(oneshot::Sender<()>),
}

/// The way to the thread. It ends when this is dropped or closed, after what it has been given.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    broken: watch::Receiver<Option<LedgerError>>,
    metrics: LedgerMetrics,
}

/// What the thread takes with it.
pub(super) struct WriterParts {
    /// The only connection that writes.
    pub(super) connection: Connection,
    /// Whatever keeps other processes away; it goes with the connection.
    pub(super) lock: File,
    /// A file of this path is made when the database seems damaged.
    pub(super) suspicion: PathBuf,
    /// Tells when a command runs.
    pub(super) clock: Clock,
    /// The time that was noted last.
    pub(super) seen: TimeSeen,
    /// What is measured.
    pub(super) metrics: LedgerMetrics,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(parts: WriterParts) -> std::io::Result<Self> {
        let (queue, commands) = mpsc::channel(QUEUE);
        let (break_down, broken) = watch::channel(None);
        let metrics = parts.metrics.clone();
        parts.connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let timer = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let thread = Thread { parts, commands, break_down, timer, is_tidy: false };
        std::thread::Builder::new().name("ledger".to_owned()).spawn(move || thread.run())?;
        Ok(Self { queue, broken, metrics })
    }

    /// Runs a command in a transaction that is on disk when this returns.
    pub(super) async fn run<T, E>(
        &self,
        command: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: CommandError,
    {
        let (sender, receiver) = oneshot::channel();
        let waiting = Waiting::new(&self.metrics);
        let command: Command = Box::new(move |transaction| {
            let result = match transaction {
                Ok(transaction) => run_caught(command, transaction),
                Err(error) => Err(error.into()),
            };
            let error = result.as_ref().err().map(|error| error.of_store().cloned());
            let answer: Answer = Box::new(move |committed| {
                let result = result.and_then(|value| committed.map(|()| value).map_err(E::from));
                drop(waiting);
                // Whoever asked may have left.
                let _ = sender.send(result);
            });
            Done { answer, error }
        });
        let result = match self.queue.send(Message::Write(command)).await {
            Ok(()) => receiver.await.ok(),
            Err(_) => None,
        };
        result.unwrap_or_else(|| Err(self.gone().into()))
    }

    #[cfg(test)]
    pub(super) fn metrics(&self) -> &LedgerMetrics {
        &self.metrics
    }

    /// Waits until the thread has ended after an error.
    pub(super) async fn broken(&self) -> LedgerError {
        let mut broken = self.broken.clone();
        if let Ok(error) = broken.wait_for(Option::is_some).await
            && let Some(error) = error.clone()
        {
            return error;
        }
        std::future::pending().await
    }

    /// Ends the thread after what it has been given, and waits for it.
    pub(super) async fn close(&self) {
        let (sender, receiver) = oneshot::channel();
        if self.queue.send(Message::Close(sender)).await.is_ok() {
            let _ = receiver.await;
        }
    }

    fn gone(&self) -> LedgerError {
        self.broken.borrow().clone().unwrap_or(LedgerError::Closed)
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

/// A command that panics fails by itself.
fn run_caught<T, E: From<LedgerError>>(
    command: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    transaction: &Transaction<'_>,
) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(|| command(transaction)))
        .unwrap_or_else(|_| Err(LedgerError::Failed(Cause::new("a command panicked")).into()))
}

struct Thread {
    parts: WriterParts,
    commands: mpsc::Receiver<Message>,
    break_down: watch::Sender<Option<LedgerError>>,
    /// Tells when nothing has come for a while.
    timer: Runtime,
    /// Whether nothing was written since the database was tidied.
    is_tidy: bool,
}

impl Thread {
    fn run(mut self) {
        let mut messages = Vec::with_capacity(LARGEST_GROUP);
        let mut broken = None;
        let mut closing = Vec::new();
        let mut rest = REST;
        loop {
            match self.receive(&mut messages, rest) {
                Some(0) => break,
                Some(_) => rest = REST,
                None => {
                    match self.tidy() {
                        Ok(next) => rest = next,
                        Err(error) => {
                            self.suspect();
                            broken = Some(error);
                            break;
                        }
                    }
                    continue;
                }
            }
            let mut group = Vec::with_capacity(messages.len());
            for message in messages.drain(..) {
                match message {
                    Message::Write(command) => group.push(command),
                    Message::Close(done) => {
                        self.commands.close();
                        closing.push(done);
                    }
                }
            }
            if group.is_empty() {
                continue;
            }
            self.is_tidy = false;
            if let Err(error) = self.write(group).and_then(|()| self.checkpoint()) {
                self.suspect();
                // For those who come later nothing is unknown: they are not written.
                broken = Some(match error {
                    LedgerError::Unknown(cause) => LedgerError::Fatal(cause),
                    other => other,
                });
                break;
            }
        }
        // Whoever is told may open the database again at once.
        let Self { parts: WriterParts { connection, lock, .. }, commands, break_down, .. } = self;
        drop((connection, lock));
        if broken.is_some() {
            break_down.send_replace(broken);
        }
        // This answers whoever still waits in the queue.
        drop(commands);
        for done in closing {
            let _ = done.send(());
        }
    }

    /// Waits for messages and takes them: how many, none when there will be no more; `None` when it is time to tidy.
    fn receive(&mut self, messages: &mut Vec<Message>, rest: Duration) -> Option<usize> {
        let Self { commands, timer, is_tidy, .. } = self;
        timer.block_on(async {
            let receiving = commands.recv_many(messages, LARGEST_GROUP);
            if *is_tidy {
                return Some(receiving.await);
            }
            tokio::time::timeout(rest, receiving).await.ok()
        })
    }

    /// Tidies the database, one step; says how long to rest before the next.
    ///
    /// # Errors
    /// When the disk fails.
    fn tidy(&mut self) -> Result<Duration, LedgerError> {
        let tidied = tidy(&self.parts.connection).map_err(classify);
        self.is_tidy = !matches!(tidied, Ok(Tidied::Step | Tidied::Busy));
        match tidied {
            Ok(Tidied::Step) => Ok(Duration::ZERO),
            Ok(Tidied::Busy | Tidied::Done) => Ok(REST),
            Err(error @ LedgerError::Fatal(_)) => Err(error),
            Err(error) => {
                tracing::warn!(error = %ErrorChain(&error), "the ledger was not tidied");
                Ok(REST)
            }
        }
    }

    /// Writes a group of commands in one transaction, and answers them.
    ///
    /// # Errors
    /// When nothing may be written any more.
    fn write(&mut self, group: Vec<Command>) -> Result<(), LedgerError> {
        let started = Instant::now();
        let size = group.len();
        let mut open = Vec::with_capacity(size);
        let mut fatal = None;
        for command in group {
            let done = match self.begin_if_needed(&fatal) {
                Ok(()) => self.step(command),
                Err(error) => command(Err(error)),
            };
            let error = done.error.clone();
            open.push(done.answer);
            let Some(Some(error)) = error else { continue };
            if matches!(error, LedgerError::Fatal(_)) {
                fatal.get_or_insert(error.clone());
            }
            // SQLite may have rolled back everything by itself: then those before have written nothing either.
            if self.parts.connection.is_autocommit() {
                answer_all(&mut open, &Err(error));
            }
        }
        let outcome = match &fatal {
            Some(error) => Err(error.clone()),
            None => self.note_time().and_then(|()| self.commit()),
        };
        if outcome.is_err() {
            self.roll_back();
        }
        self.parts.metrics.commit.observe(started.elapsed().as_secs_f64());
        self.parts.metrics.group.observe(size as f64);
        answer_all(&mut open, &outcome);
        match outcome {
            Err(error @ (LedgerError::Fatal(_) | LedgerError::Unknown(_))) => Err(error),
            _ => Ok(()),
        }
    }

    fn begin_if_needed(&self, fatal: &Option<LedgerError>) -> Result<(), LedgerError> {
        match fatal {
            Some(error) => Err(error.clone()),
            None if self.parts.connection.is_autocommit() => self.execute("begin immediate"),
            None => Ok(()),
        }
    }

    /// Runs one command so that its failure takes nothing else with it.
    fn step(&self, command: Command) -> Done {
        if let Err(error) = self.execute("savepoint command") {
            return command(Err(error));
        }
        let now = Timestamp::of_clock(self.parts.clock.unix_millis());
        let done = command(Ok(&Transaction { connection: &self.parts.connection, now }));
        if done.error.is_some() && !self.parts.connection.is_autocommit() {
            // Where this fails, so does the commit.
            let _ = self.execute("rollback to command");
        }
        if !self.parts.connection.is_autocommit() {
            let _ = self.execute("release command");
        }
        done
    }

    /// Notes the time with what is written, now and then.
    fn note_time(&mut self) -> Result<(), LedgerError> {
        let WriterParts { connection, clock, seen, .. } = &mut self.parts;
        if connection.is_autocommit() {
            return Ok(());
        }
        seen.note(connection, clock.unix_millis()).map_err(classify)
    }

    fn commit(&self) -> Result<(), LedgerError> {
        if self.parts.connection.is_autocommit() {
            return Ok(());
        }
        self.execute("commit").map_err(|error| match error {
            // The disk has failed between the first byte and the last: nobody knows which of them are there.
            LedgerError::Fatal(cause) => LedgerError::Unknown(cause),
            other => other,
        })
    }

    fn roll_back(&self) {
        if !self.parts.connection.is_autocommit() {
            let _ = self.execute("rollback");
        }
    }

    /// Brings the database up to date when the log has grown; what a reader still needs is left.
    ///
    /// # Errors
    /// When the disk fails: a sync that is repeated after a failure proves nothing.
    fn checkpoint(&self) -> Result<(), LedgerError> {
        let pages = |mode: &str| {
            let mut statement = self.parts.connection.prepare_cached(mode)?;
            statement.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))
        };
        let done = pages("pragma wal_checkpoint(noop)").and_then(|behind| {
            if behind < CHECKPOINT_PAGES { Ok(behind) } else { pages("pragma wal_checkpoint(passive)") }
        });
        match done.map_err(classify) {
            Err(error @ LedgerError::Fatal(_)) => Err(error),
            Err(error) => {
                // The log has everything; a later one may succeed.
                tracing::warn!(error = %ErrorChain(&error), "the ledger's log was not brought into its database");
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    fn execute(&self, sql: &str) -> Result<(), LedgerError> {
        self.parts
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map(drop)
            .map_err(classify)
    }

    /// Leaves everything to the next start, which looks through the whole database.
    fn suspect(&self) {
        // Best effort on a disk that fails. Closing must not trust a second sync and drop the log.
        let _ = self.parts.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        let _ = File::create(&self.parts.suspicion);
    }
}

fn answer_all(open: &mut Vec<Answer>, outcome: &Result<(), LedgerError>) {
    open.drain(..).for_each(|answer| answer(outcome.clone()));
}
