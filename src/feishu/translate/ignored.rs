//! What Feishu never changes under `update` (contract §4.4).

use crate::domain::{AliasKind, ApprovalInstance, Mode, Person};

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
    let approvers = || tasks.iter().map(|task| &task.approver);
    let readers = || copies.iter().map(|copy| &copy.reader);
    IgnoredByUpdate {
        instance: given(&[
            ("/department_id", instance.department_id.is_some()),
            ("/department_name", instance.department_name.is_some()),
        ]),
        tasks: given(&[
            ("/tasks/*/user_id", approvers().any(has_user_id)),
            ("/tasks/*/open_id", approvers().any(has_open_id)),
            ("/tasks/*/email", approvers().any(|approver| is_named_by(approver, AliasKind::Email))),
            ("/tasks/*/mobile", approvers().any(|approver| is_named_by(approver, AliasKind::Mobile))),
            ("/tasks/*/union_id", approvers().any(|approver| is_named_by(approver, AliasKind::UnionId))),
            ("/tasks/*/created_at", !tasks.is_empty()),
            ("/tasks/*/node_id", tasks.iter().any(|task| task.node_id.is_some())),
            ("/tasks/*/node_name", tasks.iter().any(|task| task.node_name.is_some())),
        ]),
        cc: given(&[
            ("/cc/*/user_id", readers().any(has_user_id)),
            ("/cc/*/open_id", readers().any(has_open_id)),
            ("/cc/*/email", readers().any(|reader| is_named_by(reader, AliasKind::Email))),
            ("/cc/*/mobile", readers().any(|reader| is_named_by(reader, AliasKind::Mobile))),
            ("/cc/*/union_id", readers().any(|reader| is_named_by(reader, AliasKind::UnionId))),
            ("/cc/*/created_at", !copies.is_empty()),
        ]),
    }
}

/// Whether the document has this id; those that were found for an alias stand in no document.
fn has_user_id(person: &Person<'_>) -> bool {
    person.alias().is_none() && person.user_id().is_some()
}

fn has_open_id(person: &Person<'_>) -> bool {
    person.alias().is_none() && person.open_id().is_some()
}

fn is_named_by(person: &Person<'_>, kind: AliasKind) -> bool {
    person.alias().is_some_and(|alias| alias.kind == kind)
}
