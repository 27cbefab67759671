//! What accepting a document does.

use super::change::{BodyChange, Change, EarlierChange};
use crate::domain::{Mode, Timestamp};
use crate::ledger::acceptance::{AcceptError, Acceptance, AcceptedAs, DocumentSource, Kept, NewDocument};
use crate::ledger::body::Body;
use crate::ledger::import::ImportCounts;
use crate::ledger::record::{DeliveryRecord, Lane};
use crate::ledger::words::{DeliveryState, HistoryEvent};

const ACCEPTED: ImportCounts = ImportCounts { accepted: 1, ..NOTHING };
const NOTHING: ImportCounts = ImportCounts {
    accepted: 0,
    unchanged: 0,
    invalid: 0,
    superseded: 0,
    delivered: 0,
    refused: 0,
    canceled: 0,
};

/// An acceptance as it shall be written.
#[derive(Debug)]
pub(in crate::ledger) struct Decision {
    /// What changes.
    pub(in crate::ledger) change: Change,
    /// How the document compares with the one before.
    pub(in crate::ledger) accepted_as: AcceptedAs,
    /// Whether the caller's version was raised.
    pub(in crate::ledger) is_version_raised: bool,
}

/// Decides about a document; `body` is the kept one, needed only where the document is made of it.
pub(in crate::ledger) fn accept(
    acceptance: &Acceptance,
    before: Option<&DeliveryRecord>,
    body: Option<Body>,
    now: Timestamp,
) -> Result<Decision, AcceptError> {
    let kept = before.filter(|record| record.has_document);
    if let Some(expected) = &acceptance.if_match {
        let kept = kept.map(|record| record.revision);
        if !expected.holds(kept) {
            return Err(AcceptError::RevisionMismatch { kept });
        }
    }
    let document = match &acceptance.document {
        DocumentSource::Given(document) => document.clone(),
        DocumentSource::Made(make) => {
            let kept = kept.cloned().zip(body).map(|(record, body)| Kept { record, body });
            make(kept.as_ref()).map_err(AcceptError::Rejected)?
        }
    };
    match before {
        Some(before) => Comparison { acceptance, document, before, now }.decide(),
        None => Ok(first(acceptance, document, now)),
    }
}

/// The first document of an instance.
fn first(acceptance: &Acceptance, document: NewDocument, now: Timestamp) -> Decision {
    let version = document.version.unwrap_or(now);
    let record = DeliveryRecord {
        key: acceptance.key.clone(),
        approval_code: document.approval_code,
        status: document.status,
        is_whole: document.mode == Mode::Replace,
        mode: document.mode,
        revision: crate::ledger::record::Revision(1),
        version,
        clock: version,
        hash: Some(document.hash),
        accepted_at: now,
        caller: acceptance.caller.clone(),
        lane: lane(acceptance),
        state: None,
        due_at: None,
        pending_since: None,
        attempts: 0,
        failing_since: None,
        problem: None,
        sent: None,
        open_tasks: None,
        people: None,
        log_id: None,
        confirmed_at: None,
        check_at: None,
        checks: 0,
        doubt_at: None,
        drifts: 0,
        drifts_since: None,
        is_repair: false,
        is_promised: acceptance.is_promised,
        has_document: true,
        settled_at: None,
        history_entries: 0,
    };
    let mut change = Change::new(record);
    change.body = BodyChange::Put(document.body);
    change.tasks = acceptance.knows_tasks.then_some(document.tasks);
    accepted(&mut change, acceptance, now);
    Decision { change, accepted_as: AcceptedAs::Changed, is_version_raised: false }
}

/// Makes the record wait as a new revision.
fn accepted(change: &mut Change, acceptance: &Acceptance, now: Timestamp) {
    change.make_pending(now);
    change.record.is_repair = false;
    change.count(lane(acceptance), ACCEPTED);
    entered(change, acceptance, HistoryEvent::Accepted, now);
}

/// Notes who did it.
fn entered(change: &mut Change, acceptance: &Acceptance, event: HistoryEvent, now: Timestamp) {
    let entry = change.enter(event, now);
    entry.caller.clone_from(&acceptance.caller);
    entry.request_id.clone_from(&acceptance.request_id);
}

fn lane(acceptance: &Acceptance) -> Lane {
    acceptance.import.map_or(Lane::Interactive, Lane::Import)
}

/// A document beside the record of the one before.
struct Comparison<'a> {
    acceptance: &'a Acceptance,
    document: NewDocument,
    before: &'a DeliveryRecord,
    now: Timestamp,
}

