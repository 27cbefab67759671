//! The tasks of kept documents, and what was done about them.

use rusqlite::{Connection, params};

use super::columns::all;
use super::transaction::Transaction;
use crate::domain::{AppName, Word as _};
use crate::ledger::action::{ActionKey, ActionRecord};
use crate::ledger::columns::{ColumnReader as _, signed};
use crate::ledger::error::LedgerError;
use crate::ledger::record::Revision;
use crate::ledger::rules;
use crate::ledger::task::{ContextHash, NewTask, StoredTask, TaskClue, TaskRecord};

/// A task of an instance.
pub(super) const BY_IDS: &str = "select instance_id, task_id, round, false from instance join task using (instance_no) \
     where app = ?1 and instance_id = ?2 and task_id = ?3";

/// Tasks with an id, whose instance is not known; two are enough to tell that it is not unique.
pub(super) const BY_TASK_ID: &str = "select instance_id, task_id, round, false from task join instance using (instance_no) \
     where task_id = ?2 and app = ?1 limit 2";

/// Tasks with a context, likewise.
pub(super) const BY_CONTEXT: &str = "select instance_id, task_id, round, false from task join instance using (instance_no) \
     where context = ?2 and app = ?1 limit 2";

/// Tasks whose cards have an id, likewise; in the round in which they are now, where that is known.
pub(super) const BY_MESSAGE: &str = "select instance_id, c.task_id, coalesce(t.round, c.round), c.status is not null \
     from card as c join instance using (instance_no) \
     left join task as t on t.instance_no = c.instance_no and t.task_id = c.task_id \
     where c.message_id = ?2 and c.app = ?1 order by c.card_no limit 2";

/// The tasks of an instance.
pub(super) const OF_INSTANCE: &str =
    "select task_id, is_open, context, round from task where instance_no = ?1 order by task_id";

/// An action that may be known.
pub(super) const ACTION: &str = "select state, answer, until from action where app = ?1 and action_key = ?2";

/// The tasks that a clue leads to, two at most.
pub(super) fn find(
    connection: &Connection,
    app: &AppName,
    clue: &TaskClue,
) -> Result<Vec<TaskRecord>, LedgerError> {
    let app = app.as_str();
    match clue {
        TaskClue::Ids { instance_id, task_id } => {
            found(connection, BY_IDS, params![app, instance_id, task_id])
        }
        TaskClue::TaskId(task_id) => found(connection, BY_TASK_ID, params![app, task_id]),
        TaskClue::Context(ContextHash(hash)) => found(connection, BY_CONTEXT, params![app, hash]),
        TaskClue::MessageId(message_id) => found(connection, BY_MESSAGE, params![app, message_id]),
    }
}

fn found(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Vec<TaskRecord>, LedgerError> {
    all(connection, sql, parameters, |reader| reader.found_task())
}

/// The action with this key, if it is known.
pub(super) fn action(
    connection: &Connection,
    app: &AppName,
    key: ActionKey,
) -> Result<Option<ActionRecord>, LedgerError> {
    let parameters = params![app.as_str(), key.0];
    Ok(all(connection, ACTION, parameters, |reader| reader.action())?.pop())
}

impl Transaction<'_> {
    /// Writes the tasks of a document that was accepted; only those that differ.
    pub(super) fn write_tasks(
        &self,
        number: i64,
        document: &[NewTask],
        revision: Revision,
    ) -> Result<(), LedgerError> {
        let before = self.tasks(number)?;
        let after = rules::tasks(&before, document, revision);
        let is_gone = |old: &&StoredTask| after.iter().all(|new| new.task.task_id != old.task.task_id);
        for StoredTask { task, .. } in before.iter().filter(is_gone) {
            self.execute(
                "delete from task where instance_no = ?1 and task_id = ?2",
                params![number, task.task_id],
            )?;
        }
        for stored in after.iter().filter(|task| !before.contains(task)) {
            let StoredTask { task: NewTask { task_id, is_open, context }, round } = stored;
            self.execute(
                "insert into task values (?1, ?2, ?3, ?4, ?5) \
                 on conflict do update set is_open = ?3, round = ?4, context = ?5",
                params![number, task_id, is_open, signed(round.0), context.map(|hash| hash.0)],
            )?;
        }
        Ok(())
    }

    fn tasks(&self, number: i64) -> Result<Vec<StoredTask>, LedgerError> {
        all(self.connection, OF_INSTANCE, [number], |reader| reader.task())
    }

    /// Begins an action, unless one that is known holds it up.
    pub(super) fn begin_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: &ActionRecord,
    ) -> Result<Option<ActionRecord>, LedgerError> {
        if let Some(known) = action(self.connection, app, key)?.filter(|known| known.holds(self.now)) {
            return Ok(Some(known));
        }
        self.execute(
            "delete from action where app = ?1 and until <= ?2",
            params![app.as_str(), self.now.unix_millis()],
        )?;
        self.write_action(app, key, record)?;
        Ok(None)
    }

    /// Writes how far an action has come.
    pub(super) fn write_action(
        &self,
        app: &AppName,
        key: ActionKey,
        record: &ActionRecord,
    ) -> Result<(), LedgerError> {
        let ActionRecord { state, answer, until } = record;
        self.execute(
            "insert into action values (?1, ?2, ?3, ?4, ?5) \
             on conflict do update set state = ?3, answer = ?4, until = ?5",
            params![app.as_str(), key.0, state.as_str(), answer, until.unix_millis()],
        )
        .map(drop)
    }
}
