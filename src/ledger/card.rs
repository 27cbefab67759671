//! Cards: to-do messages to people whose tasks wait, kept from when they are due until they say how the task ended.

use async_trait::async_trait;

use super::delivered_tasks::{CardPerson, DeliveredTask};
use super::due::Due;
use super::error::LedgerError;
use super::problem::StoredProblem;
use super::record::{InstanceKey, Revision};
use super::words::CardState;
use crate::domain::{AppName, MessageStatus, Timestamp};

/// Counts the cards of a store; later ones have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardNumber(pub i64);

/// A card that is due for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCard {
    /// The caller's id of the task.
    pub task_id: String,
    /// Who gets it.
    pub person: CardPerson,
    /// The revision with which the task began to wait: each time is a round of its own.
    pub round: Revision,
    /// When Feishu took it.
    pub at: Timestamp,
}

/// A card as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRecord {
    /// Its number in the store.
    pub number: CardNumber,
    /// The instance that the task belongs to.
    pub instance_id: String,
    /// The caller's id of the task.
    pub task_id: String,
    /// Who gets it.
    pub person: CardPerson,
    /// The revision with which the task began to wait.
    pub round: Revision,
    /// How far it has come.
    pub state: CardState,
    /// What it is to say since the task is closed; absent while the task waits.
    pub status: Option<MessageStatus>,
    /// Since when it has been due for what its state names.
    pub since: Timestamp,
    /// When it is tried next; absent when there is nothing to do, or nothing before another document is delivered.
    pub due_at: Option<Timestamp>,
    /// How often that was begun.
    pub attempts: u32,
    /// Of how many attempts to send it nobody knows whether Feishu took them.
    pub doubts: u32,
    /// Feishu's id of the message, once it was sent.
    pub message_id: Option<String>,
    /// What went wrong the last time.
    pub problem: Option<StoredProblem>,
    /// When there was nothing more to do.
    pub ended_at: Option<Timestamp>,
}

impl CardRecord {
    /// A card as it is first stored.
    pub(super) fn new(number: CardNumber, instance_id: String, card: NewCard) -> Self {
        let NewCard { task_id, person, round, at } = card;
        Self {
            number,
            instance_id,
            task_id,
            person,
            round,
            state: CardState::Waiting,
            status: None,
            since: at,
            due_at: Some(at),
            attempts: 0,
            doubts: 0,
            message_id: None,
            problem: None,
            ended_at: None,
        }
    }

    /// Whether the task waits, as far as the card knows.
    pub(super) fn is_open(&self) -> bool {
        self.status.is_none() && matches!(self.state, CardState::Waiting | CardState::Shown)
    }

    /// Whether it is the card of this task of this person.
    pub(super) fn is_of(&self, task: &DeliveredTask) -> bool {
        self.task_id == task.task_id && self.person.is(&task.person)
    }
}

/// What became of an attempt to send a card, or to change one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardResult {
    /// Feishu took it.
    Taken {
        /// Feishu's id of the message.
        message_id: String,
        /// Feishu's id of the exchange.
        log_id: Option<String>,
    },
    /// It did not, or nobody knows; it is tried again then.
    Failed {
        /// When to try again.
        at: Timestamp,
        /// What went wrong.
        problem: StoredProblem,
        /// Whether Feishu may have taken it all the same.
        is_in_doubt: bool,
    },
    /// Nothing was tried: what is to follow may make it needless. It is looked at again then.
    Postponed {
        /// When.
        at: Timestamp,
    },
    /// Feishu refuses it, or there is nothing to send any more: nothing more is tried. One that somebody may have all the
    /// same is tried again with the next document that is delivered.
    GivenUp {
        /// Whether Feishu refused this attempt; else none was made.
        was_tried: bool,
        /// The reason.
        problem: StoredProblem,
        /// Feishu's id of the exchange.
        log_id: Option<String>,
    },
}

/// How the cards of an app stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CardSummary {
    /// Those that are to be sent or changed.
    pub waiting: u64,
    /// Since when the oldest of them has been.
    pub oldest: Option<Timestamp>,
}

/// Keeps the cards of each app until they say how their tasks ended.
///
/// A report of a delivered document that names its [tasks](super::Report::tasks) writes in its own transaction which cards are due.
#[async_trait]
pub trait Cards: Send + Sync {
    /// The cards that are to be sent or changed now, at most `limit`; those under way are among them.
    async fn cards_due(&self, app: &AppName, limit: usize) -> Result<Due<CardRecord>, LedgerError>;

    /// Notes that an attempt begins; `attempts` are those that were begun before. `None` when there is nothing to do any
    /// more, or another one has begun.
    async fn begin_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        attempts: u32,
    ) -> Result<Option<CardRecord>, LedgerError>;

    /// Writes what became of the attempt with this number, and tells the instance's history of what is final. `None` when
    /// the card is not there any more, or another attempt has begun: then nothing is changed.
    async fn report_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        attempts: u32,
        result: CardResult,
    ) -> Result<Option<CardRecord>, LedgerError>;

    /// Counts of an app's cards.
    async fn card_summary(&self, app: &AppName) -> Result<CardSummary, LedgerError>;
}
