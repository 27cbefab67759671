//! Which messages a person has got, so that an equal `dedupe_key` sends none again for a day.
//!
//! The ledger keeps them where there is one, for restarts and for replicas; else this process does. Of equal messages that are
//! sent at the same time Feishu delivers one: they have the same uuid.

use std::time::Duration;

use moka::sync::Cache;

use super::in_time::in_time;
use super::problem::Problem;
use crate::delivery::Delivery;
use crate::domain::{BotMessage, Timestamp};
use crate::ledger::{ActionKey, ActionRecord, ActionState};
use crate::support::deadline::Deadline;
use crate::support::hash_parts::hash_parts;

/// How long a message is known (design §4.3).
const KNOWN_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// How long one that is being sent is known; longer than any request.
const UNDER_WAY_FOR: Duration = Duration::from_secs(60);

/// Messages that are known without a ledger.
const MOST: u64 = 100_000;

/// The messages of one app.
#[derive(Debug)]
pub(super) struct SentMessages(Cache<[u8; 32], String>);

impl Default for SentMessages {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(KNOWN_FOR).build())
    }
}

/// What makes messages equal: their key, and the person as the message names them. Which ids are found for an address may change.
#[derive(Debug, Clone, Copy)]
pub(super) struct MessageKey([u8; 32]);

impl MessageKey {
    /// The key of a message that has one.
    pub(super) fn of(message: &BotMessage<'_>) -> Option<Self> {
        let key = message.dedupe_key.as_ref()?.as_str();
        let recipient = &message.recipient;
        let hash = match recipient.alias() {
            // One part more than beside ids, so that none is like them.
            Some(alias) => hash_parts("message", [key, "", alias.kind.as_str(), &alias.value]),
            None => {
                let ids = [recipient.user_id(), recipient.open_id()].map(Option::unwrap_or_default);
                hash_parts("message", [key, ids[0], ids[1]])
            }
        };
        Some(Self(hash))
    }

    /// What Feishu is told, which knows it for an hour.
    pub(super) fn uuid(&self) -> String {
        hex::encode(&self.0[..16])
    }
}

impl SentMessages {
    /// The id of an equal message that the person has got; notes that one is about to be sent otherwise.
    pub(super) async fn begin(
        &self,
        delivery: &Delivery,
        deadline: Deadline,
        MessageKey(key): MessageKey,
    ) -> Result<Option<String>, Problem> {
        let Some(durable) = delivery.durable() else { return Ok(self.0.get(&key)) };
        let (ledger, app, now) = (durable.ledger(), durable.app(), durable.now());
        let known = in_time(deadline, ledger.action(app, ActionKey(key))).await?;
        if let Some(message_id) = known.and_then(|known| sent(known, now)) {
            return Ok(Some(message_id));
        }
        let record =
            ActionRecord { state: ActionState::UnderWay, answer: None, until: later(now, UNDER_WAY_FOR) };
        let known = in_time(deadline, ledger.begin_action(app, ActionKey(key), record)).await?;
        Ok(known.and_then(|known| sent(known, now)))
    }

    /// A message that was begun has this id. Feishu has it by now, so a ledger that fails is no failure of the request.
    ///
    /// One that was not sent is left to be forgotten: an equal one may have been sent meanwhile.
    pub(super) async fn end(
        &self,
        delivery: &Delivery,
        deadline: Deadline,
        MessageKey(key): MessageKey,
        message_id: &str,
    ) {
        let Some(durable) = delivery.durable() else {
            self.0.insert(key, message_id.to_owned());
            return;
        };
        let record = ActionRecord {
            state: ActionState::Succeeded,
            answer: Some(serde_json::Value::from(message_id).to_string()),
            until: later(durable.now(), KNOWN_FOR),
        };
        let written = durable.ledger().end_action(durable.app(), ActionKey(key), record);
        if let Err(problem) = in_time(deadline, written).await {
            tracing::warn!(
                error = problem.logged_cause(),
                "the ledger could not note a message that was sent"
            );
        }
    }
}

/// The id of a message that still counts.
fn sent(known: ActionRecord, now: Timestamp) -> Option<String> {
    let counts = known.state == ActionState::Succeeded && known.counts_within(now, KNOWN_FOR);
    let answer = known.answer.filter(|_| counts)?;
    serde_json::from_str(&answer).ok()
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    let by = i64::try_from(by.as_millis()).unwrap_or_default();
    Timestamp::from_unix_millis(now.unix_millis().saturating_add(by)).unwrap_or(now)
}
