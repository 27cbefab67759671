//! Drops events that are old, and gives up those that are too many.

use std::sync::Arc;
use std::time::Duration;

use crate::delivery::durable::shared::Shared;
use crate::ledger::EventRetention;

/// Events that were delivered can be sent again for so long.
const DELIVERED: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Most events of an app that wait.
const MOST_PENDING: u64 = 100_000;

/// Time between two looks while events are written.
const MINUTE: Duration = Duration::from_secs(60);

/// Time between two looks while there can only be old ones.
const HOUR: Duration = Duration::from_secs(3_600);

/// Time between two steps, so that others get their turn.
const STEP: Duration = Duration::from_millis(20);

/// Runs until the delivery is stopped.
pub(in crate::delivery::durable) async fn run(shared: Arc<Shared>) {
    let pause = if shared.receiver.is_some() { MINUTE } else { HOUR };
    let look_again_and_again = async {
        loop {
            shared.tenure.held().await;
            sweep(&shared).await;
            tokio::time::sleep(pause).await;
        }
    };
    tokio::select! {
        () = shared.stop.cancelled() => {}
        () = look_again_and_again => {}
    }
}

async fn sweep(shared: &Shared) {
    let retention = EventRetention {
        delivered_before: shared.earlier(DELIVERED),
        dead_before: shared.earlier(shared.settings.retention),
        most_pending: MOST_PENDING,
    };
    let mut given_up = 0;
    loop {
        match shared.ledger.sweep_events(&shared.app, retention).await {
            Ok(swept) => {
                given_up += swept.given_up;
                if !swept.has_more {
                    break;
                }
            }
            Err(error) => {
                tracing::error!(app = %shared.app, error = &error as &dyn std::error::Error, "old events could not be dropped");
                break;
            }
        }
        tokio::time::sleep(STEP).await;
    }
    if given_up > 0 {
        tracing::warn!(app = %shared.app, events = given_up, "events were given up, because too many waited");
        shared.metrics.events_given_up(given_up);
    }
}
