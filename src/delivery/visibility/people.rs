//! Who is named in a document, and as what.

use super::person::Named;
use crate::domain::{ApprovalInstance, FoundTaskStatus, Person, Word as _};

/// The people of a document.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    /// None for an initiator that is no person.
    pub(super) applicant: Option<Named>,
    pub(super) approvers: Vec<Approver>,
    pub(super) readers: Vec<Reader>,
}

/// Whoever has a task.
#[derive(Debug, Clone)]
pub(super) struct Approver {
    pub(super) task_id: String,
    pub(super) named: Named,
    pub(super) status: Option<FoundTaskStatus>,
}

/// Whoever gets a copy.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) cc_id: String,
    pub(super) named: Named,
}

impl People {
    pub(super) fn of(instance: &ApprovalInstance<'_>) -> Self {
        let approvers = instance.tasks.iter().flatten().map(|task| Approver {
            task_id: task.task_id.as_str().to_owned(),
            named: Named::of(&task.approver),
            status: FoundTaskStatus::parse(task.status.as_str()),
        });
        let readers = instance
            .cc
            .iter()
            .flatten()
            .map(|copy| Reader { cc_id: copy.cc_id.as_str().to_owned(), named: Named::of(&copy.reader) });
        Self {
            applicant: instance.applicant.as_ref().map(Named::of),
            approvers: approvers.collect(),
            readers: readers.collect(),
        }
    }
}

impl Named {
    fn of(person: &Person<'_>) -> Self {
        Self { user_id: person.user_id().map(str::to_owned), open_id: person.open_id().map(str::to_owned) }
    }
}
