//! The check after a push: does Feishu have the versions that were sent?

use crate::domain::{ApprovalInstance, KnownVersions, Timestamp};
use crate::feishu::{CallContext, CallError, CallReport, FeishuClient, StaleInstance};

/// What the check after a push said. It compares versions of the instance and its tasks, neither copies nor contents.
#[derive(Debug, Clone)]
pub enum Verification {
    /// Versions of the instance and of all its tasks agree.
    InSync,
    /// Something differs.
    Differs(Vec<StaleInstance>),
    /// The check itself failed.
    Unavailable(Box<CallError>),
}

impl Verification {
    /// Asks Feishu which versions it has, and says what that took. A check that fails is no failed push.
    pub(super) async fn of(
        sent: KnownVersions,
        feishu: &FeishuClient,
        context: &CallContext,
    ) -> (Self, CallReport) {
        match feishu.check_instances(&[sent], context).await {
            Ok(called) if called.data.is_empty() => (Self::InSync, called.report),
            Ok(called) => (Self::Differs(called.data), called.report),
            Err(error) => {
                let report = error.report.clone();
                (Self::Unavailable(Box::new(error)), report)
            }
        }
    }
}

/// The versions that a push of this instance sends.
pub(super) fn sent_versions(instance: &ApprovalInstance<'_>, version: Timestamp) -> KnownVersions {
    let tasks = instance.tasks.iter().flatten();
    KnownVersions {
        instance_id: instance.instance_id.as_str().to_owned(),
        updated_at: version,
        tasks: tasks
            .map(|task| (task.task_id.as_str().to_owned(), task.updated_at.unwrap_or(version)))
            .collect(),
    }
}
