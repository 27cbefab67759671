//! What the result of a push or a check does.

use std::time::Duration;

use super::cards::{self, StoredContext};
use super::change::{Change, EarlierChange};
use super::events::event;
use crate::domain::{EventType, Timestamp};
use crate::ledger::import::ImportCounts;
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::{Attempt, DeliveryRecord, Lane, Sent};
use crate::ledger::report::{DeliveryResult, Report, Reported};
use crate::ledger::words::{DeliveryState, HistoryEvent};

/// Drifts are counted for so long.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Decides about a result; also says what its writer is told.
pub(in crate::ledger) fn report(
    before: &DeliveryRecord,
    report: &Report,
    beside: StoredContext<'_>,
    now: Timestamp,
) -> (Change, Reported) {
    use DeliveryState::{Confirmed, Delivered, Pending};
    let is_desired = report.attempt == before.desired();
    let is_push = is_desired && before.state == Some(Pending);
    // What waits and is to be checked came out of a backup: Feishu may have it, or something newer.
    let is_check = is_desired
        && (matches!(before.state, Some(Delivered | Confirmed)) || (is_push && before.check_at.is_some()));
    let mut step = Step { change: Change::new(before.clone()), report, beside, now };
    let is_current = match &report.result {
        DeliveryResult::Delivered { .. }
        | DeliveryResult::RetryLater { .. }
        | DeliveryResult::Unknown { .. } => is_push,
        // Of what is not kept any more nothing could be sent again, whoever asks for it.
        DeliveryResult::Refused { .. } | DeliveryResult::Conflict { .. } => {
            is_push || (is_check && before.has_document)
        }
        DeliveryResult::Confirmed { .. }
        | DeliveryResult::NotChecked { .. }
        | DeliveryResult::Drift { .. } => is_check,
    };
    let was_pushed = matches!(
        report.result,
        DeliveryResult::Delivered { .. }
            | DeliveryResult::RetryLater { .. }
            | DeliveryResult::Unknown { .. }
            | DeliveryResult::Refused { .. }
    );
    if is_push && was_pushed {
        step.change.record.attempts += 1;
    }
    if is_push && report.log_id.is_some() {
        step.change.record.log_id.clone_from(&report.log_id);
    }
    if is_current && report.people.is_some() {
        step.change.record.people.clone_from(&report.people);
    }
    match &report.result {
        DeliveryResult::Delivered { check_at } if is_current => step.delivered(*check_at),
        DeliveryResult::Delivered { .. } => step.delivered_late(),
        DeliveryResult::RetryLater { at, problem } if is_current => step.retry_later(*at, problem),
        DeliveryResult::Unknown { at, check_at, problem } => {
            step.doubt(*check_at);
            if is_current {
                step.retry_later(*at, problem);
            }
        }
        DeliveryResult::Refused { problem } if is_current => step.refused(problem),
        DeliveryResult::Refused { problem } if report.attempt.revision < before.revision => {
            step.enter(HistoryEvent::Refused, Some(problem));
        }
        DeliveryResult::Conflict { version, problem } => step.conflict(*version, problem, is_current),
        DeliveryResult::Confirmed { check_at } if is_current => step.confirmed(*check_at),
        DeliveryResult::NotChecked { check_at } if is_current => step.not_checked(*check_at),
        DeliveryResult::Drift { .. } if is_current && is_push => step.needs_push(),
        DeliveryResult::Drift { problem } if is_current => step.drift(problem.as_ref()),
        _ => {}
    }
    let Step { change, .. } = step;
    let reported =
        Reported { record: change.record.clone(), is_current, has_cards: !change.cards.is_empty() };
    (change, reported)
}

struct Step<'a> {
    change: Change,
    report: &'a Report,
    beside: StoredContext<'a>,
    now: Timestamp,
}

