//! What a delivered document does to the cards of its tasks, and what becomes of a card that is sent.

use serde_json::{Map, Value};

use super::change::{CardChange, Change};
use super::erase::note;
use crate::domain::{MessageStatus, Timestamp, Word as _};
use crate::ledger::card::{CardRecord, CardResult, NewCard};
use crate::ledger::delivered_tasks::{CardPerson, DeliveredTask, DeliveredTasks, OpenTasks};
use crate::ledger::history::HistoryNote;
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{DeliveryRecord, Lane, Revision};
use crate::ledger::words::{CardState, DeliveryState, HistoryEvent};

/// What a store holds of an instance beside its record; needed where the report names tasks.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::ledger) struct StoredContext<'a> {
    /// The cards that have not ended.
    pub(in crate::ledger) cards: &'a [CardRecord],
    /// What an import took the place of; needed where the document is a line of one.
    pub(in crate::ledger) earlier: Option<&'a DeliveryRecord>,
}

/// Feishu took a document. Cards are due for tasks that did not wait before; those of tasks that wait no more are to say so.
pub(super) fn delivered(
    change: &mut Change,
    StoredContext { cards, earlier }: StoredContext<'_>,
    document: &DeliveredTasks,
    revision: Revision,
    now: Timestamp,
) {
    let open = || document.tasks.iter().filter(|task| task.closed.is_none());
    let record = &change.record;
    // What waited before anybody noted it is not new.
    let is_known = |task: &DeliveredTask| match &record.open_tasks {
        Some(known) => known.contains(task),
        None => record.sent.is_some(),
    };
    let has_card = |task: &DeliveredTask| cards.iter().any(|card| card.is_open() && card.is_of(task));
    let was_waiting = earlier.is_some_and(|earlier| earlier.state == Some(DeliveryState::Pending));
    // A caller's own has taken the place of the line meanwhile, or it has come back, or is the same.
    let is_own = record.state == Some(DeliveryState::Pending) && record.lane == Lane::Interactive;
    let tells = !document.is_import || was_waiting || is_own;
    let new =
        open().filter(|task| tells && task.wants_card && !is_known(task) && !has_card(task)).map(|task| {
            CardChange::Add(NewCard {
                task_id: task.task_id.clone(),
                person: task.person.clone(),
                round: revision,
                at: now,
            })
        });
    let known = cards.iter().filter_map(|card| match open().find(|task| card.is_of(task)) {
        _ if !card.is_open() => wake(card, now),
        Some(task) if !task.wants_card && is_unsent(card) => Some(withdraw(card, now)),
        Some(task) => wake(card, now).or_else(|| learn(card, &task.person)),
        None => Some(close(card, ending(&card.task_id, document), now)),
    });
    let changes: Vec<_> = new.chain(known.map(CardChange::Put)).collect();
    change.cards.extend(changes);
    change.record.open_tasks = Some(OpenTasks::of(document));
}

/// A card that rests is due again.
fn wake(card: &CardRecord, now: Timestamp) -> Option<CardRecord> {
    let rests = card.state == CardState::Waiting && card.due_at.is_none();
    rests.then(|| CardRecord { since: now, due_at: Some(now), ..card.clone() })
}

/// What the card of a task says that does not wait for its person any more.
fn ending(task_id: &str, document: &DeliveredTasks) -> MessageStatus {
    match document.tasks.iter().find(|task| task.task_id == task_id) {
        // It waits for somebody else.
        Some(task) => task.closed.unwrap_or(MessageStatus::Transferred),
        None => document.gone,
    }
}

/// A card whose person is known by one id more; that of one who is to get it stays as it is, for its message is known by it.
fn learn(card: &CardRecord, person: &CardPerson) -> Option<CardRecord> {
    let known = &card.person;
    let both = CardPerson {
        user_id: known.user_id.clone().or_else(|| person.user_id.clone()),
        open_id: known.open_id.clone().or_else(|| person.open_id.clone()),
    };
    (card.state == CardState::Shown && both != *known).then(|| CardRecord { person: both, ..card.clone() })
}

fn close(card: &CardRecord, status: MessageStatus, now: Timestamp) -> CardRecord {
    let mut card = CardRecord { status: Some(status), ..card.clone() };
    match card.state {
        CardState::Waiting if is_unsent(&card) => end(&mut card, now),
        CardState::Shown => begin_closing(&mut card, now),
        // Somebody may have it: it is sent again, which Feishu recognises, and then changed.
        CardState::Waiting => return wake(&card, now).unwrap_or(card),
        CardState::Closing | CardState::Ended => {}
    }
    card
}

