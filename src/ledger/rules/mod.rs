//! What a document, a result or a retry does to the record of an instance: pure functions, the same for every store.

mod accept;
mod cards;
mod change;
mod erase;
mod events;
mod report;
mod retry;
mod shift;
mod tasks;

pub(super) use accept::accept;
pub(super) use cards::{StoredContext, begin_card, card_change, card_result};
pub(super) use change::{BodyChange, CardChange, Change, EarlierChange};
pub(super) use erase::{drop_document, forget, is_outdated, note, withdraw};
pub(super) use events::{event_result, give_up_event, new_event, promise, retry_event};
pub(super) use report::report;
pub(super) use retry::{is_retried, retry};
pub(super) use shift::{shift, shift_card, shift_event};
pub(super) use tasks::tasks;
