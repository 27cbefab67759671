//! Actions of the last ten minutes: one that is repeated is answered like the first, and not relayed again.

use std::sync::Arc;
use std::time::Duration;

use moka::Entry;
use moka::ops::compute::Op;
use moka::sync::Cache;

use super::answer::Answer;
use crate::domain::{AppName, Timestamp};
use crate::ledger::{ACTION_KNOWN_FOR, ActionKey, ActionRecord, ActionState, Ledger, LedgerError};
use crate::support::clock::Clock;

/// Most actions that are known without a ledger.
const MOST_IN_MEMORY: u64 = 100_000;

/// Pause between two looks at an action that is under way, perhaps on another replica.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How much longer than it may take an action counts as under way: whoever relayed it is gone then.
const GONE_AFTER: Duration = Duration::from_secs(2);

/// The actions that are known of one app.
#[derive(Debug)]
pub(super) struct Repeats {
    app: AppName,
    clock: Clock,
    /// Longest that relaying one takes.
    limit: Duration,
    store: Store,
}

#[derive(Debug)]
enum Store {
    /// Known after a restart, and to every replica.
    Ledger(Arc<dyn Ledger>),
    /// Known to this process.
    Memory(Cache<ActionKey, ActionRecord>),
}

/// How an action stands that somebody wants to begin.
#[derive(Debug)]
pub(super) enum Standing {
    /// It is new, and under way from now on: whoever is told this ends it.
    Begun,
    /// An equal one was answered so.
    Answered(Answer),
    /// An equal one is under way.
    UnderWay,
}

impl Repeats {
    pub(super) fn new(app: AppName, ledger: Option<Arc<dyn Ledger>>, clock: Clock, limit: Duration) -> Self {
        let store = ledger.map_or_else(
            || {
                let cache = Cache::builder().max_capacity(MOST_IN_MEMORY).time_to_live(ACTION_KNOWN_FOR);
                Store::Memory(cache.build())
            },
            Store::Ledger,
        );
        Self { app, clock, limit, store }
    }

    /// The answer to an equal action, if there was one or one is under way. Looks without beginning one.
    pub(super) async fn look(&self, key: ActionKey) -> Result<Option<Standing>, LedgerError> {
        let known = self.known(key).await?.filter(|known| known.holds(self.now()));
        Ok(known.map(standing))
    }

    /// Begins an action, unless an equal one was taken or is under way.
    pub(super) async fn begin(&self, key: ActionKey) -> Result<Standing, LedgerError> {
        let until = self.after(self.limit + GONE_AFTER);
        let record = ActionRecord { state: ActionState::UnderWay, answer: None, until };
        let known = match &self.store {
            Store::Ledger(ledger) => ledger.begin_action(&self.app, key, record).await?,
            Store::Memory(cache) => {
                let now = self.now();
                let mut known = None;
                cache.entry(key).and_compute_with(|entry| {
                    known = entry.map(Entry::into_value).filter(|known| known.holds(now));
                    if known.is_some() { Op::Nop } else { Op::Put(record) }
                });
                known
            }
        };
        Ok(known.map_or(Standing::Begun, standing))
    }

    /// Notes how an action was answered.
    pub(super) async fn end(&self, key: ActionKey, answer: &Answer) -> Result<(), LedgerError> {
        let state = if *answer == Answer::SUCCESS { ActionState::Succeeded } else { ActionState::Failed };
        let answer = serde_json::to_string(answer).ok();
        let record = ActionRecord { state, answer, until: self.after(ACTION_KNOWN_FOR) };
        match &self.store {
            Store::Ledger(ledger) => ledger.end_action(&self.app, key, record).await,
            Store::Memory(cache) => {
                cache.insert(key, record);
                Ok(())
            }
        }
    }

    /// Waits until an action that is under way is answered; `None` when whoever relayed it is gone.
    pub(super) async fn answered(&self, key: ActionKey) -> Result<Option<Answer>, LedgerError> {
        loop {
            let Some(known) = self.known(key).await?.filter(|known| known.counts(self.now())) else {
                return Ok(None);
            };
            match standing(known) {
                Standing::Answered(answer) => return Ok(Some(answer)),
                Standing::Begun | Standing::UnderWay => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    async fn known(&self, key: ActionKey) -> Result<Option<ActionRecord>, LedgerError> {
        match &self.store {
            Store::Ledger(ledger) => ledger.action(&self.app, key).await,
            Store::Memory(cache) => Ok(cache.get(&key)),
        }
    }

    /// The time that all who know the actions go by.
    fn now(&self) -> Timestamp {
        match &self.store {
            Store::Ledger(ledger) => ledger.now(),
            Store::Memory(_) => Timestamp::of_clock(self.clock.unix_millis()),
        }
    }

    fn after(&self, time: Duration) -> Timestamp {
        let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Timestamp::of_clock(self.now().unix_millis().saturating_add(time))
    }
}

fn standing(known: ActionRecord) -> Standing {
    let answer = known.answer.and_then(|answer| serde_json::from_str(&answer).ok());
    match (known.state, answer) {
        (ActionState::UnderWay, _) => Standing::UnderWay,
        (_, Some(answer)) => Standing::Answered(answer),
        (ActionState::Succeeded, None) => Standing::Answered(Answer::SUCCESS),
        (ActionState::Failed, None) => Standing::Answered(Answer::late()),
    }
}
