//! Gathers questions about people into few calls: one at a time, each with as many names as Feishu takes.
//!
//! The first question goes at once. While a call is under way, and for a moment after it began, further ones gather; a call that is full
//! waits for nothing. So a single push waits for nobody, and thousands of names cost a call for each fifty of a kind.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::cache::{Cache, Found};
use super::metrics::AppPeopleMetrics;
use crate::domain::{Alias, AliasKind};
use crate::feishu::{CallContext, CallError, FeishuClient, FoundPeople, MOST_OF_A_KIND, ReportedAs};
use crate::support::deadline::Deadline;

/// Between the beginnings of two calls that are not full: a hundred pushes at full rate need about ten of them.
const GATHERING: Duration = Duration::from_millis(200);

/// Time for one call with its retries.
const CALL_LIMIT: Duration = Duration::from_secs(10);

/// Names that wait at one time, half of them at most for nobody yet.
const MOST_WAITING: usize = 10_000;

/// After a failed call nothing is asked for so long.
const PAUSE: Duration = Duration::from_secs(5);

/// The same where somebody has to do something about it, such as granting a scope.
const LONG_PAUSE: Duration = Duration::from_secs(60);

/// So long it is not asked again for ids that the app may not see.
const DENIED_FOR: Duration = Duration::from_secs(600);

/// What became of a question.
type Answer = Result<Found, CallError>;

/// One of Feishu's two calls that find people.
#[derive(Debug)]
pub(super) struct Directory {
    feishu: Arc<FeishuClient>,
    cache: Arc<Cache>,
    metrics: AppPeopleMetrics,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Question>,
    /// Where the answers to all questions come that wait or are under way.
    answers: HashMap<Alias<'static>, watch::Receiver<Option<Answer>>>,
    worker: Option<JoinHandle<()>>,
    /// When the last call began.
    begun: Option<Instant>,
    /// Until when nothing is asked, and why.
    failure: Option<(Instant, CallError)>,
    /// Until when ids of the tenant are not asked for.
    denied: Option<Instant>,
}

#[derive(Debug)]
struct Question {
    alias: Alias<'static>,
    answer: watch::Sender<Option<Answer>>,
}

/// An answer that is to come.
#[derive(Debug)]
pub(super) struct Pending {
    kind: AliasKind,
    answer: watch::Receiver<Option<Answer>>,
}

impl Pending {
    /// Waits for the answer.
    pub(super) async fn wait(mut self) -> Answer {
        match self.answer.wait_for(Option::is_some).await {
            Ok(answer) => answer.clone().unwrap_or_else(|| Err(late(self.kind))),
            // Whoever was to answer is gone.
            Err(_) => Err(late(self.kind)),
        }
    }
}

/// Why there is no answer when the time is up.
pub(super) fn late(kind: AliasKind) -> CallError {
    CallError::deadline_in_queue(kind.api(), "people who are looked up")
}

impl Directory {
    pub(super) fn new(feishu: Arc<FeishuClient>, cache: Arc<Cache>, metrics: AppPeopleMetrics) -> Arc<Self> {
        Arc::new(Self { feishu, cache, metrics, state: Mutex::default() })
    }

    /// Why nothing is asked now, if so.
    pub(super) fn failure(&self) -> Option<CallError> {
        let mut state = self.lock();
        state.failure.take_if(|(until, _)| *until <= Instant::now());
        state.failure.as_ref().map(|(_, failure)| failure.clone())
    }

    /// Asks who has a name, together with everybody who asks the same.
    ///
    /// # Errors
    /// When nothing is asked now, or too much is.
    pub(super) fn ask(self: &Arc<Self>, alias: &Alias<'static>) -> Result<Pending, CallError> {
        if let Some(failure) = self.failure() {
            return Err(failure);
        }
        let answer = self.enqueue(&mut self.lock(), alias, MOST_WAITING);
        Ok(Pending { kind: alias.kind, answer: answer.ok_or_else(|| late(alias.kind))? })
    }

    /// Asks who has a name, for nobody yet.
    pub(super) fn want(self: &Arc<Self>, alias: &Alias<'static>) {
        if self.failure().is_none() {
            self.enqueue(&mut self.lock(), alias, MOST_WAITING / 2);
        }
    }

