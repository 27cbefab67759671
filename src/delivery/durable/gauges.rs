//! Reads from the ledger what is shown among the metrics, now and then: a scrape must not ask it.

use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;

/// Time between two looks; about as long as that between two scrapes.
const PAUSE: Duration = Duration::from_secs(15);

/// Runs until the delivery is stopped.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        // What cannot be read stays as it was.
        if let Ok(summary) = shared.ledger.summary(&shared.app).await {
            let oldest = summary.oldest_pending.map(|since| shared.since(since));
            shared.metrics.show(&summary, oldest.unwrap_or_default());
        }
        if shared.receiver.is_some()
            && let Ok(summary) = shared.ledger.event_summary(&shared.app).await
        {
            let oldest = summary.oldest.map(|since| shared.since(since));
            shared.metrics.show_events(summary.pending, oldest.unwrap_or_default());
        }
        if let Ok(summary) = shared.ledger.card_summary(&shared.app).await {
            let oldest = summary.oldest.map(|since| shared.since(since));
            shared.metrics.show_cards(summary.waiting, oldest.unwrap_or_default());
        }
        if let Ok(size) = shared.ledger.size().await {
            shared.metrics.show_size(&size);
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
