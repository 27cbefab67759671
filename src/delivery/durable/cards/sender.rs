//! Sends and changes the cards that are due, one task an app, while this replica has its lease.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::attempt::{Told, attempt};
use super::pace::Pace;
use crate::delivery::durable::sending::Sending;
use crate::delivery::durable::shared::Shared;
use crate::feishu::{Allowance, FeishuClient};
use crate::ledger::CardNumber;

/// Cards of one app that are under way at the same time.
const AT_ONCE: usize = 16;

/// The ledger is asked so often at least: a replica that had the lease before may have left something.
const LOOK: Duration = Duration::from_secs(1);

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
    attempts: Sending<CardNumber, Told>,
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
            attempts: Sending::default(),
        }
    }

    /// Runs until the delivery is stopped.
    pub(in crate::delivery::durable) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        while !shared.stop.is_cancelled() {
            let until = if shared.tenure.is_held() { self.begin_due().await } else { Instant::now() + LOOK };
            tokio::select! {
                () = shared.stop.cancelled() => {}
                told = self.attempts.ended() => self.learn(told),
                () = shared.card_news.notified() => {}
                () = tokio::time::sleep_until(until) => {}
            }
        }
        self.attempts.finish().await;
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
        let due = match shared.ledger.cards_due(&shared.app, places + self.attempts.len()).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(app = %shared.app, error = &error as &dyn std::error::Error, "the ledger could not be read");
                return look;
            }
        };
        for card in due.items {
            if places > 0 && !self.attempts.has(&card.number) {
                let free_at = self.pace.free_at(&message_windows(&shared.feishu), Instant::now());
                if free_at > Instant::now() {
                    return look.min(free_at);
                }
                self.pace.begun(Instant::now());
                places -= 1;
                let number = card.number;
                self.attempts.begin(number, attempt(Arc::clone(&shared), Arc::clone(&self.reading), card));
            }
        }
        due.next_at.map_or(look, |at| look.min(Instant::now() + shared.until(at)))
    }

    fn learn(&mut self, told: Option<Told>) {
        match told {
            Some(Told::Nothing) | None => {}
            Some(Told::Works) => self.is_trying = false,
            Some(Told::Pause(pause)) => {
                self.is_trying = true;
                self.paused_until = self.paused_until.max(Some(Instant::now() + pause));
            }
        }
    }
}

/// What is left of the rates that cards share with the messages of callers.
fn message_windows(feishu: &FeishuClient) -> Vec<Allowance> {
    let apis = [feishu.send_message_api(), feishu.update_message_api()];
    apis.into_iter().flat_map(|api| feishu.allowances(api, &None)).collect()
}
