//! Pushes an instance: turn, version, payload, sending, and what is known afterwards.

use std::panic;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::DirectDelivery;
use super::far_versions::warn_of_far_versions;
use super::turn::InstanceTurn;
use super::unsettled::Unsettled;
use super::verification::{Verification, sent_versions};
use super::version_clock::{PayloadHash, StaleUpdate};
use crate::domain::{ApprovalInstance, KnownVersions, Mode, Timestamp, WarningCode, Warnings};
use crate::feishu::translate::{IgnoredByUpdate, OversizedPayload, ignored_by, instance_payload};
use crate::feishu::wire::{EntityRecord, ProcessRecord};
use crate::feishu::{
    Api, CallContext, CallError, CallReport, Called, Failure, FeishuClient, Outcome, Permit,
};
use crate::support::deadline::Deadline;

/// A push that Feishu took.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The version that was sent.
    pub updated_at: Timestamp,
    /// Whether the document is what Feishu has now, as far as can be told.
    pub applied: Applied,
    /// What Feishu counted, when it did.
    pub changes: Option<ProcessRecord>,
    /// What the check said, when it was asked for.
    pub verification: Option<Verification>,
    /// What the caller should look at.
    pub warnings: Warnings,
    /// Feishu's id of the exchange that took the push.
    pub log_id: Option<String>,
    /// Attempts and time that it took, the check included.
    pub report: CallReport,
}

/// Whether a push took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The check agrees.
    Yes,
    /// The check differs, or a first attempt changed nothing by Feishu's own counters.
    No,
    /// Feishu answered success, which proves nothing by itself (contract §0.4, trap 7).
    Unknown,
}

impl Applied {
    /// What the check says, else what Feishu counted in the push, which `report` tells of.
    pub fn of(
        verification: Option<&Verification>,
        mode: Mode,
        report: &CallReport,
        changes: Option<ProcessRecord>,
    ) -> Self {
        // A second attempt finds what the first one may have written, so its counters prove nothing.
        let nothing_changed =
            mode == Mode::Update && report.attempts == 1 && changes.is_some_and(ProcessRecord::is_empty);
        match verification {
            Some(Verification::InSync) => Self::Yes,
            Some(Verification::Differs(_)) => Self::No,
            Some(Verification::Unavailable(_)) | None if nothing_changed => Self::No,
            Some(Verification::Unavailable(_)) | None => Self::Unknown,
        }
    }
}

