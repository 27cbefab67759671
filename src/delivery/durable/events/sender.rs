//! Sends what is due, one task an app, while this replica has its lease.
//!
//! Of the events about one instance the ledger gives the first only, so none goes past another; those about different instances
//! go side by side.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::body::OutgoingEvent;
use super::pace::{Pace, pause_after};
use crate::delivery::durable::receiver::{Receiver, Refusal, RefusalKind};
use crate::delivery::durable::sending::Sending;
use crate::delivery::durable::shared::Shared;
use crate::domain::{EventState, Word as _};
use crate::ledger::{EventRecord, EventResult};

/// The ledger is asked so often at least: nothing tells of what other replicas put back.
const LOOK: Duration = Duration::from_secs(1);

/// Sends the events of one app.
#[derive(Debug)]
pub(in crate::delivery::durable) struct Sender {
    shared: Arc<Shared>,
    receiver: Arc<Receiver>,
    pace: Pace,
    /// By the instance that each is about.
    sends: Sending<Option<String>, Option<Result<(), Refusal>>>,
}

impl Sender {
    pub(in crate::delivery::durable) fn new(shared: Arc<Shared>, receiver: Arc<Receiver>) -> Self {
        Self { shared, receiver, pace: Pace::default(), sends: Sending::default() }
    }

    /// Runs until the delivery is stopped.
    pub(in crate::delivery::durable) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        while !shared.stop.is_cancelled() {
            let until = if shared.tenure.is_held() { self.begin_due().await } else { Instant::now() + LOOK };
            tokio::select! {
                () = shared.stop.cancelled() => {}
                answer = self.sends.ended() => self.pace.learn(answer.flatten().as_ref(), Instant::now()),
                () = shared.event_news.notified() => {}
                () = tokio::time::sleep_until(until) => {}
            }
        }
        self.sends.finish().await;
    }

    /// Begins to send what is due and finds a place. Says when to look again.
    async fn begin_due(&mut self) -> Instant {
        let now = Instant::now();
        let mut places = self.pace.places(now).saturating_sub(self.sends.len());
        let look = now + LOOK;
        if places == 0 {
            return self
                .pace
                .paused_until()
                .filter(|until| *until > now)
                .map_or(look, |until| until.min(look));
        }
        let shared = Arc::clone(&self.shared);
        let due = match shared.ledger.events_due(&shared.app, places + self.sends.len()).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(app = %shared.app, error = &error as &dyn std::error::Error, "the ledger could not be read");
                return look;
            }
        };
        for record in due.items {
            if places > 0 && !self.sends.has(&record.event.instance_id) {
                places -= 1;
                let about = record.event.instance_id.clone();
                self.sends.begin(about, send(Arc::clone(&shared), Arc::clone(&self.receiver), record));
            }
        }
        due.next_at.map_or(look, |at| look.min(Instant::now() + shared.until(at)))
    }
}

/// Sends an event once, and writes down what became of it; `None` when the lease was lost before.
async fn send(
    shared: Arc<Shared>,
    receiver: Arc<Receiver>,
    record: EventRecord,
) -> Option<Result<(), Refusal>> {
    // Another replica takes the lease only when this is over.
    let _work = shared.tenure.begin()?;
    let event = &record.event;
    let body = OutgoingEvent::new(&shared.app, event).body();
    let sent = receiver.send(&event.id, shared.now().unix_millis(), body).await;
    let result = match &sent {
        Ok(()) => EventResult::Delivered,
        Err(Refusal { kind: RefusalKind::Unwanted, error, .. }) => {
            EventResult::Unwanted { error: error.clone() }
        }
        Err(Refusal { error, pause, .. }) => {
            let pause = pause.unwrap_or_default().max(pause_after(record.attempts.saturating_add(1)));
            EventResult::Failed { at: shared.later(pause), error: error.clone() }
        }
    };
    let write = || shared.ledger.report_event(&shared.app, record.number, record.attempts, result.clone());
    let after = shared.until_written(write).await.flatten();
    let state = after.map_or(record.state, |after| after.state);
    let outcome = match (&sent, state) {
        (Ok(()), _) => "delivered",
        (Err(_), EventState::Dead) => "dead",
        (Err(_), _) => "failed",
    };
    shared.metrics.event_sent(outcome);
    let (kind, attempt) = (event.kind.as_str(), record.attempts.saturating_add(1));
    match &sent {
        Ok(()) => {
            tracing::debug!(app = %shared.app, event_id = event.id, r#type = kind, attempt, "event sent");
        }
        Err(Refusal { error, .. }) => {
            tracing::warn!(app = %shared.app, event_id = event.id, r#type = kind, attempt, state = state.as_str(), error, "an event was not taken");
        }
    }
    Some(sent)
}