    /// Where the answer comes; `None` when so many wait already.
    fn enqueue(
        self: &Arc<Self>,
        state: &mut State,
        alias: &Alias<'static>,
        most: usize,
    ) -> Option<watch::Receiver<Option<Answer>>> {
        // One whose sender is gone without an answer is asked again.
        let known = state.answers.get(alias).filter(|answer| answer.has_changed().is_ok());
        if let Some(answer) = known {
            return Some(answer.clone());
        }
        if state.waiting.len() >= most {
            return None;
        }
        let (sender, receiver) = watch::channel(None);
        state.waiting.push_back(Question { alias: alias.clone(), answer: sender });
        state.answers.insert(alias.clone(), receiver.clone());
        if state.worker.as_ref().is_none_or(JoinHandle::is_finished) {
            state.worker = Some(tokio::spawn(Arc::clone(self).work()));
        }
        Some(receiver)
    }

    /// Makes calls until nobody asks anything.
    async fn work(self: Arc<Self>) {
        loop {
            let next = {
                let mut state = self.lock();
                if state.waiting.is_empty() {
                    state.worker = None;
                    return;
                }
                match state.begins_at(Instant::now()) {
                    Some(at) => Err(at),
                    None => Ok(state.take()),
                }
            };
            match next {
                Ok(questions) => self.answer(questions).await,
                Err(at) => tokio::time::sleep_until(at).await,
            }
        }
    }

    async fn answer(&self, questions: Vec<Question>) {
        let aliases: Vec<_> = questions.iter().map(|question| question.alias.clone()).collect();
        let wants_user_ids = self.lock().denied.is_none_or(|until| until <= Instant::now());
        let context = CallContext::own(Deadline::after(CALL_LIMIT));
        let found = self.feishu.find_people(&aliases, wants_user_ids, &context).await;
        self.metrics.looked_up(aliases.len(), found.is_ok());
        let mut state = self.lock();
        match found {
            Ok(FoundPeople { mut people, user_ids_denied }) => {
                if user_ids_denied {
                    state.denied = Some(Instant::now() + DENIED_FOR);
                }
                for question in &questions {
                    let ids = people.remove(&question.alias);
                    self.cache.note(&question.alias, ids.clone());
                    state.end(question, Ok(ids));
                }
            }
            Err(error) => {
                let pause = pause(&error);
                tracing::warn!(
                    app = %self.feishu.name(),
                    api = error.api.as_str(),
                    error = &error as &dyn std::error::Error,
                    pause_s = pause.as_secs(),
                    "people could not be looked up"
                );
                state.failure = Some((Instant::now() + pause, error.clone()));
                // Those who wait are not asked about either.
                let others = std::mem::take(&mut state.waiting);
                for question in questions.iter().chain(&others) {
                    state.end(question, Err(error.clone()));
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long nothing is asked after a failure.
fn pause(error: &CallError) -> Duration {
    match error.failure.reported_as() {
        ReportedAs::PermissionDenied
        | ReportedAs::AuthFailed
        | ReportedAs::QuotaExhausted
        | ReportedAs::Misconfigured => LONG_PAUSE,
        _ => PAUSE,
    }
}

impl State {
    /// When the next call begins, if not now.
    fn begins_at(&self, now: Instant) -> Option<Instant> {
        let is_full = self.waiting.len() >= MOST_OF_A_KIND
            && AliasKind::ALL.into_iter().any(|kind| self.count(kind) >= MOST_OF_A_KIND);
        let at = self.begun.map(|begun| begun + GATHERING)?;
        (at > now && !is_full).then_some(at)
    }

    fn count(&self, kind: AliasKind) -> usize {
        let of_kind = self.waiting.iter().filter(|question| question.alias.kind == kind);
        of_kind.take(MOST_OF_A_KIND).count()
    }

    /// Takes out what one call asks.
    fn take(&mut self) -> Vec<Question> {
        self.begun = Some(Instant::now());
        let mut counts = HashMap::new();
        let (taken, left): (VecDeque<_>, _) =
            std::mem::take(&mut self.waiting).into_iter().partition(|question: &Question| {
                let count: &mut usize = counts.entry(question.alias.kind).or_default();
                *count += 1;
                *count <= MOST_OF_A_KIND
            });
        self.waiting = left;
        taken.into()
    }

    fn end(&mut self, question: &Question, answer: Answer) {
        self.answers.remove(&question.alias);
        // Nobody may wait for it any more.
        let _ = question.answer.send(Some(answer));
    }
}
