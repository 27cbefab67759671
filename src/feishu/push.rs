//! Pushes an instance: version, lane, payload, and what is known afterwards.

use std::sync::Arc;

use bytes::Bytes;

use super::api::Api;
use super::apis::StaleInstance;
use super::call::{Called, Permit};
use super::carried_on::carried_on;
use super::client::FeishuClient;
use super::failure::{CallError, Failure, Outcome};
use super::lanes::{PayloadHash, StaleUpdate, Turn};
use super::translate::{IgnoredByUpdate, ignored_by_update, instance_payload};
use super::transport::Request;
use super::wire::{InstanceAnswer, ProcessRecord};
use crate::domain::{ApprovalInstance, KnownVersions, Mode, Timestamp};
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
    /// Fields that Feishu ignored in what it already had.
    pub ignored: IgnoredByUpdate,
    /// Feishu's id of the exchange.
    pub log_id: Option<String>,
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

/// What the check after a push said.
#[derive(Debug, Clone)]
pub enum Verification {
    /// Versions of the instance and of all its tasks agree.
    InSync,
    /// Something differs.
    Differs(Vec<StaleInstance>),
    /// The check itself failed.
    Unavailable(Box<CallError>),
}

/// Why a push did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The update is older than what was sent before.
    #[error("the update is stale")]
    Stale(#[source] StaleUpdate),
    /// The upstream call failed.
    #[error("the push failed")]
    Call(#[source] CallError),
}

impl FeishuClient {
    /// The payload that a push would send now.
    pub fn preview_instance(&self, instance: &ApprovalInstance<'_>, mode: Mode) -> Bytes {
        let version = instance
            .updated_at
            .unwrap_or_else(|| self.lanes.enter(instance.instance_id.as_str()).peek_version(self.now()));
        instance_payload(instance, mode, version)
    }

    /// Waits for the instance's turn and translates it; `verify` asks for a check after the push.
    ///
    /// Pushes of one instance go one after another, in the order of arrival. What comes out no longer needs the document:
    /// while Feishu is waited for, its memory may serve others.
    ///
    /// # Errors
    /// When the turn does not come before the deadline, or the update is stale.
    pub async fn prepare_push(
        &self,
        instance: &ApprovalInstance<'_>,
        mode: Mode,
        verify: bool,
        deadline: Deadline,
    ) -> Result<PreparedPush, PushError> {
        let visit = self.lanes.enter(instance.instance_id.as_str());
        let turn = tokio::time::timeout_at(deadline.instant(), visit.wait()).await.map_err(|_| {
            let failure = Failure::DeadlineInQueue("earlier pushes of the same instance");
            let outcome = Outcome::NotSent;
            PushError::Call(CallError { api: Api::SyncInstance, failure, attempts: 0, outcome })
        })?;
        // Only whoever has the turn gets a version, so that versions grow in the order of sending.
        let version = instance.updated_at.unwrap_or_else(|| turn.promise_version(self.now()));
        let payload = instance_payload(instance, mode, version);
        let hash = turn.hash_of(&payload);
        if mode == Mode::Update {
            turn.check_update(version, hash).map_err(PushError::Stale)?;
        }
        let push = Push {
            mode,
            version,
            payload,
            hash,
            ignored: match mode {
                Mode::Replace => IgnoredByUpdate::default(),
                Mode::Update => ignored_by_update(instance),
            },
            verify: verify.then(|| versions(instance, version)),
        };
        Ok(PreparedPush { push, turn })
    }

    /// Sends a push, and checks it afterwards if that was asked for.
    ///
    /// A push that has begun is finished even when its caller goes away.
    ///
    /// # Errors
    /// When Feishu refuses it, cannot be reached, or does not answer before the deadline.
    pub async fn push(
        self: &Arc<Self>,
        prepared: PreparedPush,
        deadline: Deadline,
    ) -> Result<Pushed, PushError> {
        let PreparedPush { push, turn } = prepared;
        // Outside of what is carried on: whoever leaves before it begins has sent nothing.
        let entry = self.enter(Api::SyncInstance, deadline).await.map_err(PushError::Call)?;
        let client = Arc::clone(self);
        let work = async move { client.finish(push, turn, entry, deadline).await };
        carried_on(work, &self.in_flight).await.map_err(PushError::Call)
    }

    async fn finish(
        &self,
        push: Push,
        turn: Turn,
        entry: Permit,
        deadline: Deadline,
    ) -> Result<Pushed, CallError> {
        let Push { mode, version, payload, hash, ignored, verify } = push;
        turn.sending(version);
        let request = Request { api: Api::SyncInstance, suffix: String::new(), body: Some(payload) };
        let called =
            self.call_entered::<InstanceAnswer>(request, entry, deadline).await.inspect_err(|error| {
                if error.outcome == Outcome::Unknown {
                    turn.perhaps_taken(version, hash);
                }
            });
        let Called { success, attempts } = called?;
        turn.taken(version, hash);
        let changes = success.data.process_record.0;
        // A second attempt finds what the first one may have written, so its counters prove nothing.
        let nothing_changed =
            mode == Mode::Update && attempts == 1 && changes.is_some_and(ProcessRecord::is_empty);
        let verification = match verify {
            None => None,
            // Boxed, because its place would be carried about by every push.
            Some(known) => Some(match Box::pin(self.check_instances(&[known], deadline)).await {
                Ok(stale) if stale.is_empty() => Verification::InSync,
                Ok(stale) => Verification::Differs(stale),
                Err(error) => Verification::Unavailable(Box::new(error)),
            }),
        };
        let applied = match &verification {
            Some(Verification::InSync) => Applied::Yes,
            Some(Verification::Differs(_)) => Applied::No,
            Some(Verification::Unavailable(_)) | None if nothing_changed => Applied::No,
            Some(Verification::Unavailable(_)) | None => Applied::Unknown,
        };
        let ignored = ignored_in_known(ignored, changes);
        Ok(Pushed { updated_at: version, applied, changes, verification, ignored, log_id: success.log_id })
    }

    pub(super) fn now(&self) -> Timestamp {
        // A clock before 1970 is no clock; the first moment that can be sent is then as good as any.
        Timestamp::from_unix_millis(self.clock.unix_millis().max(1)).unwrap_or(Timestamp::FIRST)
    }
}

/// A push that has the turn of its instance. Dropped, it gives the turn to the next one, and nothing was sent.
#[derive(Debug)]
pub struct PreparedPush {
    push: Push,
    turn: Turn,
}

/// Everything that a push needs once it has left its caller.
#[derive(Debug)]
struct Push {
    mode: Mode,
    version: Timestamp,
    payload: Bytes,
    hash: PayloadHash,
    ignored: IgnoredByUpdate,
    verify: Option<KnownVersions>,
}

fn versions(instance: &ApprovalInstance<'_>, version: Timestamp) -> KnownVersions {
    let tasks = instance.tasks.iter().flatten();
    KnownVersions {
        instance_id: instance.instance_id.as_str().to_owned(),
        updated_at: version,
        tasks: tasks
            .map(|task| (task.task_id.as_str().to_owned(), task.updated_at.unwrap_or(version)))
            .collect(),
    }
}

/// Feishu ignores fields only in what it had before: nothing, if by its counters all was new.
fn ignored_in_known(ignored: IgnoredByUpdate, changes: Option<ProcessRecord>) -> IgnoredByUpdate {
    let Some(changes) = changes else { return ignored };
    let all_new = |record: super::wire::EntityRecord| record.insert_num > 0 && record.update_num == 0;
    let IgnoredByUpdate { instance, tasks, cc } = ignored;
    let keep = |fields, record| if all_new(record) { Vec::new() } else { fields };
    IgnoredByUpdate {
        instance: keep(instance, changes.instance),
        tasks: keep(tasks, changes.task),
        cc: keep(cc, changes.cc),
    }
}