/// Why a push did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The update is older than what was sent before.
    #[error("the update is stale")]
    Stale(#[source] StaleUpdate),
    /// The payload would be too large.
    #[error("the payload is too large")]
    Oversized(#[source] OversizedPayload),
    /// The upstream call failed.
    #[error("the push failed")]
    Call(#[source] CallError),
}

/// A push that holds its turn and is ready to send; dropped, it sends nothing.
#[derive(Debug)]
pub struct PreparedPush {
    turn: InstanceTurn,
    instance_id: String,
    mode: Mode,
    version: Timestamp,
    payload: Bytes,
    hash: PayloadHash,
    ignored: IgnoredByUpdate,
    warnings: Warnings,
    verify: Option<KnownVersions>,
}

impl DirectDelivery {
    /// The payload that a push would send now.
    ///
    /// # Errors
    /// When it would be too large.
    pub fn preview(&self, instance: &ApprovalInstance<'_>, mode: Mode) -> Result<Bytes, OversizedPayload> {
        let version = instance.updated_at.unwrap_or_else(|| {
            let key = self.versions.key_of(instance.instance_id.as_str());
            self.versions.get(key).peek(self.now())
        });
        instance_payload(instance, mode, version)
    }

    /// Waits for the turn of an instance. Pushes of one instance go one after another, in the order of arrival.
    ///
    /// # Errors
    /// When the turn does not come before the deadline.
    pub async fn turn(&self, instance_id: &str, deadline: Deadline) -> Result<InstanceTurn, PushError> {
        let key = self.versions.key_of(instance_id);
        let begun = Instant::now();
        let turn = tokio::time::timeout_at(deadline.instant(), self.queue.ticket(key).turn());
        let guard = turn.await.map_err(|_| PushError::Call(late_for_its_turn()))?;
        Ok(InstanceTurn::new(key, &self.versions, guard, begun.elapsed()))
    }

    /// Translates an instance that has its turn; `verify` asks for a check after the push.
    ///
    /// What comes out no longer needs the document: while Feishu is waited for, its memory may serve others.
    ///
    /// # Errors
    /// When the update is stale, or the payload too large.
    pub fn prepare(
        &self,
        mut turn: InstanceTurn,
        instance: &ApprovalInstance<'_>,
        mode: Mode,
        verify: bool,
    ) -> Result<PreparedPush, PushError> {
        // Only whoever has the turn gets a version, so that versions grow in the order of sending.
        let now = self.now();
        let version = instance.updated_at.unwrap_or_else(|| turn.change(|clock| clock.next(now)));
        let payload = instance_payload(instance, mode, version).map_err(PushError::Oversized)?;
        let hash = self.versions.hash_of(&payload);
        if mode == Mode::Update {
            turn.clock().check_update(version, hash).map_err(PushError::Stale)?;
        }
        let ignored = ignored_by(mode, instance);
        let verify = verify.then(|| sent_versions(instance, version));
        let mut warnings = instance.warnings.clone();
        warn_of_far_versions(instance, now, &mut warnings);
        let instance_id = instance.instance_id.as_str().to_owned();
        Ok(PreparedPush { turn, instance_id, mode, version, payload, hash, ignored, warnings, verify })
    }

    /// Sends a push, and checks it afterwards if that was asked for.
    ///
    /// Whoever drops the future while the push still waits for its permit has sent nothing. A push that has begun is
    /// finished in a task of its own, so that nobody is left in doubt whether it was sent; `held` is dropped at its end,
    /// such as what stands for the memory of its payload.
    ///
    /// # Errors
    /// When Feishu refuses it, cannot be reached, or does not answer before the deadline.
    pub async fn push(
        &self,
        prepared: PreparedPush,
        context: CallContext,
        held: impl Send + 'static,
    ) -> Result<Pushed, PushError> {
        let permit = self.feishu.permit(Api::SyncInstance, &context).await;
        let permit = permit.map_err(|error| match error.failure {
            // The rate would have allowed it if it had not waited.
            Failure::RateExhausted { wait } if wait < prepared.turn.waited() => late_for_its_turn(),
            _ => error,
        });
        let permit = permit.map_err(PushError::Call)?;
        let sending = prepared.send(Arc::clone(&self.feishu), self.pushes.clone(), permit, context, held);
        let task = self.pushes.spawn(sending.in_current_span());
        finished(task).await.map_err(PushError::Call)
    }

    fn now(&self) -> Timestamp {
        Timestamp::of_clock(self.clock.unix_millis())
    }
}

fn late_for_its_turn() -> CallError {
    CallError::deadline_in_queue(Api::SyncInstance, "earlier pushes of the same instance")
}

/// Awaits a spawned push and re-raises its panic.
async fn finished<T>(task: JoinHandle<T>) -> T {
    match task.await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(result) => result,
        Err(Ok(payload)) => panic::resume_unwind(payload),
        // The runtime is being shut down, and whoever waits here with it.
        Err(Err(_)) => std::future::pending().await,
    }
}

impl PreparedPush {
    /// The same push with its payload in memory that `hold` has, such as memory that is counted.
    ///
    /// # Errors
    /// When `hold` has none.
    pub fn held_by<E>(self, hold: impl FnOnce(Bytes) -> Result<Bytes, E>) -> Result<Self, E> {
        Ok(Self { payload: hold(self.payload)?, ..self })
    }

    /// Sends it. The turn is kept for as long as something of it may still reach Feishu's state, which may be longer than its
    /// caller waits.
    async fn send(
        self,
        feishu: Arc<FeishuClient>,
        pushes: TaskTracker,
        permit: Permit,
        context: CallContext,
        held: impl Send + 'static,
    ) -> Result<Pushed, CallError> {
        let Self { mut turn, instance_id, mode, version, payload, hash, ignored, mut warnings, verify } =
            self;
        let before = turn.clock();
        turn.change(|clock| clock.sending(version));
        let late = TaskTracker::new();
        let sent = feishu.sync_instance(permit, payload, late.clone(), context.deadline, &|| true).await;
        late.close();
        let Called { data: changes, log_id, report } = match sent {
            Ok(called) => called,
            Err(error) => {
                if error.outcome == Outcome::Unknown {
                    turn.change(|clock| clock.perhaps_taken(version, hash));
                    let unsettled = Unsettled { turn, before, instance_id, version, context };
                    // At a stop it is waited for, too: the next process knows of no turn and may push something newer.
                    pushes.spawn(unsettled.settle(late, held, feishu).in_current_span());
                }
                return Err(error);
            }
        };
        turn.change(|clock| clock.taken(version, hash));
        let feishu = &feishu;
        let first = report.clone();
        let (verification, report) = match verify {
            None => (None, report),
            Some(sent) => {
                let (verification, checked) = Verification::of(sent, feishu, &context).await;
                (Some(verification), report.then(checked))
            }
        };
        let applied = Applied::of(verification.as_ref(), mode, &first, changes);
        if !late.is_empty() {
            pushes.spawn(async move {
                late.wait().await;
                drop((turn, held));
            });
        }
        warn_of_ignored(ignored_in_known(ignored, changes), &mut warnings);
        Ok(Pushed { updated_at: version, applied, changes, verification, warnings, log_id, report })
    }
}

/// Names fields of an update that Feishu ignored.
pub fn warn_of_ignored(ignored: IgnoredByUpdate, warnings: &mut Warnings) {
    let IgnoredByUpdate { instance, tasks, cc } = ignored;
    for pointer in instance.into_iter().chain(tasks).chain(cc) {
        let detail = "is taken by Feishu when it first sees the instance, task or copy, and ignored in later updates; use \
                      mode=replace to change it";
        warnings.add(WarningCode::IgnoredByUpdate, pointer, detail);
    }
}

/// Feishu ignores fields only in what it had before: nothing, if by its counters all was new.
pub fn ignored_in_known(ignored: IgnoredByUpdate, changes: Option<ProcessRecord>) -> IgnoredByUpdate {
    let Some(changes) = changes else { return ignored };
    let all_new = |record: EntityRecord| record.insert_num > 0 && record.update_num == 0;
    let IgnoredByUpdate { instance, tasks, cc } = ignored;
    let keep = |fields, record| if all_new(record) { Vec::new() } else { fields };
    IgnoredByUpdate {
        instance: keep(instance, changes.instance),
        tasks: keep(tasks, changes.task),
        cc: keep(cc, changes.cc),
    }
}
