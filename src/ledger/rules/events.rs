//! What is told of a delivery, and what becomes of an event that is sent.

use uuid::Uuid;

use super::change::Change;
use crate::domain::{EventState, EventType, Timestamp};
use crate::ledger::event::{EVENT_TRIED_FOR, EventFilter, EventNumber, EventRecord, EventResult, NewEvent};
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{DeliveryRecord, Revision};
use crate::ledger::words::DeliveryState;

/// What went wrong with an event that was given up because too many waited.
const TOO_MANY: &str = "too many events waited";

/// An event about this instance.
pub(super) fn event(
    record: &DeliveryRecord,
    kind: EventType,
    at: Timestamp,
    problem: Option<&StoredProblem>,
) -> NewEvent {
    NewEvent {
        id: format!("evt_{}", Uuid::new_v4().simple()),
        kind,
        at,
        instance_id: Some(record.key.instance_id.clone()),
        revision: Some(record.revision),
        approval_code: Some(record.approval_code.clone()),
        problem: problem.map(StoredProblem::without_details),
    }
}

/// Somebody was told that this revision will be delivered; `None` when there is nothing to write.
pub(in crate::ledger) fn promise(
    before: &DeliveryRecord,
    revision: Revision,
    now: Timestamp,
) -> Option<Change> {
    let mut change = Change::new(before.clone());
    match before.state? {
        DeliveryState::Pending | DeliveryState::Refused | DeliveryState::Conflict => {
            if before.is_promised || before.revision < revision {
                return None;
            }
            change.record.is_promised = true;
        }
        DeliveryState::Delivered | DeliveryState::Confirmed => {
            before.sent_revision().filter(|sent| *sent >= revision)?;
            change.events.push(event(before, EventType::DeliveryDelivered, now, None));
        }
    }
    Some(change)
}

/// An event as it is first stored; due as soon as no earlier one of its instance waits.
pub(in crate::ledger) fn new_event(event: NewEvent, number: EventNumber) -> EventRecord {
    EventRecord {
        number,
        tried_until: tried_until(event.at),
        event,
        state: EventState::Pending,
        attempts: 0,
        due_at: None,
        ended_at: None,
        last_error: None,
    }
}

fn tried_until(from: Timestamp) -> Timestamp {
    Timestamp::of_clock(from.unix_millis().saturating_add(EVENT_TRIED_FOR.as_millis() as i64))
}

/// What became of an attempt; `attempts` are those that were made before. `None` when it is about an earlier one.
pub(in crate::ledger) fn event_result(
    before: &EventRecord,
    attempts: u32,
    result: EventResult,
    now: Timestamp,
) -> Option<EventRecord> {
    if before.state != EventState::Pending || before.attempts != attempts {
        return None;
    }
    let mut record = EventRecord { attempts: attempts.saturating_add(1), ..before.clone() };
    match result {
        EventResult::Delivered => {
            end(&mut record, EventState::Delivered, now);
            record.last_error = None;
        }
        EventResult::Failed { at, error } => {
            record.last_error = Some(error);
            if now >= record.tried_until {
                end(&mut record, EventState::Dead, now);
            } else {
                record.due_at = Some(at.min(record.tried_until));
            }
        }
        EventResult::Unwanted { error } => {
            end(&mut record, EventState::Dead, now);
            record.last_error = Some(error);
        }
    }
    Some(record)
}

/// Gives up an event because too many wait.
pub(in crate::ledger) fn give_up_event(before: &EventRecord, now: Timestamp) -> EventRecord {
    let mut record = before.clone();
    end(&mut record, EventState::Dead, now);
    record.last_error.get_or_insert_with(|| TOO_MANY.to_owned());
    record
}

fn end(record: &mut EventRecord, state: EventState, now: Timestamp) {
    record.state = state;
    record.due_at = None;
    record.ended_at = Some(now);
}

/// Puts an event back to pending, as if it had just happened; `None` when the filter does not mean it.
pub(in crate::ledger) fn retry_event(
    before: &EventRecord,
    filter: &EventFilter,
    now: Timestamp,
) -> Option<EventRecord> {
    let is_meant = filter.matches(before)
        && match before.state {
            EventState::Dead => true,
            state => filter.states.contains(&state),
        };
    let is_due = before.state == EventState::Pending && before.due_at.is_none_or(|due| due <= now);
    if !is_meant || is_due {
        return None;
    }
    let due_at = before.due_at.map(|_| now);
    Some(EventRecord {
        state: EventState::Pending,
        // Of one that is under way the result must still be known.
        attempts: if before.state == EventState::Pending { before.attempts } else { 0 },
        due_at,
        tried_until: tried_until(now),
        ended_at: None,
        ..before.clone()
    })
}
