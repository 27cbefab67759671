//! What a document does to the tasks that are known of its instance.

use crate::ledger::record::Revision;
use crate::ledger::task::{NewTask, StoredTask};

/// The tasks as they shall be stored. One that becomes open begins a new round, named by the revision.
pub(in crate::ledger) fn tasks(
    before: &[StoredTask],
    document: &[NewTask],
    revision: Revision,
) -> Vec<StoredTask> {
    let stored = |task: &NewTask| {
        let known = before.iter().find(|known| known.task.task_id == task.task_id);
        let round = match known {
            Some(known) if known.task.is_open || !task.is_open => known.round,
            _ => revision,
        };
        StoredTask { task: task.clone(), round }
    };
    document.iter().map(stored).collect()
}
