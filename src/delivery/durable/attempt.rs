//! One push of a kept document: read it fresh, translate it, send it, write down what became of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio_util::task::TaskTracker;

use super::cards::delivered_tasks;
use super::failed_push::{self, AppTrouble, NextStep};
use super::queue::{CallerName, Class};
use super::schedule;
use super::shared::Shared;
use super::tenure::gate;
use super::trouble::Trouble;
use super::waiters::{Event, Taken};
use crate::delivery::people::{LookupFailure, NotKnown, UnresolvedPeople};
use crate::delivery::verification::sent_versions;
use crate::document::read_instance;
use crate::domain::{Alias, KnownVersions, Mode, NamesPeople as _, Timestamp};
use crate::feishu::translate::{alias_pointers, instance_payload};
use crate::feishu::wire::ProcessRecord;
use crate::feishu::{Api, CallError, CallReport, Called, Permit};
use crate::ledger::{
    Body, DeliveredTasks, DeliveryRecord, DeliveryResult, DeliveryState, Epoch, InstanceKey, Kept,
    KeptPeople, LedgerError, Report, ReportError, StoredProblem,
};
use crate::support::deadline::Deadline;

/// Time for a push with its retries. Quick ones only: what takes longer is the schedule's.
const PUSH_LIMIT: Duration = Duration::from_secs(15);

/// Time for looking people up. A lease that is given away waits for it.
const LOOKUP_LIMIT: Duration = Duration::from_secs(5);

/// A push that leaves later than this after its permit was taken, arrives at an unknown time.
const MOMENT: Duration = Duration::from_millis(20);

/// What is left to do when an attempt has ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Nothing.
    Settled,
    /// The next attempt, at this time.
    Again(Timestamp),
    /// The next attempt, when the app can push again.
    Held(Trouble, AppTrouble),
    /// The next attempt, at once, for this caller: the people are known by now whom the document names.
    LookedUp(CallerName),
}

/// An attempt that has ended: what is left to do, and what those who wait are told.
#[derive(Debug)]
pub(super) struct End {
    pub(super) ended: Ended,
    pub(super) event: Option<Event>,
    /// Whether Feishu took it, or looked at its content: so the app is in no trouble.
    pub(super) proves_app: bool,
    /// What of it may still reach Feishu.
    pub(super) late: Option<TaskTracker>,
}

impl End {
    fn nothing(ended: Ended) -> Self {
        Self { ended, event: None, proves_app: false, late: None }
    }
}

/// Pushes an instance once, if it is still due.
pub(super) async fn attempt(
    shared: &Shared,
    key: &InstanceKey,
    class: Class,
    epoch: Epoch,
    permit: Permit,
) -> End {
    let taken = Instant::now();
    let reading = shared.payloads.reading().await;
    let kept = match shared.ledger.document(key).await {
        Ok(kept) => kept,
        Err(error) => return ledger_failed(error),
    };
    // It was delivered, withdrawn or put off since it was found.
    let is_due = |record: &DeliveryRecord| {
        record.state == Some(DeliveryState::Pending) && record.due_at.is_some_and(|at| at <= shared.now())
    };
    let Some(kept) = kept.filter(|kept| is_due(&kept.record)) else { return End::nothing(Ended::Settled) };
    let begun = Instant::now();
    let Kept { record, body } = kept;
    let line = Line { shared, record: &record, class, epoch, begun, people: None };
    let push = match Push::of(shared, &record, &body) {
        Ok(push) => Push { payload: reading.hold(push.payload).await, ..push },
        Err(NoPush::Trouble(trouble)) => return refuse(line, trouble, CallReport::default()).await,
        Err(NoPush::People(not_known)) => {
            // Others push meanwhile.
            drop((reading, body));
            shared.feishu.give_back(Api::SyncInstance, permit);
            return without_people(line, not_known).await;
        }
    };
    drop(body);
    if taken.elapsed() > MOMENT {
        permit.delay();
    }
    let late = TaskTracker::new();
    let deadline = Deadline::after(PUSH_LIMIT);
    let may_send = gate(&shared.tenure, epoch);
    let pushed = shared.feishu.sync_instance(permit, push.payload, late.clone(), deadline, &may_send).await;
    late.close();
    shared.activity.pushed(shared.now());
    let line = Line { people: push.people.as_ref(), ..line };
    let end = match pushed {
        Ok(called) => take(line, push.mode, push.versions, push.tasks, called).await,
        Err(error) => fail(line, error, push.aliases).await,
    };
    End { late: (!late.is_empty()).then_some(late), ..end }
}

/// A kept document as it is sent.
struct Push {
    mode: Mode,
    payload: Bytes,
    /// What is sent, if somebody wants to have it checked.
    versions: Option<KnownVersions>,
    /// What cards must know of it.
    tasks: DeliveredTasks,
    /// Who was found for the aliases in it.
    people: Option<KeptPeople>,
    /// The pointers of these.
    aliases: Vec<String>,
}

