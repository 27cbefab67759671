//! What takes documents away: forgetting, withdrawing an import, retention.

use super::change::{BodyChange, CardChange, Change, EarlierChange};
use crate::domain::Timestamp;
use crate::ledger::acceptance::{IfMatch, Kept};
use crate::ledger::card::CardRecord;
use crate::ledger::history::HistoryNote;
use crate::ledger::import::ImportCounts;
use crate::ledger::record::{DeliveryRecord, Lane};
use crate::ledger::store::Forgotten;
use crate::ledger::words::{CardState, DeliveryState, HistoryEvent};

/// Adds an entry to the history.
pub(in crate::ledger) fn note(before: &DeliveryRecord, note: HistoryNote, now: Timestamp) -> Change {
    let mut change = Change::new(before.clone());
    let HistoryNote { event, caller, request_id, problem, log_id, detail } = note;
    let entry = change.enter(event, now);
    (entry.caller, entry.request_id, entry.problem) = (caller, request_id, problem);
    (entry.log_id, entry.detail) = (log_id, detail);
    change
}

/// Nothing is desired any more; revision and version clock stay.
fn desire_nothing(change: &mut Change) {
    change.make_settled(None);
    change.body = BodyChange::Drop;
    change.earlier = EarlierChange::Drop;
    let record = &mut change.record;
    record.hash = None;
    record.problem = None;
    record.settled_at = None;
    record.has_document = false;
    record.is_promised = false;
    record.people = None;
    record.lane = Lane::Interactive;
}

/// Whether nothing has changed since then, and nothing waits.
pub(in crate::ledger) fn is_outdated(record: &DeliveryRecord, then: Timestamp) -> bool {
    record.state != Some(DeliveryState::Pending)
        && record.accepted_at < then
        && record.sent.is_none_or(|sent| sent.at < then)
}

/// Erases document and history. `cards` are those of the instance that have not ended.
///
/// # Errors
/// When it must not be erased: nothing is there, something else than was expected is kept, or it still waits.
pub(in crate::ledger) fn forget(
    before: &DeliveryRecord,
    if_match: Option<&IfMatch>,
    cards: &[CardRecord],
) -> Result<Change, Forgotten> {
    if before.state.is_none() && before.history_entries == 0 {
        return Err(Forgotten::NotFound);
    }
    let kept = before.has_document.then_some(before.revision);
    if if_match.is_some_and(|expected| !expected.holds(kept)) {
        return Err(Forgotten::RevisionMismatch { kept });
    }
    if before.state == Some(DeliveryState::Pending) {
        return Err(Forgotten::Pending);
    }
    let mut change = Change::new(before.clone());
    desire_nothing(&mut change);
    change.erases_history = true;
    // What is still to be sent rests until there is another document to make it of.
    let waiting = cards.iter().filter(|card| card.state == CardState::Waiting);
    change.cards.extend(waiting.map(|card| CardChange::Put(CardRecord { due_at: None, ..card.clone() })));
    let record = &mut change.record;
    record.approval_code.clear();
    (record.caller, record.log_id) = (None, None);
    record.history_entries = 0;
    Ok(change)
}

/// Drops the document of an approval that was finished long ago.
pub(in crate::ledger) fn drop_document(before: &DeliveryRecord) -> Change {
    let mut change = Change::new(before.clone());
    change.body = BodyChange::Drop;
    change.record.has_document = false;
    change.record.people = None;
    // Without a document nothing could be repaired.
    change.record.check_at = None;
    change.record.settled_at = None;
    change
}

/// Takes back what a canceled import still has waiting: what stood before, if anything, stands again, as a new revision.
pub(in crate::ledger) fn withdraw(before: &DeliveryRecord, earlier: Option<Kept>, now: Timestamp) -> Change {
    let mut change = Change::new(before.clone());
    change.enter(HistoryEvent::Canceled, now);
    change.count(before.lane, ImportCounts { canceled: 1, ..ImportCounts::default() });
    let Some(Kept { record: earlier, body }) = earlier else {
        desire_nothing(&mut change);
        return change;
    };
    change.body = BodyChange::Put(body);
    change.earlier = EarlierChange::Drop;
    let may_lie_over_it = before.doubt_at != earlier.doubt_at || before.sent != earlier.sent;
    let revision = before.revision.next();
    change.record = DeliveryRecord {
        key: before.key.clone(),
        revision,
        clock: before.clock,
        doubt_at: before.doubt_at,
        sent: before.sent,
        open_tasks: before.open_tasks.clone(),
        log_id: before.log_id.clone(),
        drifts: before.drifts,
        drifts_since: before.drifts_since,
        history_entries: change.record.history_entries,
        ..earlier
    };
    match change.record.state {
        Some(DeliveryState::Pending) => {
            change.raise_version(now);
            change.make_pending(now);
        }
        Some(DeliveryState::Delivered | DeliveryState::Confirmed) => {
            if may_lie_over_it {
                change.raise_version(now);
                change.make_pending(now);
                change.record.is_repair = true;
                change.record.lane = Lane::Repair;
            } else if let Some(sent) = &mut change.record.sent {
                sent.attempt.revision = revision;
            }
        }
        _ => {}
    }
    change
}
