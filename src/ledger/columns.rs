//! Reads rows, whatever database they are of: what the columns mean together is said here once.

use crate::domain::{AppName, EventState, EventType, InstanceStatus, MessageStatus, Mode, Timestamp, Word};
use crate::ledger::action::ActionRecord;
use crate::ledger::app_ticket::AppTicket;
use crate::ledger::card::{CardNumber, CardRecord};
use crate::ledger::definition::DefinitionRecord;
use crate::ledger::delivered_tasks::{CardPerson, OpenTasks};
use crate::ledger::error::LedgerError;
use crate::ledger::event::{EventNumber, EventRecord, NO_INSTANCE, NewEvent};
use crate::ledger::history::HistoryEntry;
use crate::ledger::import::{ImportCounts, ImportId, ImportRecord};
use crate::ledger::kept_people::KeptPeople;
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{Attempt, ContentHash, DeliveryRecord, InstanceKey, Lane, Revision, Sent};
use crate::ledger::task::{ContextHash, NewTask, StoredTask, TaskRecord};
use crate::ledger::words::CardState;

/// Reads the columns of a row one after the other. A database says how it has each kind; the rest follows.
pub(super) trait ColumnReader {
    /// Why a row cannot be read.
    type Error: From<LedgerError>;

    /// The next column, a text or nothing.
    fn optional_text(&mut self) -> Result<Option<String>, Self::Error>;

    /// The next column, a number or nothing.
    fn optional_number(&mut self) -> Result<Option<i64>, Self::Error>;

    /// The next column, bytes or nothing.
    fn optional_bytes(&mut self) -> Result<Option<Vec<u8>>, Self::Error>;

    /// The next column, true or false.
    fn flag(&mut self) -> Result<bool, Self::Error>;

    /// A text.
    fn text(&mut self) -> Result<String, Self::Error> {
        self.optional_text()?.ok_or_else(|| unreadable("text").into())
    }

    /// A number.
    fn number(&mut self) -> Result<i64, Self::Error> {
        self.optional_number()?.ok_or_else(|| unreadable("number").into())
    }

    /// A number that is not negative.
    fn count(&mut self) -> Result<u64, Self::Error> {
        Ok(stored_count(self.number()?)?)
    }

    /// A number that the API bounds to 32 bits, or nothing.
    fn optional_small_count(&mut self) -> Result<Option<u32>, Self::Error> {
        let number = self.optional_number()?;
        Ok(number.map(|number| u32::try_from(number).map_err(|_| unreadable("count"))).transpose()?)
    }

    /// A number that the API bounds to 32 bits.
    fn small_count(&mut self) -> Result<u32, Self::Error> {
        self.optional_small_count()?.ok_or_else(|| unreadable("count").into())
    }

    /// One of the words that the program knows, or nothing.
    fn optional_word<W: Word>(&mut self) -> Result<Option<W>, Self::Error> {
        let word = self.optional_text()?;
        Ok(word.map(|word| W::parse(&word).ok_or_else(|| unreadable(W::NAME))).transpose()?)
    }

    /// One of the words that the program knows.
    fn word<W: Word>(&mut self) -> Result<W, Self::Error> {
        self.optional_word()?.ok_or_else(|| unreadable(W::NAME).into())
    }

    /// A time, or nothing.
    fn optional_time(&mut self) -> Result<Option<Timestamp>, Self::Error> {
        Ok(self.optional_number()?.map(stored_time).transpose()?)
    }

    /// A time.
    fn time(&mut self) -> Result<Timestamp, Self::Error> {
        Ok(stored_time(self.number()?)?)
    }

    /// A problem in two columns, or nothing.
    fn problem(&mut self) -> Result<Option<StoredProblem>, Self::Error> {
        let (code, json) = (self.optional_text()?, self.optional_text()?);
        Ok(code.zip(json).map(|(code, json)| StoredProblem::new(code, json)))
    }

    /// The name of an app.
    fn app(&mut self) -> Result<AppName, Self::Error> {
        self.text()?.parse().map_err(|_| unreadable("app").into())
    }

    /// The name of an instance, in two columns.
    fn key(&mut self) -> Result<InstanceKey, Self::Error> {
        Ok(InstanceKey::new(self.app()?, self.text()?))
    }

    /// A hash, or nothing.
    fn hash<const LENGTH: usize>(&mut self) -> Result<Option<[u8; LENGTH]>, Self::Error> {
        let hash = self.optional_bytes()?.map(<[u8; LENGTH]>::try_from).transpose();
        hash.map_err(|_| unreadable("hash").into())
    }

    /// A lane in two columns.
    fn lane(&mut self) -> Result<Lane, Self::Error> {
        let (class, import) = (self.text()?, self.optional_number()?);
        match (class.as_str(), import) {
            ("interactive", None) => Ok(Lane::Interactive),
            ("repair", None) => Ok(Lane::Repair),
            ("import", Some(import)) => Ok(Lane::Import(ImportId(import))),
            _ => Err(unreadable("class").into()),
        }
    }

    /// What was sent, in three columns, or nothing.
    fn sent(&mut self) -> Result<Option<Sent>, Self::Error> {
        let revision = self.optional_number()?.map(stored_count).transpose()?;
        let (version, at) = (self.optional_time()?, self.optional_time()?);
        Ok(revision.zip(version).zip(at).map(|((revision, version), at)| {
            let attempt = Attempt { revision: Revision(revision), version };
            Sent { attempt, at }
        }))
    }

