//! Drops what is old: at the start, and every hour.

use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;
use crate::ledger::Retention;

/// Time between two looks.
const HOUR: Duration = Duration::from_secs(3_600);

/// Instances without a change are forgotten after this time (design §3.5).
const RECORDS: Duration = Duration::from_secs(400 * 24 * 3_600);

/// Time between two steps, so that others get their turn.
const STEP: Duration = Duration::from_millis(20);

/// Runs until the delivery is stopped.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = shared.tenure.held() => {}
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = sweep(&shared) => {}
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(HOUR) => {}
        }
    }
}

async fn sweep(shared: &Shared) {
    let retention = Retention {
        documents_before: shared.earlier(shared.settings.retention),
        records_before: shared.earlier(RECORDS),
    };
    let (mut documents, mut records) = (0, 0);
    loop {
        match shared.ledger.sweep(&shared.app, retention).await {
            Ok(swept) => {
                (documents, records) = (documents + swept.documents, records + swept.records);
                if !swept.has_more {
                    break;
                }
            }
            Err(error) => {
                tracing::error!(app = %shared.app, error = &error as &dyn std::error::Error, "what is old could not be dropped");
                break;
            }
        }
        tokio::time::sleep(STEP).await;
    }
    if documents + records > 0 {
        tracing::info!(app = %shared.app, documents, records, "what is old was dropped");
    }
}
