//! Events as rows, written in the transaction of what they tell.

use super::columns::Column;
use super::error::Fault;
use super::session::{Parameter, Session};
use crate::domain::{AppName, Word as _};
use crate::ledger::columns::signed;
use crate::ledger::event::{EventNumber, EventRecord, NO_INSTANCE, NewEvent};
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::InstanceKey;
use crate::ledger::rules;

/// New events, in their order.
pub(super) const ADD: &str = "insert into event (app, event_id, type, at, instance_id, revision, approval_code, problem_code, problem, \
     tried_until, state, attempts) \
     select e.app, e.event_id, e.type, e.at, e.instance_id, e.revision, e.approval_code, e.problem_code, e.problem, \
     e.tried_until, 'pending', 0 from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) with ordinality \
     as e(app, event_id, type, at, instance_id, revision, approval_code, problem_code, problem, tried_until, place) \
     order by e.place";

/// The first of those that wait about the same is due as soon as they have happened.
pub(super) const MOVE_UP_NEW: &str = "update event as e set due_at = e.at from (select distinct on (w.app, w.instance_id) w.event_no \
     from unnest($1, $2) as k(app, instance_id) \
     join event as w on w.app = k.app and w.instance_id = k.instance_id and w.state = 'pending' \
     order by w.app, w.instance_id, w.event_no) as first \
     where e.event_no = first.event_no and e.due_at is null";

/// What ended about instances that are forgotten.
const FORGET: &str = "delete from event as e using unnest($1, $2) as k(app, instance_id) \
     where e.app = k.app and e.instance_id = k.instance_id and e.state <> 'pending'";

/// Brings what lies ahead nearer when the clock was set back.
pub(super) const SHIFT: &str = "update event set \
     due_at = case when due_at > $2 then greatest(due_at - $1, $2) else due_at end, \
     tried_until = case when tried_until > $2 then greatest(tried_until - $1, $2) else tried_until end \
     where app = $3 and state = 'pending' and (due_at > $2 or tried_until > $2)";

/// Adds events about instances that the transaction has locked, and drops what ended about those that are forgotten.
pub(super) async fn save(
    session: &Session,
    new: &[(&AppName, EventRecord)],
    forgotten: &[&InstanceKey],
) -> Result<(), Fault> {
    if !forgotten.is_empty() {
        let keys = [
            Column::Text(forgotten.iter().map(|key| Some(key.app.as_str())).collect()),
            Column::Text(forgotten.iter().map(|key| Some(key.instance_id.as_str())).collect()),
        ];
        let parameters: Vec<Parameter<'_>> = keys.iter().map(Column::parameter).collect();
        session.execute(FORGET, &parameters).await?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let new: Vec<_> = new.iter().map(|(app, record)| (*app, record)).collect();
    let (columns, keys) = (columns(&new), key_columns(&new));
    let values: Vec<Parameter<'_>> = columns.iter().map(Column::parameter).collect();
    let about: Vec<Parameter<'_>> = keys.iter().map(Column::parameter).collect();
    tokio::try_join!(biased; session.execute(ADD, &values), session.execute(MOVE_UP_NEW, &about)).map(drop)
}

/// A new event; the database gives the number.
pub(super) fn record_of(event: NewEvent) -> EventRecord {
    rules::new_event(event, EventNumber(0))
}

fn about(record: &EventRecord) -> &str {
    record.event.instance_id.as_deref().unwrap_or(NO_INSTANCE)
}

/// App and instance of events.
pub(super) fn key_columns<'a>(new: &[(&'a AppName, &'a EventRecord)]) -> [Column<'a>; 2] {
    [
        Column::Text(new.iter().map(|(app, _)| Some(app.as_str())).collect()),
        Column::Text(new.iter().map(|(_, record)| Some(about(record))).collect()),
    ]
}

/// The columns of [`ADD`].
pub(super) fn columns<'a>(new: &[(&'a AppName, &'a EventRecord)]) -> [Column<'a>; 10] {
    let text = |of: fn(&'a EventRecord) -> Option<&'a str>| {
        Column::Text(new.iter().map(|(_, record)| of(record)).collect())
    };
    let number = |of: fn(&'a EventRecord) -> Option<i64>| {
        Column::Number(new.iter().map(|(_, record)| of(record)).collect())
    };
    [
        Column::Text(new.iter().map(|(app, _)| Some(app.as_str())).collect()),
        text(|record| Some(&record.event.id)),
        text(|record| Some(record.event.kind.as_str())),
        number(|record| Some(record.event.at.unix_millis())),
        text(|record| Some(about(record))),
        number(|record| record.event.revision.map(|revision| signed(revision.0))),
        text(|record| record.event.approval_code.as_deref()),
        text(|record| record.event.problem.as_ref().map(StoredProblem::code)),
        text(|record| record.event.problem.as_ref().map(StoredProblem::json)),
        number(|record| Some(record.tried_until.unix_millis())),
    ]
}
