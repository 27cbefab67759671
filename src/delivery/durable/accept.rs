//! Takes a document, and waits for its delivery.

use std::sync::Arc;
use std::time::Duration;

use super::checks::{ahead, kept_versions, next_check};
use super::shared::Shared;
use super::trouble::Trouble;
use super::waiters::{Event, Taken, Waiter};
use crate::delivery::verification::Verification;
use crate::domain::Alias;
use crate::feishu::{CallContext, CallReport};
use crate::ledger::{
    AcceptError, Acceptance, Accepted, AcceptedAs, Attempt, DeliveryRecord, DeliveryResult, DocumentSource,
    IfMatch, ImportId, Report,
};
use crate::support::deadline::Deadline;

/// A document, or what makes one of the kept document, with what is wanted of its delivery.
#[derive(Debug)]
pub struct Submission {
    /// The caller's id of the instance.
    pub instance_id: String,
    /// The document; [`new_document`](super::new_document) makes one.
    pub document: DocumentSource,
    /// What must be kept for it to be accepted.
    pub if_match: Option<IfMatch>,
    /// Whether an unchanged document is sent all the same.
    pub resend: bool,
    /// Whether to ask for Feishu's check, and to send an unchanged document again when that differs.
    pub verify: bool,
    /// The import that it is a line of.
    pub import: Option<ImportId>,
    /// Who sends it.
    pub caller: Option<Arc<str>>,
    /// The request that it came with.
    pub request_id: Option<String>,
    /// People whom the document names by aliases: it is soon needed who they are.
    pub people: Vec<Alias<'static>>,
}

impl Submission {
    /// A document without any wishes.
    pub fn new(instance_id: impl Into<String>, document: DocumentSource) -> Self {
        Self {
            instance_id: instance_id.into(),
            document,
            if_match: None,
            resend: false,
            verify: false,
            import: None,
            caller: None,
            request_id: None,
            people: Vec::new(),
        }
    }
}

