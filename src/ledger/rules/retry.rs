//! What a retry on request does.

use super::change::Change;
use crate::domain::Timestamp;
use crate::ledger::filter::DeliveryFilter;
use crate::ledger::history::RequestedBy;
use crate::ledger::import::ImportCounts;
use crate::ledger::record::DeliveryRecord;
use crate::ledger::words::{DeliveryState, HistoryEvent};

/// Whether a retry with this filter means this delivery: one that waits only when `pending` is named.
pub(in crate::ledger) fn is_retried(record: &DeliveryRecord, filter: &DeliveryFilter) -> bool {
    let is_pending = record.state == Some(DeliveryState::Pending);
    filter.matches(record) && (!is_pending || filter.states.contains(&DeliveryState::Pending))
}

/// Puts a delivery back to pending; `None` when there is nothing to retry.
pub(in crate::ledger) fn retry(before: &DeliveryRecord, by: &RequestedBy, now: Timestamp) -> Option<Change> {
    let mut change = Change::new(before.clone());
    match before.state? {
        DeliveryState::Pending => {
            change.record.due_at = before.due_at.filter(|due| *due > now).map(|_| now);
            change.record.due_at?;
        }
        DeliveryState::Refused | DeliveryState::Conflict if before.has_document => {
            // Feishu has this version already, or a later one of somebody else.
            if before.state == Some(DeliveryState::Conflict) || !before.is_unsent() {
                change.raise_version(now);
            }
            change.count(before.lane, ImportCounts { refused: -1, ..ImportCounts::default() });
            change.make_pending(now);
        }
        _ => return None,
    }
    let entry = change.enter(HistoryEvent::Retried, now);
    entry.caller.clone_from(&by.caller);
    entry.request_id.clone_from(&by.request_id);
    Some(change)
}