/// Why a document is not sent now.
enum NoPush {
    Trouble(Trouble),
    People(NotKnown),
}

impl From<Trouble> for NoPush {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Push {
    fn of(shared: &Shared, record: &DeliveryRecord, body: &Body) -> Result<Self, NoPush> {
        let json = body.json().map_err(Trouble::Ledger)?;
        let id = &*record.key.instance_id;
        let mode = mode(record);
        let mut instance = read_instance(&json, Some(id), mode, shared.rules).map_err(Trouble::Unreadable)?;
        let remembered = record.people.as_ref().map(KeptPeople::known).unwrap_or_default();
        let people = shared.people.known(&instance, &remembered).map_err(NoPush::People)?;
        instance.resolve(&people);
        let versions = shared.waiters.want_versions(id).then(|| sent_versions(&instance, record.version));
        let payload = instance_payload(&instance, mode, record.version).map_err(Trouble::Oversized)?;
        let is_import = record.lane.import().is_some();
        let tasks = delivered_tasks(&instance, shared.rules.cards.by_default, is_import);
        let aliases = alias_pointers(&instance);
        Ok(Self { mode, payload, versions, tasks, people: KeptPeople::of(&people), aliases })
    }
}

/// An update cannot bring back what was removed, so what has drifted is repaired whole if all of it is known.
fn mode(record: &DeliveryRecord) -> Mode {
    if record.is_repair && record.is_whole { Mode::Replace } else { record.mode }
}

/// What the one line of an attempt in the log is made of.
#[derive(Clone, Copy)]
struct Line<'a> {
    shared: &'a Shared,
    record: &'a DeliveryRecord,
    class: Class,
    epoch: Epoch,
    begun: Instant,
    people: Option<&'a KeptPeople>,
}

impl Line<'_> {
    /// What the ledger is told of the attempt.
    fn report(&self, result: DeliveryResult, log_id: Option<String>) -> Report {
        let Self { record, epoch, people, .. } = self;
        let report = Report::new(record.key.clone(), record.desired(), result);
        Report { epoch: Some(*epoch), log_id, people: people.cloned(), ..report }
    }

    /// Ids stand at `debug` only, as everywhere in the log.
    fn write(&self, state: DeliveryState, problem: Option<&StoredProblem>, log_id: Option<&str>) {
        use crate::domain::Word as _;
        let Self { shared, record, class, epoch: _, begun, people: _ } = self;
        tracing::info!(
            app = %shared.app,
            revision = record.revision.0,
            attempt = record.attempts + 1,
            class = class.as_str(),
            state = state.as_str(),
            problem = problem.map(StoredProblem::code),
            duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            log_id,
            "delivery attempted"
        );
        tracing::debug!(app = %shared.app, instance_id = record.key.instance_id, revision = record.revision.0, "attempted");
    }
}

/// Feishu took it.
async fn take(
    line: Line<'_>,
    mode: Mode,
    versions: Option<KnownVersions>,
    tasks: DeliveredTasks,
    called: Called<Option<ProcessRecord>>,
) -> End {
    let Line { shared, record, .. } = line;
    let Called { data: changes, log_id, report } = called;
    let reconcile = shared.settings.reconcile;
    let check = schedule::next_check(0, Duration::ZERO, record.status.is_final(), reconcile);
    // Something of the replica that pushed before may still arrive, and lie over it.
    let check = if shared.tenure.is_fresh() { Some(schedule::DOUBT) } else { check };
    let check_at = check.map(|after| shared.later(after));
    let delivered = line.report(DeliveryResult::Delivered { check_at }, log_id.clone());
    let reported = write(shared, Report { tasks: Some(tasks), ..delivered }).await;
    line.write(DeliveryState::Delivered, None, log_id.as_deref());
    shared.metrics.delivered(shared.since(record.pending_since.unwrap_or(record.accepted_at)));
    let desired = record.desired();
    // Of what was taken, also when something newer waits by now.
    let state = reported.as_ref().filter(|now| now.desired() == desired).and_then(|now| now.state);
    let taken = Taken {
        attempt: desired,
        mode,
        approval_code: record.approval_code.clone(),
        state: state.unwrap_or(DeliveryState::Delivered),
        changes,
        log_id,
        report,
        versions,
    };
    End {
        ended: next(reported.as_ref()),
        event: Some(Event::Taken(Arc::new(taken))),
        proves_app: true,
        late: None,
    }
}

