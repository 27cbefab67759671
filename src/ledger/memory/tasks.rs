//! The tasks of kept documents in memory, and what was done about them.

use super::state::State;
use crate::domain::{AppName, Timestamp};
use crate::ledger::action::{ActionKey, ActionRecord};
use crate::ledger::task::{StoredTask, TaskClue, TaskRecord};

impl State {
    /// The tasks that a clue leads to, two at most.
    pub(super) fn find_tasks(&self, app: &AppName, clue: &TaskClue) -> Vec<TaskRecord> {
        let is_it = |of: &str, stored: &StoredTask| match clue {
            TaskClue::Ids { instance_id, task_id } => of == instance_id && stored.task.task_id == *task_id,
            TaskClue::TaskId(task_id) => stored.task.task_id == *task_id,
            TaskClue::Context(context) => stored.task.context == Some(*context),
            // Messages that the gateway sent are not kept.
            TaskClue::MessageId(_) => false,
        };
        let all = self.tasks_of(app).filter(|(instance_id, stored)| is_it(instance_id, stored));
        all.take(2)
            .map(|(instance_id, stored)| TaskRecord {
                instance_id: instance_id.to_owned(),
                task_id: stored.task.task_id.clone(),
                round: stored.round,
            })
            .collect()
    }

    /// The action with this key, if it is known.
    pub(super) fn action(&self, app: &AppName, key: ActionKey) -> Option<ActionRecord> {
        self.actions.get(&(app.clone(), key)).cloned()
    }

    /// Begins an action, unless one that is known holds it up.
    pub(super) fn begin_action(
        &mut self,
        app: &AppName,
        key: ActionKey,
        record: ActionRecord,
        now: Timestamp,
    ) -> Option<ActionRecord> {
        if let Some(known) = self.action(app, key).filter(|known| known.holds(now)) {
            return Some(known);
        }
        self.actions.retain(|(of, _), known| of != app || known.until > now);
        self.write_action(app, key, record);
        None
    }

    /// Writes how far an action has come.
    pub(super) fn write_action(&mut self, app: &AppName, key: ActionKey, record: ActionRecord) {
        self.actions.insert((app.clone(), key), record);
    }
}