/// A document that was accepted, and what became of it in the time that there was.
#[derive(Debug)]
pub struct Answer {
    /// How it was accepted; the record is that of the acceptance.
    pub accepted: Accepted,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an accepted document.
#[derive(Debug)]
pub enum Fate {
    /// Feishu took it, or a newer one in its place.
    Taken(Taken, Option<Verification>),
    /// It was delivered before, and nothing was sent.
    Unchanged(Option<Verification>, CallReport),
    /// Feishu refuses its content.
    Refused(Arc<Trouble>, CallReport),
    /// It will be delivered; this is how it stands.
    Waits(Box<DeliveryRecord>),
}

/// Why a document was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The ledger did not take it.
    #[error(transparent)]
    Accept(#[from] AcceptError),
    /// The ledger did not answer in time: it may have taken it or not.
    #[error("the ledger did not answer in time")]
    LedgerLate,
}

/// How long after the deadline of a request a commit is waited for. Less than what is allowed for its answer.
const COMMIT_GRACE: Duration = Duration::from_millis(20);

/// How long Feishu is asked for what it has, before a document is sent again that nothing has changed of.
const LOOK_BEFORE: Duration = Duration::from_secs(2);

/// So long before its deadline a request waits no longer: on a busy machine the answer must not be late.
const ANSWERING: Duration = Duration::from_millis(50);

/// How long the last look at a delivery may take, for the same reason.
const LAST_LOOK: Duration = Duration::from_millis(10);

/// Commits a document, and waits for its delivery.
pub(super) async fn deliver(
    shared: &Shared,
    submission: Submission,
    context: CallContext,
    wait_until: Option<Deadline>,
) -> Result<Answer, DeliverError> {
    let deadline = context.deadline;
    let Submission { instance_id, document, if_match, resend, verify, import, caller, request_id, people } =
        submission;
    let id: Arc<str> = instance_id.as_str().into();
    // Before the acceptance, so that no event after it is missed.
    let waiter = wait_until.map(|until| {
        let margin = ANSWERING.min(until.remaining() / 10);
        (shared.waiters.register(&id, verify), until.earlier_by(margin))
    });
    // Of lines of an import nobody is told one by one.
    let is_told = shared.receiver.is_some() && import.is_none();
    let acceptance = Acceptance {
        key: shared.key(&instance_id),
        document,
        if_match,
        // First it is seen whether it is unchanged: then Feishu is asked whether it has something later, to be later yet.
        resend: false,
        import,
        knows_tasks: shared.settings.knows_tasks,
        is_promised: is_told && wait_until.is_none(),
        caller: caller.as_deref().map(str::to_owned),
        request_id,
    };
    let again = (verify || resend).then(|| Acceptance { resend: true, ..acceptance.clone() });
    let mut accepted = accept(shared, acceptance, deadline).await?;
    if accepted.accepted_as != AcceptedAs::Unchanged && shared.tenure.is_held() {
        shared.people.want(&people);
    }
    let mut answered = None;
    if accepted.accepted_as == AcceptedAs::Unchanged {
        let (verification, report) = match again {
            Some(again) => {
                let until = wait_until.unwrap_or(deadline);
                // Where it is sent anyway, what Feishu has is nice to know only.
                let until = if resend { Deadline::after(until.remaining().min(LOOK_BEFORE)) } else { until };
                let (verification, report) =
                    verify_kept(shared, &accepted.record, &context.until(until)).await;
                if resend || matches!(verification, Some(Verification::Differs(_))) {
                    accepted = accept(shared, again, deadline).await?;
                }
                (verification, report)
            }
            None => (None, CallReport::default()),
        };
        if accepted.accepted_as == AcceptedAs::Unchanged {
            answered = Some(Fate::Unchanged(verification, report));
        }
    }
    let fate = match answered {
        Some(fate) => fate,
        None => {
            let is_due = accepted.record.due_at.is_some_and(|due| due <= shared.now());
            if waiter.is_some() && is_due && import.is_none() && shared.tenure.is_held() {
                shared.arrivals.push(id, caller);
            } else {
                shared.arrivals.news.notify_one();
            }
            match waiter {
                Some((waiter, until)) => {
                    let context = context.until(until);
                    wait(shared, waiter, &accepted.record, verify, &context).await
                }
                None => Fate::Waits(Box::new(accepted.record.clone())),
            }
        }
    };
    if let Fate::Waits(_) = &fate
        && is_told
        && wait_until.is_some()
    {
        promise(shared, &accepted.record).await;
    }
    Ok(Answer { accepted, fate })
}

/// Notes that an event is to tell of the delivery, because the answer does not. It is written before the answer, if the time is
/// enough; at the latest a moment after it.
async fn promise(shared: &Shared, record: &DeliveryRecord) {
    let (ledger, key, revision) = (Arc::clone(&shared.ledger), record.key.clone(), record.revision);
    let writing = tokio::spawn(async move {
        if let Err(error) = ledger.promise(&key, revision).await {
            tracing::error!(app = %key.app, error = &error as &dyn std::error::Error, "what an event is to tell of could not be noted");
        }
    });
    let _ = tokio::time::timeout(COMMIT_GRACE, writing).await;
    shared.event_news.notify_one();
}

async fn accept(
    shared: &Shared,
    acceptance: Acceptance,
    deadline: Deadline,
) -> Result<Accepted, DeliverError> {
    let accepting = shared.ledger.accept(acceptance);
    match tokio::time::timeout_at(deadline.instant() + COMMIT_GRACE, accepting).await {
        Ok(accepted) => {
            shared.acceptance.note(&accepted);
            Ok(accepted?)
        }
        Err(_) => Err(DeliverError::LedgerLate),
    }
}

/// Waits until an accepted document is delivered or refused, its time is up, or nothing more can happen before that.
async fn wait(
    shared: &Shared,
    mut waiter: Waiter,
    record: &DeliveryRecord,
    verify: bool,
    context: &CallContext,
) -> Fate {
    waiter.accepted();
    let until = context.deadline;
    let desired = record.desired();
    let mut next_at = record.due_at;
    let mut holds = shared.hold.watch();
    let mut is_stopping = false;
    loop {
        let is_held = holds.borrow_and_update().as_ref().is_some_and(|hold| hold.until > until.instant());
        let is_under_way = shared.in_flight.awaits(&record.key.instance_id);
        let is_too_late = next_at.is_some_and(|at| shared.until(at) > until.remaining());
        if !is_under_way && (is_held || is_too_late || is_stopping) {
            break;
        }
        let event = tokio::select! {
            event = waiter.event() => event,
            () = tokio::time::sleep_until(until.instant()) => break,
            _ = holds.changed() => continue,
            () = shared.stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                continue;
            }
        };
        match event {
            Event::Taken(taken) if taken.attempt >= desired => {
                return verified(shared, record, Taken::clone(&taken), verify, context).await;
            }
            Event::Refused { attempt, trouble, report } if attempt.revision == desired.revision => {
                return Fate::Refused(trouble, report);
            }
            // What took its place was refused; this one was not.
            Event::Refused { attempt, .. } if attempt.revision > desired.revision => break,
            Event::Later { attempt, at } if attempt >= desired => next_at = Some(at),
            Event::Taken(_) | Event::Refused { .. } | Event::Later { .. } => {}
        }
    }
    // How it stands now, if that can be read in time: the answer must not be late for it.
    let present = tokio::time::timeout(LAST_LOOK, shared.ledger.delivery(&record.key)).await;
    let present = present.ok().and_then(Result::ok).flatten();
    Fate::Waits(Box::new(present.unwrap_or_else(|| record.clone())))
}

