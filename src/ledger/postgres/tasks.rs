//! The tasks of kept documents.

use std::collections::HashMap;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::columns::{Column, Reader};
use super::error::Fault;
use super::session::{Parameter, Session};
use crate::ledger::columns::{ColumnReader as _, signed};
use crate::ledger::record::InstanceKey;
use crate::ledger::rules::Change;
use crate::ledger::task::StoredTask;

/// The tasks of instances, by the keys of these.
pub(super) const OF_INSTANCES: &str = "select i.app, i.instance_id, t.task_id, t.is_open, t.context, t.round \
     from unnest($1, $2) as k(app, instance_id) \
     join instance as i on i.app = k.app and i.instance_id = k.instance_id join task as t using (instance_no)";

/// Drops the tasks of instances.
pub(super) const DROP: &str = "delete from task where instance_no = any($1)";

/// Adds tasks to instances, by the keys of these.
const ADD: &str = "insert into task (instance_no, task_id, is_open, context, round) \
     select i.instance_no, t.task_id, t.is_open, t.context, t.round \
     from unnest($1, $2, $3, $4, $5, $6) as t(app, instance_id, task_id, is_open, context, round) \
     join instance as i on i.app = t.app and i.instance_id = t.instance_id";

/// The tasks of instances as they are and as they shall be.
#[derive(Debug)]
pub(super) struct TaskChange {
    key: InstanceKey,
    /// The number of an instance whose tasks are replaced.
    number: Option<i64>,
    after: Vec<StoredTask>,
}

impl TaskChange {
    /// What a change does to tasks; nothing where they stay as they are.
    pub(super) fn of(change: &Change, number: Option<i64>, before: &[StoredTask]) -> Option<Self> {
        let after = crate::ledger::rules::tasks(before, change.tasks.as_ref()?, change.record.revision);
        let is_same = after.len() == before.len() && after.iter().all(|task| before.contains(task));
        (!is_same).then(|| Self { key: change.record.key.clone(), number, after })
    }
}

/// Reads the tasks of several instances.
pub(super) fn by_instance(rows: &[Row]) -> Result<HashMap<InstanceKey, Vec<StoredTask>>, Fault> {
    let mut found: HashMap<InstanceKey, Vec<StoredTask>> = HashMap::new();
    for row in rows {
        let mut reader = Reader::new(row);
        found.entry(reader.key()?).or_default().push(reader.task()?);
    }
    Ok(found)
}

/// Writes what becomes of tasks, behind the instances.
pub(super) async fn save(session: &Session, changes: &[TaskChange]) -> Result<(), Fault> {
    let replaced: Vec<i64> = changes.iter().filter_map(|change| change.number).collect();
    if !replaced.is_empty() {
        session.execute(DROP, &[(&replaced, Type::INT8_ARRAY)]).await?;
    }
    let tasks: Vec<(&InstanceKey, &StoredTask)> =
        changes.iter().flat_map(|change| change.after.iter().map(|task| (&change.key, task))).collect();
    if tasks.is_empty() {
        return Ok(());
    }
    let columns = [
        Column::Text(tasks.iter().map(|(key, _)| Some(key.app.as_str())).collect()),
        Column::Text(tasks.iter().map(|(key, _)| Some(key.instance_id.as_str())).collect()),
        Column::Text(tasks.iter().map(|(_, stored)| Some(stored.task.task_id.as_str())).collect()),
        Column::Flag(tasks.iter().map(|(_, stored)| stored.task.is_open).collect()),
        Column::Bytes(
            tasks.iter().map(|(_, stored)| stored.task.context.as_ref().map(|hash| &hash.0[..])).collect(),
        ),
        Column::Number(tasks.iter().map(|(_, stored)| Some(signed(stored.round.0))).collect()),
    ];
    let parameters: Vec<Parameter<'_>> = columns.iter().map(Column::parameter).collect();
    session.execute(ADD, &parameters).await.map(drop)
}
