//! What callbacks of Feishu ask for: tasks that are found by a clue, and what was done about them.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::PostgresLedger;
use super::columns::Reader;
use super::error::Fault;
use super::queries::is_storable;
use super::session::Parameter;
use crate::domain::{AppName, Word as _};
use crate::ledger::action::{ACTION_KNOWN_FOR, ActionKey, ActionRecord};
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::error::LedgerError;
use crate::ledger::task::{ContextHash, TaskClue, TaskRecord};

/// A task of an instance.
pub(super) const BY_IDS: &str = "select instance_id, task_id, round, false from instance join task using (instance_no) \
     where app = $1 and instance_id = $2 and task_id = $3";

/// Tasks with an id, whose instance is not known; two are enough to tell that it is not unique.
pub(super) const BY_TASK_ID: &str = "select instance_id, task_id, round, false from task join instance using (instance_no) \
     where task_id = $2 and app = $1 limit 2";

/// Tasks with a context, likewise.
pub(super) const BY_CONTEXT: &str = "select instance_id, task_id, round, false from task join instance using (instance_no) \
     where context = $2 and app = $1 limit 2";

/// Tasks whose cards have an id, likewise; in the round in which they are now, where that is known.
pub(super) const BY_MESSAGE: &str = "select i.instance_id, c.task_id, coalesce(t.round, c.round), c.status is not null \
     from card as c join instance as i using (instance_no) \
     left join task as t on t.instance_no = c.instance_no and t.task_id = c.task_id \
     where c.message_id = $2 and c.app = $1 order by c.card_no limit 2";

/// An action that may be known.
pub(super) const ACTION: &str = "select state, answer, until from action where app = $1 and action_key = $2";

/// Drops actions of an app that do not count any more; another one is being written, perhaps.
pub(super) const FORGET: &str = "delete from action where (app, action_key) in (select app, action_key from action \
     where app = $1 and until <= $2 and action_key <> $3 for update skip locked)";

/// Begins an action, unless one that is known holds it up; gives a row when it did.
const BEGIN: &str = "insert into action as known (app, action_key, state, answer, until) values ($1, $2, $3, $4, $5) \
     on conflict (app, action_key) do update set state = $3, answer = $4, until = $5 \
     where not (known.state <> 'failed' and known.until > $6 and known.until <= $6 + $7) returning 1";

/// Writes how far an action has come.
const END: &str = "insert into action (app, action_key, state, answer, until) values ($1, $2, $3, $4, $5) \
     on conflict (app, action_key) do update set state = $3, answer = $4, until = $5";

impl PostgresLedger {
    /// The tasks that a clue leads to, two at most.
    pub(super) async fn tasks_of_clue(
        &self,
        app: &AppName,
        clue: &TaskClue,
    ) -> Result<Vec<TaskRecord>, LedgerError> {
        let app = app.as_str();
        let rows = match clue {
            TaskClue::Ids { instance_id, task_id } if is_storable(instance_id) && is_storable(task_id) => {
                let parameters: [Parameter<'_>; 3] =
                    [(&app, Type::TEXT), (instance_id, Type::TEXT), (task_id, Type::TEXT)];
                self.readers.read(BY_IDS, &parameters).await?
            }
            TaskClue::TaskId(task_id) if is_storable(task_id) => {
                self.readers.read(BY_TASK_ID, &[(&app, Type::TEXT), (task_id, Type::TEXT)]).await?
            }
            TaskClue::Context(ContextHash(hash)) => {
                let hash = &hash[..];
                self.readers.read(BY_CONTEXT, &[(&app, Type::TEXT), (&hash, Type::BYTEA)]).await?
            }
            TaskClue::MessageId(message_id) if is_storable(message_id) => {
                self.readers.read(BY_MESSAGE, &[(&app, Type::TEXT), (message_id, Type::TEXT)]).await?
            }
            TaskClue::MessageId(_) | TaskClue::Ids { .. } | TaskClue::TaskId(_) => return Ok(Vec::new()),
        };
        let found = rows.iter().map(|row| Reader::new(row).found_task());
        found.collect::<Result<_, Fault>>().map_err(LedgerError::from)
    }

    /// The action with this key, if it is known.
    pub(super) async fn known_action(
        &self,
        app: &AppName,
        ActionKey(key): ActionKey,
    ) -> Result<Option<ActionRecord>, LedgerError> {
        let key = &key[..];
        let rows = self.readers.read(ACTION, &[(&app.as_str(), Type::TEXT), (&key, Type::BYTEA)]).await?;
        rows.first().map(action).transpose().map_err(LedgerError::from)
    }

    /// Begins an action, unless one that is known holds it up: that one is returned.
    pub(super) async fn try_action(
        &self,
        app: &AppName,
        ActionKey(key): ActionKey,
        record: &ActionRecord,
    ) -> Result<Option<ActionRecord>, LedgerError> {
        let now = self.clock.now().unix_millis();
        let known_for = i64::try_from(ACTION_KNOWN_FOR.as_millis()).unwrap_or(i64::MAX);
        let (name, key) = (app.as_str(), &key[..]);
        let (state, until) = (record.state.as_str(), record.until.unix_millis());
        let ids: [Parameter<'_>; 2] = [(&name, Type::TEXT), (&key, Type::BYTEA)];
        let forgotten: [Parameter<'_>; 3] = [(&name, Type::TEXT), (&now, Type::INT8), (&key, Type::BYTEA)];
        let begun: [Parameter<'_>; 7] = [
            (&name, Type::TEXT),
            (&key, Type::BYTEA),
            (&state, Type::TEXT),
            (&record.answer, Type::TEXT),
            (&until, Type::INT8),
            (&now, Type::INT8),
            (&known_for, Type::INT8),
        ];
        let results = self.write_each(&[(FORGET, &forgotten), (BEGIN, &begun), (ACTION, &ids)]).await?;
        match results.as_slice() {
            [_, begun, known] if begun.is_empty() => {
                known.first().map(action).transpose().map_err(LedgerError::from)
            }
            _ => Ok(None),
        }
    }

    /// Writes how far an action has come.
    pub(super) async fn finish_action(
        &self,
        app: &AppName,
        ActionKey(key): ActionKey,
        record: &ActionRecord,
    ) -> Result<(), LedgerError> {
        let (name, key) = (app.as_str(), &key[..]);
        let (state, until) = (record.state.as_str(), record.until.unix_millis());
        let parameters: [Parameter<'_>; 5] = [
            (&name, Type::TEXT),
            (&key, Type::BYTEA),
            (&state, Type::TEXT),
            (&record.answer, Type::TEXT),
            (&until, Type::INT8),
        ];
        self.change(END, &parameters).await.map(drop)
    }
}

fn action(row: &Row) -> Result<ActionRecord, Fault> {
    Reader::new(row).action()
}
