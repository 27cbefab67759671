//! Tells others when the app is parked, and when it delivers again.
//!
//! What was told last is read from the ledger whenever this replica takes the lease, so that a restart repeats nothing, and forgets
//! nothing: a park that another process told of ends with an event, too.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::delivery::durable::app_state::{AppState, AppStateCell};
use crate::delivery::durable::shared::Shared;
use crate::delivery::durable::tenure::Tenure;
use crate::domain::{AppName, EventType};
use crate::ledger::{EventFilter, EventRecord, Ledger, LedgerError, NewEvent, PageRequest};

/// Pause before the ledger is asked again that failed.
const RETRY: Duration = Duration::from_secs(1);

/// Tells of every change, until the delivery is stopped.
pub(in crate::delivery::durable) async fn run(shared: Arc<Shared>) {
    let announcer = Announcer {
        app: &shared.app,
        ledger: &*shared.ledger,
        tenure: &shared.tenure,
        state: &shared.app_state,
        event_news: &shared.event_news,
    };
    tokio::select! {
        () = shared.stop.cancelled() => {}
        () = announcer.tell() => {}
    }
}

/// Tells of one app.
#[derive(Debug, Clone, Copy)]
struct Announcer<'a> {
    app: &'a AppName,
    ledger: &'a dyn Ledger,
    tenure: &'a Tenure,
    state: &'a AppStateCell,
    event_news: &'a Notify,
}

impl Announcer<'_> {
    async fn tell(self) {
        loop {
            self.tenure.held().await;
            if let Err(error) = self.tell_under_the_lease().await {
                tracing::error!(app = %self.app, error = &error as &dyn std::error::Error, "an event could not be written");
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Tells of changes until the lease is lost, however soon it comes back: another replica may have told something meanwhile.
    async fn tell_under_the_lease(self) -> Result<(), LedgerError> {
        // Before the epoch is read, so that no change after it is missed.
        let mut changes = self.tenure.watch();
        let Some(epoch) = self.tenure.epoch() else { return Ok(()) };
        let mut state = self.state.watch();
        let mut told = self.told().await?;
        loop {
            let present = state.borrow_and_update().clone();
            if let Some(event) = self.news(&told, &present) {
                let Some(_work) = self.tenure.begin().filter(|work| work.epoch == epoch) else {
                    return Ok(());
                };
                self.ledger.add_event(self.app, event).await?;
                self.event_news.notify_one();
                told = present;
            }
            tokio::select! {
                _ = state.changed() => {}
                _ = changes.changed() => if self.tenure.epoch() != Some(epoch) { return Ok(()) },
            }
        }
    }

    /// What others were told last.
    async fn told(self) -> Result<AppState, LedgerError> {
        let kinds = vec![EventType::AppParked, EventType::AppOpened];
        let filter = EventFilter { kinds, ..EventFilter::default() };
        let mut page = PageRequest::first(1);
        loop {
            let found = self.ledger.events(self.app, &filter, page).await?;
            match (found.items.into_iter().next(), found.next) {
                (Some(EventRecord { event, .. }), _) => {
                    return Ok(event.problem.map_or(AppState::Open, AppState::Parked));
                }
                (None, None) => return Ok(AppState::Unknown),
                (None, after) => page.after = after,
            }
        }
    }

    /// The event that brings what was told up to date.
    fn news(self, told: &AppState, present: &AppState) -> Option<NewEvent> {
        let event = |kind, problem| Some(NewEvent::of_app(kind, self.ledger.now(), problem));
        match (told, present) {
            (AppState::Parked(told), AppState::Parked(present)) if told.code() == present.code() => None,
            (_, AppState::Parked(problem)) => event(EventType::AppParked, Some(problem)),
            (AppState::Parked(_), AppState::Open) => event(EventType::AppOpened, None),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::ledger::memory::MemoryLedger;
    use crate::ledger::{Epoch, Outbox as _, StoredProblem};
    use crate::support::clock::Clock;

    /// The types of all events, oldest first, when there are so many.
    async fn heard(ledger: &MemoryLedger, app: &AppName, count: usize) -> Vec<EventType> {
        for _ in 0..100 {
            tokio::task::yield_now().await;
            let page = PageRequest::first(100);
            let found = ledger.events(app, &EventFilter::default(), page).await.unwrap();
            if found.items.len() >= count {
                return found.items.into_iter().rev().map(|record| record.event.kind).collect();
            }
        }
        panic!("there are fewer events")
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_replica_has_told_meanwhile_is_not_what_this_one_told_last() {
        let (app, ledger) = (AppName::default(), MemoryLedger::new(Clock::manual(1_800_000_000_000)));
        let (tenure, state) = (Tenure::new(true), AppStateCell::default());
        let event_news = Notify::new();
        let announcer =
            Announcer { app: &app, ledger: &ledger, tenure: &tenure, state: &state, event_news: &event_news };
        let later = Instant::now() + Duration::from_secs(600);
        let problem = StoredProblem::new("upstream_auth_failed", "{}");
        let lost_and_regained = async {
            tenure.hold(Epoch(1), later, false);
            state.parked(&problem);
            assert_eq!(heard(&ledger, &app, 1).await, [EventType::AppParked]);
            // At once, as when this process stands still in between.
            tenure.end();
            let opened = NewEvent::of_app(EventType::AppOpened, ledger.now(), None);
            ledger.add_event(&app, opened).await.unwrap();
            tenure.hold(Epoch(3), later, true);
            state.forget();
            state.parked(&problem);
            let expected = [EventType::AppParked, EventType::AppOpened, EventType::AppParked];
            assert_eq!(heard(&ledger, &app, 3).await, expected);
        };
        tokio::select! {
            () = announcer.tell() => {}
            () = lost_and_regained => {}
        }
    }
}