/// Whether certainly nobody has it.
fn is_unsent(card: &CardRecord) -> bool {
    card.state == CardState::Waiting && card.doubts == 0
}

/// A card that is not wanted any more before it was sent.
fn withdraw(card: &CardRecord, now: Timestamp) -> CardRecord {
    let mut card = card.clone();
    end(&mut card, now);
    card
}

fn begin_closing(card: &mut CardRecord, now: Timestamp) {
    card.state = CardState::Closing;
    (card.since, card.due_at, card.attempts) = (now, Some(now), 0);
}

fn end(card: &mut CardRecord, now: Timestamp) {
    card.state = CardState::Ended;
    (card.due_at, card.ended_at) = (None, Some(now));
}

/// An attempt begins; `None` when there is nothing to do any more, or another one has begun.
pub(in crate::ledger) fn begin_card(before: &CardRecord, attempts: u32) -> Option<CardRecord> {
    let is_sending = before.state == CardState::Waiting;
    (before.due_at.is_some() && before.attempts == attempts).then(|| CardRecord {
        attempts: attempts.saturating_add(1),
        doubts: before.doubts.saturating_add(is_sending.into()),
        ..before.clone()
    })
}

/// What became of an attempt, and what is told of it; `None` when another one has begun.
pub(in crate::ledger) fn card_result(
    before: &CardRecord,
    attempts: u32,
    result: CardResult,
    now: Timestamp,
) -> Option<(CardRecord, Option<HistoryNote>)> {
    if before.attempts != attempts || (before.due_at.is_none() && before.state != CardState::Waiting) {
        return None;
    }
    let rests = before.due_at.is_none();
    let mut card = before.clone();
    let is_sending = before.state == CardState::Waiting;
    let note = match result {
        CardResult::Taken { message_id, log_id } => {
            (card.problem, card.doubts) = (None, 0);
            match (is_sending, card.status) {
                (true, None) => {
                    card.state = CardState::Shown;
                    (card.due_at, card.attempts) = (None, 0);
                }
                (true, Some(_)) => begin_closing(&mut card, now),
                (false, _) => end(&mut card, now),
            }
            card.message_id = Some(message_id);
            Some(told(&card, is_sending, None, log_id))
        }
        CardResult::Failed { at, problem, is_in_doubt } => {
            card.problem = Some(problem);
            card.due_at = (!rests).then_some(at);
            if is_sending && !is_in_doubt {
                card.doubts = card.doubts.saturating_sub(1);
                if card.status.is_some() && card.doubts == 0 {
                    end(&mut card, now);
                }
            }
            None
        }
        // What it was to say was erased meanwhile.
        CardResult::Postponed { .. } | CardResult::GivenUp { .. } if rests => return None,
        CardResult::Postponed { at } => {
            card.due_at = Some(at);
            None
        }
        CardResult::GivenUp { problem, log_id, was_tried } => {
            card.problem = Some(problem.clone());
            card.doubts = card.doubts.saturating_sub((is_sending && was_tried).into());
            if card.doubts == 0 {
                end(&mut card, now);
            } else {
                // Somebody may have it from an earlier attempt: it rests until another document is delivered.
                card.due_at = None;
            }
            Some(told(&card, is_sending, Some(problem), log_id))
        }
    };
    Some((card, note))
}

/// What the history is told: of a card that was sent, or of one that was changed.
fn told(
    card: &CardRecord,
    is_sending: bool,
    problem: Option<StoredProblem>,
    log_id: Option<String>,
) -> HistoryNote {
    let CardPerson { user_id, open_id } = &card.person;
    let status = card.status.filter(|_| !is_sending).map(|status| status.as_str().to_owned());
    let members = [
        ("task_id", Some(card.task_id.clone())),
        ("user_id", user_id.clone()),
        ("open_id", open_id.clone()),
        ("message_id", card.message_id.clone()),
        ("status", status),
    ];
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    let detail = Value::Object(Map::from_iter(members)).to_string();
    HistoryNote { problem, log_id, detail: Some(detail), ..HistoryNote::new(HistoryEvent::Notified) }
}

/// What a store writes of a card that has come further, and of its instance.
pub(in crate::ledger) fn card_change(
    instance: &DeliveryRecord,
    card: CardRecord,
    told: Option<HistoryNote>,
    now: Timestamp,
) -> Change {
    let mut change = match told {
        Some(told) => note(instance, told, now),
        None => Change::new(instance.clone()),
    };
    change.cards.push(CardChange::Put(card));
    change
}
