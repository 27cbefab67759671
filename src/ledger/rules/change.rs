//! What a store has to write.

use crate::domain::Timestamp;
use crate::ledger::body::Body;
use crate::ledger::card::{CardRecord, NewCard};
use crate::ledger::event::NewEvent;
use crate::ledger::history::HistoryEntry;
use crate::ledger::import::{ImportCounts, ImportId};
use crate::ledger::record::{Attempt, DeliveryRecord, Lane, Revision};
use crate::ledger::task::NewTask;
use crate::ledger::words::{DeliveryState, HistoryEvent};

/// Everything that one step changes of an instance; a store writes all of it in one transaction.
#[derive(Debug)]
pub(in crate::ledger) struct Change {
    /// The record as it shall be.
    pub(in crate::ledger) record: DeliveryRecord,
    /// What becomes of the document.
    pub(in crate::ledger) body: BodyChange,
    /// The tasks of a new document, where they are to be known.
    pub(in crate::ledger) tasks: Option<Vec<NewTask>>,
    /// What becomes of the copy that was put aside for an import.
    pub(in crate::ledger) earlier: EarlierChange,
    /// Whether the history so far is erased.
    pub(in crate::ledger) erases_history: bool,
    /// New entries of the history.
    pub(in crate::ledger) entries: Vec<HistoryEntry>,
    /// A revision that was passed over and delivered after all: its entry `superseded` goes.
    pub(in crate::ledger) not_superseded: Option<Revision>,
    /// What is counted for imports.
    pub(in crate::ledger) counts: Vec<(ImportId, ImportCounts)>,
    /// What other systems are told of it.
    pub(in crate::ledger) events: Vec<NewEvent>,
    /// What becomes of cards.
    pub(in crate::ledger) cards: Vec<CardChange>,
}

/// What becomes of a card.
#[derive(Debug)]
pub(in crate::ledger) enum CardChange {
    /// It is due for the first time.
    Add(NewCard),
    /// It has come further.
    Put(CardRecord),
}

/// What becomes of the document.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ledger) enum BodyChange {
    /// It stays.
    Keep,
    /// This one takes its place.
    Put(Body),
    /// It is erased.
    Drop,
}

/// What becomes of the copy of record and document that an import's first line puts aside.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::ledger) enum EarlierChange {
    /// It stays, if there is one.
    Keep,
    /// Record and document as they are before this change are put aside.
    Save,
    /// It is not needed any more.
    Drop,
}

impl Change {
    /// Nothing but this record.
    pub(super) fn new(record: DeliveryRecord) -> Self {
        Self {
            record,
            body: BodyChange::Keep,
            tasks: None,
            earlier: EarlierChange::Keep,
            erases_history: false,
            entries: Vec::new(),
            not_superseded: None,
            counts: Vec::new(),
            events: Vec::new(),
            cards: Vec::new(),
        }
    }

    /// Adds an entry to the history, about what is desired now, and returns it.
    pub(super) fn enter(&mut self, event: HistoryEvent, at: Timestamp) -> &mut HistoryEntry {
        self.enter_for(self.record.desired(), event, at)
    }

    /// Adds an entry to the history, about this attempt, and returns it.
    pub(super) fn enter_for(
        &mut self,
        Attempt { revision, version }: Attempt,
        event: HistoryEvent,
        at: Timestamp,
    ) -> &mut HistoryEntry {
        self.record.history_entries += 1;
        let number = self.record.history_entries;
        self.entries.push(HistoryEntry {
            number,
            at,
            event,
            revision,
            version,
            caller: None,
            request_id: None,
            problem: None,
            log_id: None,
            detail: None,
        });
        let last = self.entries.len() - 1;
        &mut self.entries[last]
    }

    /// Counts something for the import that the instance is delivered for.
    pub(super) fn count(&mut self, lane: Lane, counts: ImportCounts) {
        if let Lane::Import(import) = lane {
            self.counts.push((import, counts));
        }
    }

    /// The record waits to be pushed, at once and as if for the first time.
    pub(super) fn make_pending(&mut self, now: Timestamp) {
        let record = &mut self.record;
        record.state = Some(DeliveryState::Pending);
        record.due_at = Some(now);
        record.pending_since = Some(now);
        record.attempts = 0;
        record.failing_since = None;
        record.problem = None;
        record.check_at = None;
        record.settled_at = None;
    }

    /// The record has reached a state in which nothing is pushed.
    pub(super) fn make_settled(&mut self, state: Option<DeliveryState>) {
        let record = &mut self.record;
        record.state = state;
        record.due_at = None;
        record.pending_since = None;
        record.failing_since = None;
        record.is_repair = false;
        record.check_at = None;
    }

    /// The revision is sent with another version from now on.
    pub(super) fn raise_version(&mut self, now: Timestamp) {
        let version = self.record.next_version(now);
        (self.record.version, self.record.clock) = (version, version);
    }
}