/// The delivery, with what Feishu's check says about it if that is wanted.
async fn verified(
    shared: &Shared,
    record: &DeliveryRecord,
    mut taken: Taken,
    verify: bool,
    context: &CallContext,
) -> Fate {
    let Some(versions) = taken.versions.take().filter(|_| verify) else { return Fate::Taken(taken, None) };
    let (verification, report) = Verification::of(versions, &shared.feishu, context).await;
    taken.report = taken.report.then(report);
    if let Verification::InSync = verification
        && let Some(record) = confirm(shared, record, taken.attempt).await
        && let Some(state) = record.state
    {
        taken.state = state;
    }
    Fate::Taken(taken, Some(verification))
}

/// Asks what Feishu has of a document that was delivered before.
async fn verify_kept(
    shared: &Shared,
    record: &DeliveryRecord,
    context: &CallContext,
) -> (Option<Verification>, CallReport) {
    let Ok(Some(kept)) = shared.ledger.document(&record.key).await else {
        return (None, CallReport::default());
    };
    let Ok(versions) = kept_versions(shared, &kept) else { return (None, CallReport::default()) };
    let (verification, report) = Verification::of(versions, &shared.feishu, context).await;
    match &verification {
        Verification::InSync => {
            confirm(shared, record, kept.record.desired()).await;
        }
        Verification::Differs(stale) => {
            let version = stale.iter().filter_map(|stale| ahead(&kept.record, stale)).max();
            if let Some(version) = version {
                // What is sent now is to win: it gets a version later than that one.
                let problem = (shared.describe)(&Trouble::Ahead { version: Some(version) });
                let conflict = DeliveryResult::Conflict { version: Some(version), problem };
                // Where it cannot be written, nothing is accepted afterwards either.
                let result = Report::new(record.key.clone(), kept.record.desired(), conflict);
                let _ = shared.report(Report { epoch: shared.tenure.epoch(), ..result }).await;
            }
        }
        Verification::Unavailable(_) => {}
    }
    (Some(verification), report)
}

/// Notes that Feishu's check agrees.
async fn confirm(shared: &Shared, record: &DeliveryRecord, attempt: Attempt) -> Option<DeliveryRecord> {
    let check_at = next_check(shared, record);
    // A check that is not noted is made again.
    let result = Report::new(record.key.clone(), attempt, DeliveryResult::Confirmed { check_at });
    shared.report(Report { epoch: shared.tenure.epoch(), ..result }).await.ok().flatten()
}