    /// A record, in the order of `COLUMNS`.
    fn record(&mut self, key: InstanceKey) -> Result<DeliveryRecord, Self::Error> {
        Ok(DeliveryRecord {
            key,
            approval_code: self.text()?,
            status: self.word::<InstanceStatus>()?,
            is_whole: self.flag()?,
            mode: self.word::<Mode>()?,
            revision: Revision(self.count()?),
            version: self.time()?,
            clock: self.time()?,
            hash: self.hash()?.map(ContentHash),
            accepted_at: self.time()?,
            caller: self.optional_text()?,
            lane: self.lane()?,
            state: self.optional_word()?,
            due_at: self.optional_time()?,
            pending_since: self.optional_time()?,
            attempts: self.small_count()?,
            failing_since: self.optional_time()?,
            problem: self.problem()?,
            sent: self.sent()?,
            open_tasks: self.optional_bytes()?.map(OpenTasks::stored),
            people: self.optional_bytes()?.map(KeptPeople::stored),
            log_id: self.optional_text()?,
            confirmed_at: self.optional_time()?,
            check_at: self.optional_time()?,
            checks: self.small_count()?,
            doubt_at: self.optional_time()?,
            drifts: self.small_count()?,
            drifts_since: self.optional_time()?,
            is_repair: self.flag()?,
            is_promised: self.flag()?,
            has_document: self.flag()?,
            settled_at: self.optional_time()?,
            history_entries: self.count()?,
        })
    }

    /// An entry of a history.
    fn history_entry(&mut self) -> Result<HistoryEntry, Self::Error> {
        Ok(HistoryEntry {
            number: self.count()?,
            at: self.time()?,
            event: self.word()?,
            revision: Revision(self.count()?),
            version: self.time()?,
            caller: self.optional_text()?,
            request_id: self.optional_text()?,
            problem: self.problem()?,
            log_id: self.optional_text()?,
            detail: self.optional_text()?,
        })
    }

    /// A definition.
    fn definition(&mut self) -> Result<DefinitionRecord, Self::Error> {
        Ok(DefinitionRecord {
            definition_key: self.text()?,
            approval_code: self.text()?,
            json: self.text()?,
            caller: self.optional_text()?,
            updated_at: self.time()?,
        })
    }

    /// An import.
    fn import(&mut self) -> Result<ImportRecord, Self::Error> {
        Ok(ImportRecord {
            id: ImportId(self.number()?),
            created_at: self.time()?,
            ended_at: self.optional_time()?,
            caller: self.optional_text()?,
            request_id: self.optional_text()?,
            per_minute: self.optional_small_count()?,
            state: self.word()?,
            counts: ImportCounts {
                accepted: self.number()?,
                unchanged: self.number()?,
                invalid: self.number()?,
                superseded: self.number()?,
                delivered: self.number()?,
                refused: self.number()?,
                canceled: self.number()?,
            },
        })
    }

    /// An event.
    fn event(&mut self) -> Result<EventRecord, Self::Error> {
        Ok(EventRecord {
            number: EventNumber(self.number()?),
            event: NewEvent {
                id: self.text()?,
                kind: self.word::<EventType>()?,
                at: self.time()?,
                instance_id: Some(self.text()?).filter(|id| id != NO_INSTANCE),
                revision: self.optional_number()?.map(stored_count).transpose()?.map(Revision),
                approval_code: self.optional_text()?,
                problem: self.problem()?,
            },
            state: self.word::<EventState>()?,
            attempts: self.small_count()?,
            due_at: self.optional_time()?,
            tried_until: self.time()?,
            ended_at: self.optional_time()?,
            last_error: self.optional_text()?,
        })
    }

    /// A card.
    fn card(&mut self) -> Result<CardRecord, Self::Error> {
        Ok(CardRecord {
            number: CardNumber(self.number()?),
            instance_id: self.text()?,
            task_id: self.text()?,
            person: CardPerson { user_id: self.optional_text()?, open_id: self.optional_text()? },
            round: Revision(self.count()?),
            state: self.word::<CardState>()?,
            status: self.optional_word::<MessageStatus>()?,
            since: self.time()?,
            due_at: self.optional_time()?,
            attempts: self.small_count()?,
            doubts: self.small_count()?,
            message_id: self.optional_text()?,
            problem: self.problem()?,
            ended_at: self.optional_time()?,
        })
    }

    /// An action.
    fn action(&mut self) -> Result<ActionRecord, Self::Error> {
        Ok(ActionRecord { state: self.word()?, answer: self.optional_text()?, until: self.time()? })
    }

    /// A ticket of a store app, or nothing.
    fn app_ticket(&mut self) -> Result<Option<AppTicket>, Self::Error> {
        let (ticket, issued_at) = (self.optional_text()?, self.optional_time()?);
        Ok(ticket.zip(issued_at).map(|(ticket, issued_at)| AppTicket { ticket: ticket.into(), issued_at }))
    }

    /// A task that is looked for.
    fn found_task(&mut self) -> Result<TaskRecord, Self::Error> {
        Ok(TaskRecord {
            instance_id: self.text()?,
            task_id: self.text()?,
            round: Revision(self.count()?),
            is_card_over: self.flag()?,
        })
    }

    /// A task of an instance.
    fn task(&mut self) -> Result<StoredTask, Self::Error> {
        let (task_id, is_open) = (self.text()?, self.flag()?);
        let task = NewTask { task_id, is_open, context: self.hash()?.map(ContextHash) };
        Ok(StoredTask { task, round: Revision(self.count()?) })
    }
}

/// A value that has no meaning to this program.
pub(super) fn unreadable(what: &'static str) -> LedgerError {
    LedgerError::Unreadable { what }
}

/// A time as it was stored.
pub(super) fn stored_time(millis: i64) -> Result<Timestamp, LedgerError> {
    Timestamp::from_unix_millis(millis).ok_or(unreadable("time"))
}

fn stored_count(count: i64) -> Result<u64, LedgerError> {
    u64::try_from(count).map_err(|_| unreadable("count"))
}

/// A count as databases store it.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