impl Step<'_> {
    fn enter(&mut self, event: HistoryEvent, problem: Option<&StoredProblem>) {
        let entry = self.change.enter_for(self.report.attempt, event, self.now);
        entry.problem = problem.cloned();
        entry.log_id.clone_from(&self.report.log_id);
    }

    /// Other systems are told, if anybody wants to know.
    fn announce(&mut self, kind: EventType, problem: Option<&StoredProblem>) {
        if self.report.announces {
            self.change.events.push(event(&self.change.record, kind, self.now, problem));
        }
    }

    /// Cards follow what Feishu has.
    fn follow_with_cards(&mut self) {
        if let Some(tasks) = &self.report.tasks {
            cards::delivered(&mut self.change, self.beside, tasks, self.report.attempt.revision, self.now);
        }
    }

    fn delivered(&mut self, check_at: Option<Timestamp>) {
        self.follow_with_cards();
        if self.change.record.is_repair {
            self.enter(HistoryEvent::Repaired, None);
            self.announce(EventType::DriftRepaired, None);
        } else {
            self.enter(HistoryEvent::Delivered, None);
        }
        if self.change.record.is_promised {
            self.announce(EventType::DeliveryDelivered, None);
        }
        self.change.record.is_promised = false;
        self.change.make_settled(Some(DeliveryState::Delivered));
        self.change.count(self.change.record.lane, ImportCounts { delivered: 1, ..ImportCounts::default() });
        self.change.earlier = EarlierChange::Drop;
        let record = &mut self.change.record;
        record.lane = Lane::Interactive;
        record.sent = Some(Sent { attempt: self.report.attempt, at: self.now });
        record.problem = None;
        record.confirmed_at = None;
        record.checks = 0;
        record.check_at = check_at.into_iter().chain(record.doubt_at).min();
        // Where nothing is checked, nothing better is going to be known.
        record.settled_at = (record.status.is_final() && record.check_at.is_none()).then_some(self.now);
    }

    /// Feishu took an attempt that is not desired any more.
    fn delivered_late(&mut self) {
        let Attempt { revision, version } = self.report.attempt;
        let before = &self.change.record;
        if before.sent.is_some_and(|sent| sent.attempt.version >= version) {
            return;
        }
        let (desired, state) = (before.revision, before.state);
        self.follow_with_cards();
        self.enter(HistoryEvent::Delivered, None);
        if revision < desired {
            self.change.not_superseded = Some(revision);
        }
        self.change.record.sent = Some(Sent { attempt: self.report.attempt, at: self.now });
        // It lies over what was believed to be there (a withdrawn line of an import, for one).
        if matches!(state, Some(DeliveryState::Delivered | DeliveryState::Confirmed)) {
            self.push_again();
        }
    }

    /// What was delivered is delivered once more, behind callers' own pushes.
    fn push_again(&mut self) {
        if !self.change.record.has_document {
            return;
        }
        self.change.raise_version(self.now);
        self.change.make_pending(self.now);
        self.change.record.is_repair = true;
        self.change.record.lane = Lane::Repair;
    }

    fn retry_later(&mut self, at: Timestamp, problem: &StoredProblem) {
        let record = &mut self.change.record;
        record.failing_since.get_or_insert(self.now);
        record.due_at = Some(at);
        record.problem = Some(problem.clone());
    }

    fn doubt(&mut self, check_at: Timestamp) {
        let record = &mut self.change.record;
        record.doubt_at = record.doubt_at.max(Some(check_at));
        if matches!(record.state, Some(DeliveryState::Delivered | DeliveryState::Confirmed)) {
            record.check_at = record.check_at.into_iter().chain([check_at]).min();
        }
    }

    fn refused(&mut self, problem: &StoredProblem) {
        self.enter(HistoryEvent::Refused, Some(problem));
        self.announce(EventType::DeliveryRefused, Some(problem));
        self.give_up(DeliveryState::Refused, problem);
    }

    fn conflict(&mut self, version: Option<Timestamp>, problem: &StoredProblem, is_current: bool) {
        let record = &mut self.change.record;
        record.clock = record.clock.max(version.unwrap_or(record.clock));
        if is_current {
            self.enter(HistoryEvent::Conflict, Some(problem));
            self.announce(EventType::DeliveryConflict, Some(problem));
            self.give_up(DeliveryState::Conflict, problem);
        } else if record.state == Some(DeliveryState::Pending) && version.is_some_and(|v| v >= record.version)
        {
            // What waits is to win, so it must be later.
            self.change.raise_version(self.now);
        }
    }

    fn give_up(&mut self, state: DeliveryState, problem: &StoredProblem) {
        self.change.make_settled(Some(state));
        self.change.count(self.change.record.lane, ImportCounts { refused: 1, ..ImportCounts::default() });
        self.change.record.problem = Some(problem.clone());
        self.change.record.settled_at = None;
    }

    fn confirmed(&mut self, check_at: Option<Timestamp>) {
        if self.change.record.state == Some(DeliveryState::Pending) {
            self.delivered(check_at);
        }
        if self.change.record.state == Some(DeliveryState::Delivered) {
            self.enter(HistoryEvent::Confirmed, None);
        }
        let record = &mut self.change.record;
        record.state = Some(DeliveryState::Confirmed);
        record.confirmed_at = Some(self.now);
        record.checks += 1;
        // Whoever asked without the lease may have asked long ago, before something late has arrived.
        let was_asked_now = self.report.epoch.is_some();
        record.doubt_at = record.doubt_at.filter(|doubt| *doubt > self.now || !was_asked_now);
        record.check_at = check_at.into_iter().chain(record.doubt_at).min();
        if record.status.is_final() && record.has_document {
            record.settled_at.get_or_insert(self.now);
        }
    }

    fn not_checked(&mut self, check_at: Option<Timestamp>) {
        self.change.record.check_at = check_at;
        if self.change.record.state == Some(DeliveryState::Pending) && check_at.is_none() {
            self.needs_push();
        }
    }

    /// What came out of a backup and is not in Feishu is pushed like anything else that waits.
    fn needs_push(&mut self) {
        self.change.record.check_at = None;
        self.change.record.due_at = Some(self.now);
    }

    fn drift(&mut self, problem: Option<&StoredProblem>) {
        self.enter(HistoryEvent::Drift, problem);
        let now = self.now;
        let record = &mut self.change.record;
        let elapsed = |since: Timestamp| now.unix_millis().saturating_sub(since.unix_millis());
        if record.drifts_since.is_none_or(|since| elapsed(since) >= DAY.as_millis() as i64) {
            (record.drifts, record.drifts_since) = (0, Some(now));
        }
        record.drifts += 1;
        record.check_at = None;
        self.push_again();
        self.change.record.problem = problem.cloned();
    }
}