/// Feishu did not take it, or nobody knows.
async fn fail(line: Line<'_>, error: CallError, aliases: Vec<String>) -> End {
    let Line { shared, record, .. } = line;
    let failures = record.attempts + 1;
    let next_step = failed_push::next_step(&error, failures, record.problem.as_ref());
    let in_doubt = failed_push::is_in_doubt(&error);
    let report = error.report.clone();
    let trouble = Trouble::Push { error: Box::new(error.clone()), aliases: aliases.into() };
    let pause = match next_step {
        NextStep::Refuse => return refuse(line, trouble, report).await,
        // The trouble says nothing about the instance, unless it may have been applied.
        NextStep::Hold(app) if !in_doubt => {
            let problem = (shared.describe)(&trouble);
            line.write(DeliveryState::Pending, Some(&problem), report.log_id.as_deref());
            return End::nothing(Ended::Held(trouble, app));
        }
        NextStep::Hold(app) => app.pause,
        NextStep::Retry(pause) => pause,
    };
    let problem = failed_push::counted((shared.describe)(&trouble), &error, record.problem.as_ref());
    line.write(DeliveryState::Pending, Some(&problem), report.log_id.as_deref());
    let at = shared.later(pause);
    shared.metrics.retried(record.lane.class());
    let result = if in_doubt {
        DeliveryResult::Unknown { at, check_at: shared.later(schedule::DOUBT), problem }
    } else {
        DeliveryResult::RetryLater { at, problem }
    };
    let reported = write(shared, line.report(result, report.log_id.clone())).await;
    let ended = match next_step {
        NextStep::Hold(app) => Ended::Held(trouble, app),
        _ => next(reported.as_ref()),
    };
    End { ended, event: Some(Event::Later { attempt: record.desired(), at }), proves_app: false, late: None }
}

/// Nothing is sent before it is known whom the document names.
async fn without_people(line: Line<'_>, not_known: NotKnown) -> End {
    let unresolved = match not_known {
        NotKnown::NotAsked(aliases) => look_up(line, &aliases).await.err(),
        NotKnown::Unresolved(unresolved) => Some(unresolved),
    };
    match unresolved {
        None => End::nothing(Ended::LookedUp(line.record.caller.as_deref().map(Arc::from))),
        Some(UnresolvedPeople::Failed(failure)) => lookup_failed(line, failure).await,
        Some(unknown @ UnresolvedPeople::Unknown(_)) => {
            refuse(line, Trouble::People(unknown), CallReport::default()).await
        }
    }
}

/// Has people looked up. Meanwhile the instance takes no other one's place.
async fn look_up(line: Line<'_>, aliases: &[Alias<'static>]) -> Result<(), UnresolvedPeople> {
    let Line { shared, record, .. } = line;
    shared.in_flight.look_up(&record.key.instance_id);
    let remembered = record.people.as_ref().map(KeptPeople::known).unwrap_or_default();
    shared.people.look_up(aliases, &remembered, Deadline::after(LOOKUP_LIMIT)).await
}

/// Only those wait who need a lookup, however the app is.
async fn lookup_failed(line: Line<'_>, failure: LookupFailure) -> End {
    let Line { shared, record, .. } = line;
    let needs_operator = failure.error.failure.reported_as().needs_operator();
    let at = shared.later(schedule::lookup(failure.pause, needs_operator, record.attempts + 1));
    let problem = (shared.describe)(&Trouble::People(failure.into()));
    line.write(DeliveryState::Pending, Some(&problem), None);
    shared.metrics.retried(record.lane.class());
    let reported = write(shared, line.report(DeliveryResult::RetryLater { at, problem }, None)).await;
    let event = Some(Event::Later { attempt: record.desired(), at });
    End { ended: next(reported.as_ref()), event, proves_app: false, late: None }
}

/// Its content is refused, and nothing more is tried.
async fn refuse(line: Line<'_>, trouble: Trouble, report: CallReport) -> End {
    let Line { shared, record, .. } = line;
    let problem = (shared.describe)(&trouble);
    line.write(DeliveryState::Refused, Some(&problem), report.log_id.as_deref());
    let log_id = report.log_id.clone();
    let reported = write(shared, line.report(DeliveryResult::Refused { problem }, log_id)).await;
    let proves_app = report.attempts > 0;
    let event = Event::Refused { attempt: record.desired(), trouble: Arc::new(trouble), report };
    End { ended: next(reported.as_ref()), event: Some(event), proves_app, late: None }
}

/// Writes a result; the instance is under way so long. One that is lost repeats a push.
async fn write(shared: &Shared, report: Report) -> Option<DeliveryRecord> {
    let written = shared.until_written(|| async {
        match shared.report(report.clone()).await {
            Ok(reported) => Ok(reported),
            Err(ReportError::LeaseLost) => {
                // The new holder pushes it again, and writes what becomes of that.
                tracing::warn!(app = %shared.app, "a result was not written: another replica delivers for the app by now");
                Ok(None)
            }
            Err(ReportError::Ledger(error)) => Err(error),
        }
    });
    written.await.flatten()
}

/// What is left to do for an instance that is so now.
fn next(reported: Option<&DeliveryRecord>) -> Ended {
    match reported.and_then(|record| record.due_at) {
        Some(at) => Ended::Again(at),
        None => Ended::Settled,
    }
}

fn ledger_failed(error: LedgerError) -> End {
    let app = AppTrouble { is_parked: false, pause: Duration::from_secs(1), ends_with_token: false };
    End::nothing(Ended::Held(Trouble::Ledger(error), app))
}
