//! What a caller is told about a push that Feishu took: no more than is known.

use serde::Serialize;

use super::failure::code_of;
use super::stale::StaleEntry;
use crate::domain::{ApprovalInstance, Mode, Timestamp, Word};
use crate::feishu::translate::IgnoredByUpdate;
use crate::feishu::wire::{EntityRecord, ProcessRecord};
use crate::feishu::{Applied, Pushed, Verification};

/// The answer of `putInstance` (design §2.1).
#[derive(Debug, Serialize)]
pub(super) struct InstanceReceipt {
    instance_id: String,
    approval_code: String,
    mode: &'static str,
    /// The version that was sent.
    updated_at: Timestamp,
    applied: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Changes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<VerificationReport>,
    warnings: Vec<Warning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_id: Option<String>,
}

/// What Feishu counted, by kind.
#[derive(Debug, Serialize)]
struct Changes {
    instance: Counts,
    tasks: Counts,
    cc: Counts,
}

#[derive(Debug, Serialize)]
struct Counts {
    insert: u32,
    update: u32,
    delete: u32,
}

#[derive(Debug, Serialize)]
struct VerificationReport {
    status: &'static str,
    stale: Vec<StaleEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem_code: Option<&'static str>,
}

/// Something that went differently from what the caller may expect.
#[derive(Debug, Serialize)]
struct Warning {
    code: &'static str,
    /// JSON Pointers into the document; `*` stands for every index.
    fields: Vec<&'static str>,
    detail: &'static str,
}

impl InstanceReceipt {
    pub(super) fn new(instance: &ApprovalInstance<'_>, mode: Mode, pushed: Pushed) -> Self {
        let Pushed { updated_at, applied, changes, verification, ignored, log_id } = pushed;
        Self {
            instance_id: instance.instance_id.as_str().to_owned(),
            approval_code: instance.approval_code.as_str().to_owned(),
            mode: mode.as_str(),
            updated_at,
            applied: match applied {
                Applied::Yes => "yes",
                Applied::No => "no",
                Applied::Unknown => "unknown",
            },
            changes: changes.map(Changes::from),
            verification: verification.map(VerificationReport::from),
            warnings: warnings(ignored),
            log_id,
        }
    }
}

fn warnings(ignored: IgnoredByUpdate) -> Vec<Warning> {
    let IgnoredByUpdate { instance, tasks, cc } = ignored;
    let fields: Vec<_> = instance.into_iter().chain(tasks).chain(cc).collect();
    if fields.is_empty() {
        return Vec::new();
    }
    vec![Warning {
        code: "ignored_by_update",
        fields,
        detail: "Feishu takes these fields when it first sees the instance, task or copy, and ignores them in later \
                 updates; use mode=replace to change them.",
    }]
}

impl From<ProcessRecord> for Changes {
    fn from(ProcessRecord { instance, task, cc }: ProcessRecord) -> Self {
        Self { instance: instance.into(), tasks: task.into(), cc: cc.into() }
    }
}

impl From<EntityRecord> for Counts {
    fn from(EntityRecord { insert_num, update_num, delete_num }: EntityRecord) -> Self {
        Self { insert: insert_num, update: update_num, delete: delete_num }
    }
}

impl From<Verification> for VerificationReport {
    fn from(verification: Verification) -> Self {
        let (status, stale, problem_code) = match verification {
            Verification::InSync => ("in_sync", Vec::new(), None),
            Verification::Differs(stale) => {
                ("differs", stale.into_iter().map(StaleEntry::from).collect(), None)
            }
            Verification::Unavailable(error) => {
                ("unavailable", Vec::new(), Some(code_of(&error.failure).as_str()))
            }
        };
        Self { status, stale, problem_code }
    }
}
