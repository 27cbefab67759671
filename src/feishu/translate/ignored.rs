//! What Feishu never changes under `update` (contract §4.4).

use crate::domain::{ApprovalInstance, Mode};

/// Pointers of the given fields that Feishu sets once and then ignores, by kind.
///
/// Fields of tasks and copies are named once for all of them, with `*` for the index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IgnoredByUpdate {
    /// Of the instance.
    pub instance: Vec<&'static str>,
    /// Of its tasks.
    pub tasks: Vec<&'static str>,
    /// Of its copies.
    pub cc: Vec<&'static str>,
}

/// The fields of this document that an update cannot change in what Feishu already has; none when it replaces that.
///
/// Ids and `approval_code` are left out: they say *which* thing is meant.
pub fn ignored_by(mode: Mode, instance: &ApprovalInstance<'_>) -> IgnoredByUpdate {
    if mode == Mode::Replace {
        return IgnoredByUpdate::default();
    }
    let given = |candidates: &[(&'static str, bool)]| {
        candidates.iter().filter(|(_, given)| *given).map(|(pointer, _)| *pointer).collect()
    };
    let tasks = instance.tasks.as_deref().unwrap_or_default();
    let copies = instance.cc.as_deref().unwrap_or_default();
    IgnoredByUpdate {
        instance: given(&[
            ("/department_id", instance.department_id.is_some()),
            ("/department_name", instance.department_name.is_some()),
        ]),
        tasks: given(&[
            ("/tasks/*/user_id", tasks.iter().any(|task| task.approver.user_id().is_some())),
            ("/tasks/*/open_id", tasks.iter().any(|task| task.approver.open_id().is_some())),
            ("/tasks/*/created_at", !tasks.is_empty()),
            ("/tasks/*/node_id", tasks.iter().any(|task| task.node_id.is_some())),
            ("/tasks/*/node_name", tasks.iter().any(|task| task.node_name.is_some())),
        ]),
        cc: given(&[
            ("/cc/*/user_id", copies.iter().any(|copy| copy.reader.user_id().is_some())),
            ("/cc/*/open_id", copies.iter().any(|copy| copy.reader.open_id().is_some())),
            ("/cc/*/created_at", !copies.is_empty()),
        ]),
    }
}
