//! Sends and changes the cards that are due, one task an app, while this replica has its lease.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::attempt::{Told, attempt};
use super::pace::Pace;
use crate::delivery::durable::shared::Shared;
use crate::feishu::{Allowance, FeishuClient};
use crate::ledger::CardNumber;

/// Cards of one app that are under way at the same time.
const AT_ONCE: usize = 16;

/// The ledger is asked so often at least: a replica that had the lease before may have left something.
const LOOK: Duration = Duration::from_secs(1);

/// Time for what is under way when the process ends; what is broken off is sent again.
const LAST_LIMIT: Duration = Duration::from_secs(2);

/// Sends the cards of one app.
#[derive(Debug)]
pub(in crate::delivery::durable) struct CardSender {
    shared: Arc<Shared>,
    /// The turn to read a document.
    reading: Arc<Semaphore>,
    /// Until when nothing is sent, because of the app's own trouble.
    paused_until: Option<Instant>,
    /// Whether Feishu has taken nothing since the last trouble: then one card tries.
    is_trying: bool,
    pace: Pace,
    /// What is under way, by its task.
    under_way: HashMap<Id, CardNumber>,
    attempts: JoinSet<Told>,
}

impl CardSender {
    pub(in crate::delivery::durable) fn new(shared: Arc<Shared>) -> Self {
        if let Some(callback) = &shared.callback {
            callback.token.iter().chain(&callback.key).for_each(|secret| shared.feishu.hide(secret));
        }
        Self {
            pace: Pace::new(Instant::now()),
            shared,
            reading: Arc::new(Semaphore::new(1)),
            paused_until: None,
            is_trying: false,
            under_way: HashMap::new(),
            attempts: JoinSet::new(),
        }
    }

    /// Runs until the delivery is stopped.
    pub(in crate::delivery::durable) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        while !shared.stop.is_cancelled() {
            let until = if shared.tenure.is_held() { self.begin_due().await } else { Instant::now() + LOOK };
            tokio::select! {
                () = shared.stop.cancelled() => {}
                Some(ended) = self.attempts.join_next_with_id(), if !self.attempts.is_empty() => self.ended(ended),
                () = shared.card_news.notified() => {}
                () = tokio::time::sleep_until(until) => {}
            }
        }
        let _ =
            tokio::time::timeout(LAST_LIMIT, async { while self.attempts.join_next().await.is_some() {} })
                .await;
    }

    /// Begins what is due and finds a place. Says when to look again.
    async fn begin_due(&mut self) -> Instant {
        let now = Instant::now();
        let look = now + LOOK;
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return until;
        }
        let most = if self.is_trying { 1 } else { AT_ONCE };
        let mut places = most.saturating_sub(self.attempts.len());
        if places == 0 {
            return look;
        }
        let shared = Arc::clone(&self.shared);
        let due = match shared.ledger.cards_due(&shared.app, places + self.under_way.len()).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(app = %shared.app, error = &error as &dyn std::error::Error, "the ledger could not be read");
                return look;
            }
        };
        for card in due.cards {
            if places > 0 && !self.under_way.values().any(|number| *number == card.number) {
                let free_at = self.pace.free_at(&message_windows(&shared.feishu), Instant::now());
                if free_at > Instant::now() {
                    return look.min(free_at);
                }
                self.pace.begun(Instant::now());
                places -= 1;
                let number = card.number;
                let sending = attempt(Arc::clone(&shared), Arc::clone(&self.reading), card);
                self.under_way.insert(self.attempts.spawn(sending).id(), number);
            }
        }
        due.next_at.map_or(look, |at| look.min(Instant::now() + shared.until(at)))
    }

    fn ended(&mut self, ended: Result<(Id, Told), JoinError>) {
        let id = match ended {
            Ok((id, told)) => {
                match told {
                    Told::Nothing => {}
                    Told::Works => self.is_trying = false,
                    Told::Pause(pause) => {
                        self.is_trying = true;
                        self.paused_until = self.paused_until.max(Some(Instant::now() + pause));
                    }
                }
                id
            }
            Err(error) => error.id(),
        };
        self.under_way.remove(&id);
    }
}

/// What is left of the rates that cards share with the messages of callers.
fn message_windows(feishu: &FeishuClient) -> Vec<Allowance> {
    let apis = [feishu.send_message_api(), feishu.update_message_api()];
    apis.into_iter().flat_map(|api| feishu.allowances(api, &None)).collect()
}
