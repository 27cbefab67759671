//! Makes of a document that was read what the ledger keeps.

use crate::document::{NotMergeable, merge_update};
use crate::domain::{ApprovalInstance, ApprovalTask, Id, InstanceStatus, Mode, NamesPeople as _, Timestamp};
use crate::feishu::translate::{OversizedPayload, instance_payload};
use crate::ledger::{Body, ContentHash, ContextHash, DeliveryState, Kept, NewDocument, NewTask};
use crate::support::hash_parts::hash_parts;

/// What the ledger keeps of a document.
///
/// `json` is the document, and `instance` what was read of it. Whoever names no mode is content with any in which an equal
/// document was delivered.
///
/// # Errors
/// When its payload would be too large.
pub fn new_document(
    json: &[u8],
    instance: &ApprovalInstance<'_>,
    mode: Mode,
    is_mode_given: bool,
) -> Result<NewDocument, OversizedPayload> {
    Ok(NewDocument {
        approval_code: instance.approval_code.as_str().to_owned(),
        status: instance.status,
        hash: content_hash(instance)?,
        body: Body::new(json),
        tasks: instance.tasks.iter().flatten().map(|task| new_task(task, instance.status)).collect(),
        version: instance.updated_at,
        mode,
        is_mode_given,
    })
}

/// What callbacks ask for of a task.
fn new_task(task: &ApprovalTask<'_>, instance: InstanceStatus) -> NewTask {
    NewTask {
        task_id: task.task_id.as_str().to_owned(),
        is_open: task.status.ending(instance).is_none(),
        context: task.action_context.as_ref().map(|context| ContextHash::of(Id::as_str(context))),
    }
}

/// Two documents are equal when Feishu would be sent the same, versions apart; people who have to be looked up are the same when
/// they are named alike.
fn content_hash(instance: &ApprovalInstance<'_>) -> Result<ContentHash, OversizedPayload> {
    let payload = instance_payload(instance, Mode::Replace, Timestamp::FIRST)?;
    let aliases = instance.aliases();
    let named = aliases.iter().flat_map(|(pointer, alias)| [pointer.as_str(), &alias.value]);
    Ok(ContentHash(hash_parts(&payload, named)))
}

/// The kept document with an update over it, and how it goes out: as the whole truth while one such still waits.
///
/// # Errors
/// When the kept document is none.
pub fn merged_update(kept: &Kept, update: &[u8]) -> Result<(Vec<u8>, Mode), MergeError> {
    let merged = merge_update(&kept.body.json()?, update)?;
    let record = &kept.record;
    let waits_whole =
        record.state == Some(DeliveryState::Pending) && record.mode == Mode::Replace && record.is_unsent();
    Ok((merged, if waits_whole { Mode::Replace } else { Mode::Update }))
}

/// Why an update could not be merged: the kept document is damaged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// It could not be unpacked.
    #[error(transparent)]
    Ledger(#[from] crate::ledger::LedgerError),
    /// It is no JSON object.
    #[error(transparent)]
    NotMergeable(#[from] NotMergeable),
}
