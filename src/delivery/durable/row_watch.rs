//! Answers those who wait here while another replica delivers: it looks at their rows, again and again, many at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::checks::kept_versions;
use super::shared::Shared;
use super::trouble::Trouble;
use super::waiters::{Event, Taken};
use crate::domain::KnownVersions;
use crate::feishu::CallReport;
use crate::ledger::{DeliveryRecord, DeliveryState, LedgerError};

/// Time before the first look at a row.
const FIRST: Duration = Duration::from_millis(50);

/// Longest time between two looks at a row.
const LONGEST: Duration = Duration::from_millis(500);

/// Looks that come so shortly one after another are made together.
const TOGETHER: Duration = Duration::from_millis(25);

/// Most rows of one look.
const MOST: usize = 500;

/// When a row is looked at next.
#[derive(Debug, Clone, Copy)]
struct Look {
    at: Instant,
    pause: Duration,
}

/// Runs until the delivery is stopped: whoever waits then is answered at once.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut looks = HashMap::new();
    loop {
        let next = if shared.tenure.is_held() {
            // Those who wait are told by the dispatcher.
            looks.clear();
            None
        } else {
            if let Err(error) = look(&shared, &mut looks).await {
                tracing::debug!(app = %shared.app, error = &error as &dyn std::error::Error, "rows could not be read");
            }
            looks.values().map(|look| look.at).min()
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = shared.tenure.changed() => {}
            () = shared.waiters.news.notified() => {}
            () = tokio::time::sleep_until(next.unwrap_or_else(|| Instant::now() + LONGEST)) => {}
        }
    }
}

/// Looks at the rows whose time has come, and tells those who wait for them.
async fn look(shared: &Shared, looks: &mut HashMap<Arc<str>, Look>) -> Result<(), LedgerError> {
    let waiting = shared.waiters.accepted();
    let now = Instant::now();
    looks.retain(|id, _| waiting.contains(id));
    for id in waiting {
        looks.entry(id).or_insert(Look { at: now + FIRST, pause: FIRST });
    }
    let due = |look: &Look| look.at <= now + TOGETHER;
    if !looks.values().any(|look| look.at <= now) {
        return Ok(());
    }
    let ids: Vec<_> =
        looks.iter().filter(|(_, look)| due(look)).map(|(id, _)| Arc::clone(id)).take(MOST).collect();
    for id in &ids {
        if let Some(look) = looks.get_mut(id) {
            look.pause = (look.pause * 3 / 2).min(LONGEST);
            look.at = now + look.pause;
        }
    }
    for record in shared.ledger.deliveries_of(&shared.app, &ids).await? {
        let taken = taken(shared, &record).await;
        for event in taken.into_iter().chain(failed(&record)) {
            shared.waiters.tell_accepted(&record.key.instance_id, &event);
        }
    }
    Ok(())
}

/// What Feishu took last; those who wait for something newer take no notice.
async fn taken(shared: &Shared, record: &DeliveryRecord) -> Option<Event> {
    let attempt = record.sent?.attempt;
    let is_desired = attempt == record.desired();
    Some(Event::Taken(Arc::new(Taken {
        attempt,
        mode: record.mode,
        approval_code: record.approval_code.clone(),
        state: record.state.filter(|_| is_desired).unwrap_or(DeliveryState::Delivered),
        // Only the replica that pushed it knows.
        changes: None,
        log_id: record.log_id.clone().filter(|_| is_desired),
        report: CallReport::default(),
        versions: if is_desired { versions(shared, record).await } else { None },
    })))
}

/// What became of an attempt that Feishu did not take.
fn failed(record: &DeliveryRecord) -> Option<Event> {
    let desired = record.desired();
    match (record.state, &record.problem) {
        (Some(DeliveryState::Refused), Some(problem)) => Some(Event::Refused {
            attempt: desired,
            trouble: Arc::new(Trouble::Stored(problem.clone())),
            report: CallReport::default(),
        }),
        (Some(DeliveryState::Pending), _) => Some(Event::Later { attempt: desired, at: record.due_at? }),
        _ => None,
    }
}

/// What was sent, if somebody wants to have it checked.
async fn versions(shared: &Shared, record: &DeliveryRecord) -> Option<KnownVersions> {
    if !shared.waiters.want_versions(&record.key.instance_id) {
        return None;
    }
    let kept = shared.ledger.document(&record.key).await.ok().flatten()?;
    let is_it = kept.record.desired() == record.desired();
    kept_versions(shared, &kept).ok().filter(|_| is_it)
}
