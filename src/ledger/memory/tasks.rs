//! The tasks of kept documents in memory, and what was done about them.

use super::state::State;
use crate::domain::{AppName, Timestamp};
use crate::ledger::action::{ActionKey, ActionRecord};
use crate::ledger::card::CardRecord;
use crate::ledger::task::{StoredTask, TaskClue, TaskRecord};

impl State {
    /// The tasks that a clue leads to, two at most.
    pub(super) fn find_tasks(&self, app: &AppName, clue: &TaskClue) -> Vec<TaskRecord> {
        let is_it = |of: &str, stored: &StoredTask| match clue {
            TaskClue::Ids { instance_id, task_id } => of == instance_id && stored.task.task_id == *task_id,
            TaskClue::TaskId(task_id) => stored.task.task_id == *task_id,
            TaskClue::Context(context) => stored.task.context == Some(*context),
            TaskClue::MessageId(_) => false,
        };
        if let TaskClue::MessageId(message_id) = clue {
            return self.tasks_of_message(app, message_id);
        }
        let all = self.tasks_of(app).filter(|(instance_id, stored)| is_it(instance_id, stored));
        all.take(2)
            .map(|(instance_id, stored)| TaskRecord {
                instance_id: instance_id.to_owned(),
                task_id: stored.task.task_id.clone(),
                round: stored.round,
                is_card_over: false,
            })
            .collect()
    }

    /// The tasks whose cards have this id, two at most.
    fn tasks_of_message(&self, app: &AppName, message_id: &str) -> Vec<TaskRecord> {
        let is_it = |card: &&CardRecord| card.message_id.as_deref() == Some(message_id);
        let cards = self.cards_of(app).filter(is_it).take(2);
        let task_of = |card: &CardRecord| {
            let is_it =
                |of: &str, stored: &StoredTask| of == card.instance_id && stored.task.task_id == card.task_id;
            let known = self.tasks_of(app).find(|(of, stored)| is_it(of, stored));
            TaskRecord {
                instance_id: card.instance_id.clone(),
                task_id: card.task_id.clone(),
                round: known.map_or(card.round, |(_, stored)| stored.round),
                is_card_over: card.status.is_some(),
            }
        };
        cards.map(task_of).collect()
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
