//! The cards that are due: found, begun, and reported.

use async_trait::async_trait;
use tokio_postgres::types::Type;

use super::PostgresLedger;
use super::cards;
use super::columns::Reader;
use super::commands::plain;
use super::error::Fault;
use super::load::{Loaded, Wanted};
use crate::domain::{AppName, Timestamp};
use crate::ledger::card::{CardNumber, CardRecord, CardResult, CardSummary, Cards};
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::due::Due;
use crate::ledger::error::LedgerError;
use crate::ledger::history::HistoryNote;
use crate::ledger::record::InstanceKey;
use crate::ledger::rules;
use crate::ledger::store::Ledger as _;

/// Cards by the time when they are due.
pub(super) fn due() -> String {
    format!(
        "select {} from card as c join instance as i using (instance_no) \
         where c.app = $1 and c.due_at is not null order by c.due_at, c.card_no limit $2",
        cards::COLUMNS
    )
}

/// How many are to be sent or changed, and since when the oldest of them has been.
pub(super) const SUMMARY: &str =
    "select count(*), min(since) from card where app = $1 and due_at is not null";

#[async_trait]
impl Cards for PostgresLedger {
    async fn cards_due(&self, app: &AppName, limit: usize) -> Result<Due<CardRecord>, LedgerError> {
        self.follow_the_clock(app).await?;
        let (name, limit) = (app.as_str(), i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = self.readers.read(&due(), &[(&name, Type::TEXT), (&limit, Type::INT8)]).await?;
        let waiting = rows.iter().map(|row| Reader::new(row).card()).collect::<Result<Vec<_>, Fault>>()?;
        Ok(Due::of(waiting.into_iter().map(|card| (card.due_at, card)), self.now()))
    }

    async fn begin_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        attempts: u32,
    ) -> Result<Option<CardRecord>, LedgerError> {
        let begin = move |card: &CardRecord, _| Some((rules::begin_card(card, attempts)?, None));
        self.change_card(key, number, begin).await
    }

    async fn report_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        attempts: u32,
        result: CardResult,
    ) -> Result<Option<CardRecord>, LedgerError> {
        let rule = move |card: &CardRecord, now| rules::card_result(card, attempts, result.clone(), now);
        self.change_card(key, number, rule).await
    }

    async fn card_summary(&self, app: &AppName) -> Result<CardSummary, LedgerError> {
        let name = app.as_str();
        let rows = self.readers.read(SUMMARY, &[(&name, Type::TEXT)]).await?;
        let Some(row) = rows.first() else { return Ok(CardSummary::default()) };
        let mut reader = Reader::new(row);
        Ok(CardSummary { waiting: reader.count()?, oldest: reader.optional_time()? })
    }
}

impl PostgresLedger {
    /// Changes one card as the rule says; `None` when it changes nothing, or the card is not there.
    async fn change_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        rule: impl Fn(&CardRecord, Timestamp) -> Option<(CardRecord, Option<HistoryNote>)> + Send + 'static,
    ) -> Result<Option<CardRecord>, LedgerError> {
        let wanted = Wanted { cards: true, ..plain(key.clone()) };
        let decide = move |loaded: Loaded, now| {
            let card = loaded.cards.iter().find(|card| card.number == number);
            let changed = card.and_then(|card| rule(card, now));
            let (Some(instance), Some((card, told))) = (loaded.stored, changed) else {
                return Ok((None, None));
            };
            let change = rules::card_change(&instance.record, card.clone(), told, now);
            Ok((Some(card), Some(change)))
        };
        self.writer.run(wanted, 0, decide).await
    }
}
