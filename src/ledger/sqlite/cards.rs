//! Cards as rows, written in the transaction of the delivery that they follow.

use async_trait::async_trait;
use rusqlite::{Connection, params};

use super::SqliteLedger;
use super::columns;
use super::commands::STEP;
use super::transaction::Transaction;
use crate::domain::{AppName, MessageStatus, Timestamp, Word as _};
use crate::ledger::card::{CardNumber, CardRecord, CardResult, CardSummary, Cards};
use crate::ledger::columns::{ColumnReader as _, signed};
use crate::ledger::due::Due;
use crate::ledger::error::LedgerError;
use crate::ledger::history::HistoryNote;
use crate::ledger::problem::StoredProblem;
use crate::ledger::record::InstanceKey;
use crate::ledger::rules::{self, CardChange};
use crate::ledger::store::Ledger as _;

/// `select` of a card, with what follows `from card`.
fn select(conditions: &str) -> String {
    format!(
        "select card_no, instance_id, task_id, user_id, open_id, round, card.state, card.status, since, card.due_at, \
         card.attempts, doubts, message_id, card.problem_code, card.problem, ended_at \
         from card join instance using (instance_no) {conditions}"
    )
}

/// The cards of an instance that have not ended.
pub(super) fn of_instance() -> String {
    select("where instance_no = ?1 and ended_at is null order by card_no")
}

/// Cards by the time when they are due.
pub(super) fn due() -> String {
    select("where card.app = ?1 and card.due_at is not null order by card.due_at, card_no limit ?2")
}

/// How many are to be sent or changed.
pub(super) const WAITING: &str = "select count(*) from card where app = ?1 and due_at is not null";

/// Since when the oldest of them has been.
pub(super) const OLDEST: &str =
    "select since from card where app = ?1 and due_at is not null order by since limit 1";

/// Those that ended long ago.
pub(super) const ENDED: &str = "select card_no from card \
     where app = ?1 and ended_at is not null and ended_at < ?2 order by ended_at limit ?3";

/// Those of an instance that have ended.
pub(super) const FORGET: &str = "delete from card where instance_no = ?1 and state = 'ended'";

#[async_trait]
impl Cards for SqliteLedger {
    async fn cards_due(&self, app: &AppName, limit: usize) -> Result<Due<CardRecord>, LedgerError> {
        self.shift_if_set_back().await?;
        let (app, now) = (app.clone(), self.now());
        let read = move |connection: &Connection| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let waiting = all(connection, &due(), params![app.as_str(), limit])?;
            Ok(Due::of(waiting.into_iter().map(|card: CardRecord| (card.due_at, card)), now))
        };
        self.readers.read(read).await
    }

    async fn begin_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        attempts: u32,
    ) -> Result<Option<CardRecord>, LedgerError> {
        let key = key.clone();
        let begin = move |transaction: &Transaction<'_>| {
            let rule = |card: &_| Some((rules::begin_card(card, attempts)?, None));
            transaction.change_card(&key, number, rule, transaction.now)
        };
        self.writer.run(begin).await
    }

    async fn report_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        attempts: u32,
        result: CardResult,
    ) -> Result<Option<CardRecord>, LedgerError> {
        let key = key.clone();
        let report = move |transaction: &Transaction<'_>| {
            let now = transaction.now;
            let rule = |card: &_| rules::card_result(card, attempts, result, now);
            transaction.change_card(&key, number, rule, now)
        };
        self.writer.run(report).await
    }

    async fn card_summary(&self, app: &AppName) -> Result<CardSummary, LedgerError> {
        let app = app.clone();
        self.readers.read(move |connection| summary(connection, &app)).await
    }
}

fn all(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Vec<CardRecord>, LedgerError> {
    columns::all(connection, sql, parameters, |reader| reader.card())
}

fn summary(connection: &Connection, app: &AppName) -> Result<CardSummary, LedgerError> {
    let (waiting, oldest) = columns::count_and_oldest(connection, app, WAITING, OLDEST)?;
    Ok(CardSummary { waiting, oldest })
}

impl Transaction<'_> {
    /// The cards of an instance that have not ended.
    pub(super) fn cards(&self, number: i64) -> Result<Vec<CardRecord>, LedgerError> {
        all(self.connection, &of_instance(), params![number])
    }

    /// Changes one card as the rule says; `None` when it changes nothing, or the card is not there.
    fn change_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        rule: impl FnOnce(&CardRecord) -> Option<(CardRecord, Option<HistoryNote>)>,
        now: Timestamp,
    ) -> Result<Option<CardRecord>, LedgerError> {
        let Some(instance) = self.record(key)? else { return Ok(None) };
        let cards = self.cards(instance.number)?;
        let changed = cards.iter().find(|card| card.number == number).and_then(rule);
        let Some((card, told)) = changed else { return Ok(None) };
        let change = rules::card_change(&instance.record, card.clone(), told, now);
        self.write(Some(&instance), &change)?;
        Ok(Some(card))
    }

    /// Writes what becomes of a card of an instance.
    pub(super) fn write_card(
        &self,
        key: &InstanceKey,
        instance: i64,
        change: &CardChange,
    ) -> Result<(), LedgerError> {
        let card = match change {
            // The store gives the number.
            CardChange::Add(new) => &CardRecord::new(CardNumber(0), key.instance_id.clone(), new.clone()),
            CardChange::Put(card) => card,
        };
        let number = matches!(change, CardChange::Put(_)).then_some(card.number.0);
        self.execute(
            "insert into card values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
             on conflict do update set user_id = ?5, open_id = ?6, state = ?8, status = ?9, since = ?10, due_at = ?11, attempts = ?12, doubts = ?13, \
             message_id = ?14, problem_code = ?15, problem = ?16, ended_at = ?17",
            params![
                number,
                instance,
                key.app.as_str(),
                card.task_id,
                card.person.user_id,
                card.person.open_id,
                signed(card.round.0),
                card.state.as_str(),
                card.status.map(MessageStatus::as_str),
                card.since.unix_millis(),
                card.due_at.map(Timestamp::unix_millis),
                card.attempts,
                card.doubts,
                card.message_id,
                card.problem.as_ref().map(StoredProblem::code),
                card.problem.as_ref().map(StoredProblem::json),
                card.ended_at.map(Timestamp::unix_millis),
            ],
        )
        .map(drop)
    }

    /// Drops the cards of an instance that is forgotten, as far as they have ended.
    pub(super) fn forget_cards(&self, instance: i64) -> Result<(), LedgerError> {
        self.execute(FORGET, [instance]).map(drop)
    }

    /// Drops cards that ended long ago; whether there may be more.
    pub(super) fn sweep_cards(&self, app: &AppName, before: Timestamp) -> Result<bool, LedgerError> {
        let dropped = self.execute(
            &format!("delete from card where card_no in ({ENDED})"),
            params![app.as_str(), before.unix_millis(), STEP],
        )?;
        Ok(i64::try_from(dropped) == Ok(STEP))
    }
}
