//! Cards as rows, written in the transaction of the delivery that they follow.

use std::collections::HashMap;
use std::sync::LazyLock;

use tokio_postgres::Row;

use super::columns::{Column, Reader};
use super::error::Fault;
use super::session::{Parameter, Session};
use crate::domain::{MessageStatus, Timestamp, Word as _};
use crate::ledger::card::CardRecord;
use crate::ledger::columns::{ColumnReader as _, signed};
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::InstanceKey;
use crate::ledger::rules::{CardChange, Change};

/// The columns of a card, in the order in which they are read.
pub(super) const COLUMNS: &str = "c.card_no, i.instance_id, c.task_id, c.user_id, c.open_id, c.round, c.state, c.status, c.since, \
     c.due_at, c.attempts, c.doubts, c.message_id, c.problem_code, c.problem, c.ended_at";

/// The cards of instances that have not ended, by the keys of these.
pub(super) static OF_INSTANCES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select i.app, {COLUMNS} from unnest($1, $2) as k(app, instance_id) \
         join instance as i on i.app = k.app and i.instance_id = k.instance_id join card as c using (instance_no) \
         where c.ended_at is null order by c.card_no"
    )
});

/// Drops those that ended long ago.
pub(super) const DROP: &str = "delete from card where card_no in (select card_no from card \
     where app = $1 and ended_at is not null and ended_at < $2 order by ended_at limit $3)";

/// Drops those of instances that have ended.
pub(super) const FORGET: &str = "delete from card where instance_no = any($1) and state = 'ended'";

/// New cards, in their order.
const ADD: &str = "insert into card (instance_no, app, task_id, user_id, open_id, round, since, due_at, state, attempts, doubts) \
     select c.instance_no, c.app, c.task_id, c.user_id, c.open_id, c.round, c.since, c.since, 'waiting', 0, 0 \
     from unnest($1, $2, $3, $4, $5, $6, $7) with ordinality \
     as c(instance_no, app, task_id, user_id, open_id, round, since, place) order by c.place";

/// Cards that have come further.
const PUT: &str = "update card as c set user_id = r.user_id, open_id = r.open_id, state = r.state, status = r.status, since = r.since, due_at = r.due_at, \
     attempts = r.attempts, doubts = r.doubts, message_id = r.message_id, problem_code = r.problem_code, \
     problem = r.problem, ended_at = r.ended_at from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
     as r(card_no, user_id, open_id, state, status, since, due_at, attempts, doubts, message_id, problem_code, problem, ended_at) \
     where c.card_no = r.card_no";

/// Brings what lies ahead nearer when the clock was set back.
pub(super) const SHIFT: &str =
    "update card set due_at = greatest(due_at - $1, $2) where app = $3 and due_at > $2";

/// Reads the cards of several instances, each behind the app of its own.
pub(super) fn by_instance(rows: &[Row]) -> Result<HashMap<InstanceKey, Vec<CardRecord>>, Fault> {
    let mut found: HashMap<InstanceKey, Vec<CardRecord>> = HashMap::new();
    for row in rows {
        let mut reader = Reader::new(row);
        let (app, card) = (reader.app()?, reader.card()?);
        found.entry(InstanceKey::new(app, card.instance_id.clone())).or_default().push(card);
    }
    Ok(found)
}

/// Writes what becomes of cards of instances, by their numbers, that the transaction has locked.
pub(super) async fn save(
    session: &Session,
    known: impl Iterator<Item = (i64, &Change)>,
) -> Result<(), Fault> {
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for (instance, change) in known {
        for card in &change.cards {
            match card {
                CardChange::Add(card) => new.push((instance, &change.record.key.app, card)),
                CardChange::Put(card) => changed.push(card),
            }
        }
    }
    if !new.is_empty() {
        let columns = [
            Column::Number(new.iter().map(|(instance, ..)| Some(*instance)).collect()),
            Column::Text(new.iter().map(|(_, app, _)| Some(app.as_str())).collect()),
            Column::Text(new.iter().map(|(.., card)| Some(card.task_id.as_str())).collect()),
            Column::Text(new.iter().map(|(.., card)| card.person.user_id.as_deref()).collect()),
            Column::Text(new.iter().map(|(.., card)| card.person.open_id.as_deref()).collect()),
            Column::Number(new.iter().map(|(.., card)| Some(signed(card.round.0))).collect()),
            Column::Number(new.iter().map(|(.., card)| Some(card.at.unix_millis())).collect()),
        ];
        let parameters: Vec<Parameter<'_>> = columns.iter().map(Column::parameter).collect();
        session.execute(ADD, &parameters).await?;
    }
    if !changed.is_empty() {
        let text =
            |of: fn(&CardRecord) -> Option<&str>| Column::Text(changed.iter().map(|card| of(card)).collect());
        let number = |of: fn(&CardRecord) -> Option<i64>| {
            Column::Number(changed.iter().map(|card| of(card)).collect())
        };
        let columns = [
            number(|card| Some(card.number.0)),
            text(|card| card.person.user_id.as_deref()),
            text(|card| card.person.open_id.as_deref()),
            text(|card| Some(card.state.as_str())),
            text(|card| card.status.map(MessageStatus::as_str)),
            number(|card| Some(card.since.unix_millis())),
            number(|card| card.due_at.map(Timestamp::unix_millis)),
            number(|card| Some(card.attempts.into())),
            number(|card| Some(card.doubts.into())),
            text(|card| card.message_id.as_deref()),
            text(|card| card.problem.as_ref().map(StoredProblem::code)),
            text(|card| card.problem.as_ref().map(StoredProblem::json)),
            number(|card| card.ended_at.map(Timestamp::unix_millis)),
        ];
        let parameters: Vec<Parameter<'_>> = columns.iter().map(Column::parameter).collect();
        session.execute(PUT, &parameters).await?;
    }
    Ok(())
}