impl Comparison<'_> {
    fn decide(self) -> Result<Decision, AcceptError> {
        let state = self.before.state.filter(|_| self.is_equal());
        let (accepted_as, mut change) = match state {
            None => return self.changed(),
            Some(DeliveryState::Pending) => self.waiting(),
            Some(DeliveryState::Refused | DeliveryState::Conflict) => (AcceptedAs::Again, self.again()),
            Some(_) if self.acceptance.resend => (AcceptedAs::Again, self.again()),
            Some(_) => (AcceptedAs::Unchanged, self.unchanged()),
        };
        if accepted_as != AcceptedAs::Unchanged {
            change.record.is_promised |= self.acceptance.is_promised;
        }
        Ok(Decision { change, accepted_as, is_version_raised: false })
    }

    /// How the document goes out: as the whole truth, too, when it is merged into one that still waits to go out so.
    fn mode(&self) -> Mode {
        let before = self.before;
        let waits_whole = before.state.is_some() && before.mode == Mode::Replace && before.is_unsent();
        if waits_whole { Mode::Replace } else { self.document.mode }
    }

    /// Whether the caller asks for what is desired already; version and mode count when they were given.
    fn is_equal(&self) -> bool {
        let (document, before) = (&self.document, self.before);
        before.hash == Some(document.hash)
            && document.version.is_none_or(|version| version == before.version)
            && (!document.is_mode_given || self.mode() == before.mode)
    }

    /// The record with what an equal document can still teach.
    fn same(&self) -> Change {
        let mut change = Change::new(self.before.clone());
        change.record.is_whole |= self.document.mode == Mode::Replace;
        change
    }

    fn unchanged(&self) -> Change {
        let mut change = self.same();
        change.count(lane(self.acceptance), ImportCounts { unchanged: 1, ..NOTHING });
        change
    }

    /// What waits goes on waiting; a caller's own push takes it out of an import, another import takes it over.
    fn waiting(&self) -> (AcceptedAs, Change) {
        let (before, lane) = (self.before, lane(self.acceptance));
        if lane == before.lane || (before.lane.import().is_none() && lane.import().is_some()) {
            return (AcceptedAs::Waiting, self.unchanged());
        }
        let mut change = self.same();
        change.record.lane = lane;
        change.count(before.lane, ImportCounts { superseded: 1, ..NOTHING });
        change.count(lane, ACCEPTED);
        if lane.import().is_none() {
            change.record.due_at = before.due_at.map(|due| due.min(self.now));
            change.record.caller.clone_from(&self.acceptance.caller);
            change.earlier = EarlierChange::Drop;
        }
        let accepted_as = if lane.import().is_some() { AcceptedAs::TakenOver } else { AcceptedAs::Waiting };
        (accepted_as, change)
    }

    /// The same revision is sent once more.
    fn again(&self) -> Change {
        let before = self.before;
        let mut change = self.same();
        self.leave_import(&mut change);
        // Feishu has this version already, or a later one of somebody else.
        if before.state == Some(DeliveryState::Conflict) || !before.is_unsent() {
            change.raise_version(self.now);
        }
        change.make_pending(self.now);
        change.record.lane = lane(self.acceptance);
        change.record.caller.clone_from(&self.acceptance.caller);
        change.count(change.record.lane, ACCEPTED);
        entered(&mut change, self.acceptance, HistoryEvent::Retried, self.now);
        change
    }

    fn changed(self) -> Result<Decision, AcceptError> {
        let before = self.before;
        let (version, is_version_raised) = self.version()?;
        let mut change = Change::new(before.clone());
        if before.state == Some(DeliveryState::Pending) && before.is_unsent() {
            change.enter(HistoryEvent::Superseded, self.now);
        }
        self.leave_import(&mut change);
        let mode = self.mode();
        let record = &mut change.record;
        record.is_whole = self.document.mode == Mode::Replace || (before.has_document && before.is_whole);
        record.mode = mode;
        record.revision = before.revision.next();
        (record.version, record.clock) = (version, version);
        record.hash = Some(self.document.hash);
        record.approval_code = self.document.approval_code;
        record.status = self.document.status;
        record.accepted_at = self.now;
        record.caller.clone_from(&self.acceptance.caller);
        record.lane = lane(self.acceptance);
        record.has_document = true;
        // Who was told of what it takes the place of, hears of this one; who was told of a refusal, knows.
        record.is_promised = self.acceptance.is_promised
            || (before.is_promised && before.state == Some(DeliveryState::Pending));
        change.body = BodyChange::Put(self.document.body);
        change.tasks = self.acceptance.knows_tasks.then_some(self.document.tasks);
        accepted(&mut change, self.acceptance, self.now);
        Ok(Decision { change, accepted_as: AcceptedAs::Changed, is_version_raised })
    }

    /// The version of a new revision, and whether the caller's own was raised to it.
    fn version(&self) -> Result<(Timestamp, bool), AcceptError> {
        let latest = self.before.clock;
        match self.document.version {
            None => Ok((self.before.next_version(self.now), false)),
            Some(version) if version > latest => Ok((version, false)),
            Some(_) if self.document.mode == Mode::Update => Err(AcceptError::Stale { latest }),
            Some(_) => Ok((latest.next(), true)),
        }
    }

    /// Counts what this document takes the place of, and puts aside what an import may have to bring back.
    fn leave_import(&self, change: &mut Change) {
        let before = self.before;
        let was_refused = i64::from(before.state != Some(DeliveryState::Pending));
        change.count(before.lane, ImportCounts { superseded: 1, refused: -was_refused, ..NOTHING });
        change.earlier = match (self.acceptance.import, before.lane) {
            (None, _) => EarlierChange::Drop,
            (Some(_), Lane::Import(_)) => EarlierChange::Keep,
            (Some(_), _) if before.has_document => EarlierChange::Save,
            (Some(_), _) => EarlierChange::Drop,
        };
    }
}
