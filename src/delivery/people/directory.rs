//! Gathers questions about people into few calls: one at a time, each with as many names as Feishu takes.
//!
//! The first question goes at once. While a call is under way, and for a moment after it began, further ones gather; a call that is full
//! waits for nothing. So a single push waits for nobody, and thousands of names cost a call for each fifty of a kind.
//!
//! A name that Feishu refuses spoils no other one: the two halves of what was asked with it are asked by themselves, and so on.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::cache::{Cache, Found};
use super::metrics::AppPeopleMetrics;
use super::unresolved::LookupFailure;
use crate::domain::{Alias, AliasKind};
use crate::feishu::{CallContext, CallError, FeishuClient, FoundPeople, MOST_OF_A_KIND};
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
type Answer = Result<Found, LookupFailure>;

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
    /// What gathers.
    waiting: VecDeque<Question>,
    /// Halves of what Feishu refused to be asked at once.
    halves: VecDeque<Vec<Question>>,
    /// Whether the last call was about a half.
    was_half: bool,
    /// Where the answers to all questions come that wait or are under way.
    answers: HashMap<Alias<'static>, watch::Receiver<Option<Answer>>>,
    worker: Option<JoinHandle<()>>,
    /// When the last call began about what had gathered.
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
pub(super) fn late(kind: AliasKind) -> LookupFailure {
    LookupFailure::new(CallError::deadline_in_queue(kind.api(), "people who are looked up"), PAUSE)
}

impl Directory {
    pub(super) fn new(feishu: Arc<FeishuClient>, cache: Arc<Cache>, metrics: AppPeopleMetrics) -> Arc<Self> {
        Arc::new(Self { feishu, cache, metrics, state: Mutex::default() })
    }

    /// Why nothing is asked now, if so, and for how long.
    pub(super) fn failure(&self) -> Option<LookupFailure> {
        let mut state = self.lock();
        let now = Instant::now();
        state.failure.take_if(|(until, _)| *until <= now);
        state.failure.as_ref().map(|(until, error)| LookupFailure::new(error.clone(), *until - now))
    }

    /// Asks who has a name, together with everybody who asks the same.
    ///
    /// # Errors
    /// When nothing is asked now, or too much is.
    pub(super) fn ask(self: &Arc<Self>, alias: &Alias<'static>) -> Result<Pending, LookupFailure> {
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
        let receiver = match known {
            Some(answer) => answer.clone(),
            None if state.len() >= most => return None,
            None => {
                let (sender, receiver) = watch::channel(None);
                state.waiting.push_back(Question { alias: alias.clone(), answer: sender });
                state.answers.insert(alias.clone(), receiver.clone());
                receiver
            }
        };
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
                if state.len() == 0 {
                    state.worker = None;
                    return;
                }
                state.next(Instant::now())
            };
            match next {
                Ok(questions) => self.answer(questions).await,
                Err(at) => tokio::time::sleep_until(at).await,
            }
        }
    }

    async fn answer(&self, mut questions: Vec<Question>) {
        let aliases: Vec<_> = questions.iter().map(|question| question.alias.clone()).collect();
        let wants_user_ids = self.lock().denied.is_none_or(|until| until <= Instant::now());
        let context = CallContext::own(Deadline::after(CALL_LIMIT));
        let found = match self.feishu.find_people(&aliases, wants_user_ids, &context).await {
            Err(error) if error.failure.is_about_content() => {
                if questions.len() > 1 {
                    let others = questions.split_off(questions.len() / 2);
                    self.lock().halves.extend([questions, others]);
                    return;
                }
                // Nobody has such a name.
                Ok(FoundPeople::default())
            }
            found => found,
        };
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
                let pause = if error.failure.reported_as().needs_operator() { LONG_PAUSE } else { PAUSE };
                tracing::warn!(
                    app = %self.feishu.name(),
                    api = error.api.as_str(),
                    error = &error as &dyn std::error::Error,
                    pause_s = pause.as_secs(),
                    "people could not be looked up"
                );
                state.failure = Some((Instant::now() + pause, error.clone()));
                // Those who wait are not asked about either.
                let (waiting, halves) =
                    (std::mem::take(&mut state.waiting), std::mem::take(&mut state.halves));
                for question in questions.iter().chain(&waiting).chain(halves.iter().flatten()) {
                    state.end(question, Err(LookupFailure::new(error.clone(), pause)));
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How many names wait.
    fn len(&self) -> usize {
        self.waiting.len() + self.halves.iter().map(Vec::len).sum::<usize>()
    }

    /// What the next call asks, or when that is to be seen. Halves wait for nothing; they and what gathers take turns.
    fn next(&mut self, now: Instant) -> Result<Vec<Question>, Instant> {
        let begins_at = self.begins_at(now);
        let is_others_turn = self.was_half && begins_at.is_none() && !self.waiting.is_empty();
        let half = if is_others_turn { None } else { self.halves.pop_front() };
        self.was_half = half.is_some();
        match (half, begins_at) {
            (Some(half), _) => Ok(half),
            (None, Some(at)) => Err(at),
            (None, None) => Ok(self.take(now)),
        }
    }

    /// When what gathers is asked, if not now.
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

    /// Takes out of what gathers what one call asks.
    fn take(&mut self, now: Instant) -> Vec<Question> {
        self.begun = Some(now);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn question(number: usize) -> Question {
        let alias = Alias { kind: AliasKind::Email, value: format!("{number}@example.com").into() };
        Question { alias, answer: watch::channel(None).0 }
    }

    #[test]
    fn halves_of_what_was_refused_and_what_gathers_take_turns() {
        let begun = Instant::now();
        let mut state = State::default();
        state.waiting.extend((0..2 * MOST_OF_A_KIND).map(question));
        state.halves.extend([vec![question(1_000)], vec![question(1_001), question(1_002)]]);
        assert_eq!(state.len(), 2 * MOST_OF_A_KIND + 3);
        let mut next = |now| state.next(now).map(|questions| questions.len());
        // All that gathers is full, so that only turns decide.
        let turns = [next(begun), next(begun), next(begun), next(begun)];
        assert_eq!(turns, [Ok(1), Ok(MOST_OF_A_KIND), Ok(2), Ok(MOST_OF_A_KIND)]);
        state.waiting.push_back(question(0));
        state.halves.extend([vec![question(1_003)], vec![question(1_004)]]);
        let mut next = |now| state.next(now).map(|questions| questions.len());
        assert_eq!([next(begun), next(begun)], [Ok(1), Ok(1)], "what still gathers holds no half up");
        assert_eq!(next(begun), Err(begun + GATHERING));
        assert_eq!(next(begun + GATHERING), Ok(1));
        assert_eq!(state.len(), 0);
    }
}
