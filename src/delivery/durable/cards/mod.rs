//! Tells people that something waits for them, by a card of the approval bot, and what became of it (design §4.3).
//!
//! The report of a delivered document says what its `tasks` mean for cards, and the ledger writes in the same transaction which are
//! due. The `sender`, one task an app, sends them, and changes them when their tasks are closed; what they say is made by
//! `message` from the kept document when they are sent. It has a queue and an API of its own, so no push waits for a card.

mod attempt;
mod message;
mod pace;
pub(super) mod sender;
mod tasks;

pub(super) use self::tasks::delivered_tasks;
