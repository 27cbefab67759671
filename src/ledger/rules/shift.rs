//! What a clock that was set back does to what is to happen later.

use crate::domain::Timestamp;
use crate::ledger::card::CardRecord;
use crate::ledger::event::EventRecord;
use crate::ledger::record::DeliveryRecord;

/// Brings what lies ahead nearer by as much as the clock was set back.
pub(in crate::ledger) fn shift(record: &mut DeliveryRecord, by_millis: i64, now: Timestamp) {
    for at in [&mut record.due_at, &mut record.pending_since, &mut record.check_at, &mut record.doubt_at] {
        *at = at.map(|at| nearer(at, by_millis, now));
    }
}

/// The same for an event.
pub(in crate::ledger) fn shift_event(record: &mut EventRecord, by_millis: i64, now: Timestamp) {
    record.due_at = record.due_at.map(|at| nearer(at, by_millis, now));
    record.tried_until = nearer(record.tried_until, by_millis, now);
}

/// The same for a card.
pub(in crate::ledger) fn shift_card(card: &mut CardRecord, by_millis: i64, now: Timestamp) {
    card.due_at = card.due_at.map(|at| nearer(at, by_millis, now));
}

fn nearer(at: Timestamp, by_millis: i64, now: Timestamp) -> Timestamp {
    let shifted = Timestamp::from_unix_millis(at.unix_millis() - by_millis).unwrap_or(now);
    if at > now { shifted.max(now) } else { at }
}
