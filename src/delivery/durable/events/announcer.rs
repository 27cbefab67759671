//! Tells others when the app is parked, and when it delivers again.
//!
//! What was told last is read from the ledger whenever this replica takes the lease, so that a restart repeats nothing, and forgets
//! nothing: a park that another process told of ends with an event, too.

use std::sync::Arc;
use std::time::Duration;

use crate::delivery::durable::shared::Shared;
use crate::delivery::durable::standing::Standing;
use crate::domain::EventType;
use crate::ledger::{EventFilter, EventRecord, LedgerError, NewEvent, PageRequest};

/// Pause before the ledger is asked again that failed.
const RETRY: Duration = Duration::from_secs(1);

/// Tells of every change, until the delivery is stopped.
pub(in crate::delivery::durable) async fn run(shared: Arc<Shared>) {
    tokio::select! {
        () = shared.stop.cancelled() => {}
        () = tell(&shared) => {}
    }
}

async fn tell(shared: &Shared) {
    loop {
        shared.tenure.held().await;
        if let Err(error) = tell_under_the_lease(shared).await {
            tracing::error!(app = %shared.app, error = &error as &dyn std::error::Error, "an event could not be written");
            tokio::time::sleep(RETRY).await;
        }
    }
}

/// Tells of changes until the lease is lost.
async fn tell_under_the_lease(shared: &Shared) -> Result<(), LedgerError> {
    let mut standing = shared.standing.watch();
    let mut told = told(shared).await?;
    loop {
        let present = standing.borrow_and_update().clone();
        if let Some(event) = news(&told, &present, shared) {
            let Some(_work) = shared.tenure.begin() else { return Ok(()) };
            shared.ledger.add_event(&shared.app, event).await?;
            shared.event_news.notify_one();
            told = present;
        }
        tokio::select! {
            _ = standing.changed() => {}
            () = shared.tenure.changed() => if !shared.tenure.is_held() { return Ok(()) },
        }
    }
}

/// What others were told last.
async fn told(shared: &Shared) -> Result<Standing, LedgerError> {
    let kinds = vec![EventType::AppParked, EventType::AppOpened];
    let filter = EventFilter { kinds, ..EventFilter::default() };
    let mut page = PageRequest::first(1);
    loop {
        let found = shared.ledger.events(&shared.app, &filter, page).await?;
        match (found.items.into_iter().next(), found.next) {
            (Some(EventRecord { event, .. }), _) => {
                return Ok(event.problem.map_or(Standing::Open, Standing::Parked));
            }
            (None, None) => return Ok(Standing::Unknown),
            (None, after) => page.after = after,
        }
    }
}

/// The event that brings what was told up to date.
fn news(told: &Standing, present: &Standing, shared: &Shared) -> Option<NewEvent> {
    match (told, present) {
        (Standing::Parked(told), Standing::Parked(present)) if told.code() == present.code() => None,
        (_, Standing::Parked(problem)) => {
            Some(NewEvent::of_app(EventType::AppParked, shared.now(), Some(problem)))
        }
        (Standing::Parked(_), Standing::Open) => {
            Some(NewEvent::of_app(EventType::AppOpened, shared.now(), None))
        }
        _ => None,
    }
}
