//! The cards of the ledger in memory.

use async_trait::async_trait;

use super::MemoryLedger;
use super::state::State;
use crate::domain::{AppName, Timestamp};
use crate::ledger::card::{CardNumber, CardRecord, CardResult, CardSummary, Cards};
use crate::ledger::due::Due;
use crate::ledger::error::LedgerError;
use crate::ledger::history::HistoryNote;
use crate::ledger::record::InstanceKey;
use crate::ledger::rules::{self, CardChange};
use crate::ledger::store::Ledger as _;
use crate::ledger::words::CardState;

#[async_trait]
impl Cards for MemoryLedger {
    async fn cards_due(&self, app: &AppName, limit: usize) -> Result<Due<CardRecord>, LedgerError> {
        let now = self.now();
        let mut state = self.state()?;
        if let Some(by) = self.watch.stepped_back() {
            state.shift(by, now);
        }
        let mut waiting: Vec<_> = state.cards_waiting(app).cloned().collect();
        waiting.sort_by_key(|card| (card.due_at, card.number));
        Ok(Due::of(waiting.into_iter().take(limit).map(|card| (card.due_at, card)), now))
    }

    async fn begin_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        attempts: u32,
    ) -> Result<Option<CardRecord>, LedgerError> {
        let begin = |card: &_| Some((rules::begin_card(card, attempts)?, None));
        Ok(self.state()?.change_card(key, number, begin, self.now()))
    }

    async fn report_card(
        &self,
        key: &InstanceKey,
        number: CardNumber,
        attempts: u32,
        result: CardResult,
    ) -> Result<Option<CardRecord>, LedgerError> {
        let now = self.now();
        let rule = |card: &_| rules::card_result(card, attempts, result, now);
        Ok(self.state()?.change_card(key, number, rule, now))
    }

    async fn card_summary(&self, app: &AppName) -> Result<CardSummary, LedgerError> {
        let state = self.state()?;
        Ok(CardSummary {
            waiting: state.cards_waiting(app).count() as u64,
            oldest: state.cards_waiting(app).map(|card| card.since).min(),
        })
    }
}

impl State {
    fn cards_waiting(&self, app: &AppName) -> impl Iterator<Item = &CardRecord> {
        self.cards_of(app).filter(|card| card.due_at.is_some())
    }

    /// All cards of an app.
    pub(super) fn cards_of(&self, app: &AppName) -> impl Iterator<Item = &CardRecord> {
        self.cards.iter().filter(move |((of, _), _)| of == app).map(|(_, card)| card)
    }

    /// The cards of an instance that have not ended.
    pub(super) fn open_cards(&self, key: &InstanceKey) -> Vec<CardRecord> {
        let of_instance = self.cards_of(&key.app).filter(|card| card.instance_id == key.instance_id);
        of_instance.filter(|card| card.ended_at.is_none()).cloned().collect()
    }

    fn change_card(
        &mut self,
        key: &InstanceKey,
        number: CardNumber,
        rule: impl FnOnce(&CardRecord) -> Option<(CardRecord, Option<HistoryNote>)>,
        now: Timestamp,
    ) -> Option<CardRecord> {
        let (card, told) = rule(self.open_cards(key).iter().find(|card| card.number == number)?)?;
        let change = rules::card_change(self.record(key)?, card.clone(), told, now);
        self.write(change);
        Some(card)
    }

    /// Writes what becomes of a card of an instance.
    pub(super) fn write_card(&mut self, key: &InstanceKey, change: CardChange) {
        let card = match change {
            CardChange::Add(new) => {
                self.last_card += 1;
                CardRecord::new(CardNumber(self.last_card), key.instance_id.clone(), new)
            }
            CardChange::Put(card) => card,
        };
        self.cards.insert((key.app.clone(), card.number), card);
    }

    /// Drops the cards of an instance that is forgotten, as far as they have ended.
    pub(super) fn forget_cards(&mut self, key: &InstanceKey) {
        self.cards.retain(|(app, _), card| {
            *app != key.app || card.instance_id != key.instance_id || card.state != CardState::Ended
        });
    }

    /// Drops cards that ended long ago, and those whose instances are gone.
    pub(super) fn sweep_cards(&mut self, app: &AppName, before: Timestamp) {
        let Self { cards, instances, .. } = self;
        cards.retain(|(of, _), card| {
            let key = InstanceKey::new(of.clone(), card.instance_id.clone());
            instances.contains_key(&key) && (of != app || card.ended_at.is_none_or(|ended| ended >= before))
        });
    }
}
