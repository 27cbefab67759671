//! Messages of the approval bot: sent to a person, updated, and shown as that person would see them (contract §10).

mod body;
mod rules;
mod view;

use std::collections::VecDeque;

use serde::Serialize;

use super::refusal::Refusal;
use super::schema::CUSTOM_TEMPLATE;
use super::switches::Brand;
use body::{CardCallback, QuickAction};
pub(super) use body::{Send, Update};

pub(super) use view::{MessageView, messages_of};

/// The only template whose messages can be updated.
const TODO: &str = "1008";

/// Messages that are kept; the oldest go first.
const MAX_MESSAGES: usize = 10_000;

/// The first number of a message: beyond 2^53, as Feishu's are.
const FIRST_MESSAGE_ID: u64 = 7_301_550_094_428_200_000;

const HOUR: i64 = 3_600_000;

/// How long a message can be updated: 30 days.
const LONGEST_UPDATE: i64 = 30 * 24 * HOUR;

/// `data` of both answers.
#[derive(Debug, Serialize)]
pub(super) struct Sent {
    message_id: String,
}

/// A message that a person got.
#[derive(Debug, Clone)]
struct Message {
    app_id: String,
    message_id: String,
    sent_at: i64,
    sent: Send,
    changed: Option<Change>,
}

/// What the last update of a message, or a tap on it, has made of it.
#[derive(Debug, Clone)]
struct Change {
    updated_at: i64,
    status: String,
    /// Absent after a tap.
    update: Option<Update>,
}

/// A button of a card that acts.
pub(super) struct CardButton<'a> {
    pub(super) action_type: &'a str,
    /// The status of the card after a tap that succeeds; without one the card stays as it is.
    pub(super) next_status: Option<&'a str>,
    pub(super) callback: &'a CardCallback,
}

impl Message {
    fn is_to(&self, person: &str) -> bool {
        [self.sent.user_id.as_deref(), self.sent.open_id.as_deref()].contains(&Some(person))
    }

    /// The buttons that act: none without an address for callbacks, nor once the card has a status.
    fn quick_actions(&self) -> &[QuickAction] {
        let callback = self.sent.action_callback.as_ref().and_then(CardCallback::url);
        if callback.is_some() && self.changed.is_none() { &self.sent.action_configs } else { &[] }
    }
}

/// All messages, oldest first.
#[derive(Debug, Default)]
pub(super) struct Messages {
    kept: VecDeque<Message>,
    count: u64,
}

impl Messages {
    /// Sends a message, unless its uuid says that it was sent before: then the answer looks the same.
    pub(super) fn send(&mut self, app_id: &str, now: i64, sent: Send, brand: Brand) -> Result<Sent, Refusal> {
        rules::sendable(&sent)?;
        if let Some(earlier) = self
            .kept
            .iter()
            .rev()
            .find(|known| known.app_id == app_id && is_repeated(known, &sent, now, brand))
        {
            return Ok(Sent { message_id: earlier.message_id.clone() });
        }
        let message_id = (FIRST_MESSAGE_ID + self.count).to_string();
        self.count += 1;
        if self.kept.len() == MAX_MESSAGES {
            self.kept.pop_front();
        }
        let message = Message {
            app_id: app_id.to_owned(),
            message_id: message_id.clone(),
            sent_at: now,
            sent,
            changed: None,
        };
        self.kept.push_back(message);
        Ok(Sent { message_id })
    }

    /// Changes the status of a message. How refusals are worded is our choice, but for a missing status.
    pub(super) fn update(&mut self, app_id: &str, now: i64, update: Update) -> Result<Sent, Refusal> {
        let status = rules::status_of(&update)?.to_owned();
        let message = self
            .kept
            .iter_mut()
            .find(|known| known.app_id == app_id && known.message_id == update.message_id)
            .ok_or_else(|| Refusal::message("message not found"))?;
        if message.sent.template_id != TODO {
            return Err(Refusal::message("only messages of template 1008 can be updated"));
        }
        if now - message.sent_at > LONGEST_UPDATE {
            return Err(Refusal::message("message is older than 30 days"));
        }
        message.changed = Some(Change { updated_at: now, status, update: Some(update) });
        Ok(Sent { message_id: message.message_id.clone() })
    }

    /// The buttons of a message that this person has got; nothing when they have got no such message.
    pub(super) fn buttons(&self, person: &str, message_id: &str) -> Option<Vec<CardButton<'_>>> {
        let message = self.kept.iter().find(|known| known.message_id == message_id && known.is_to(person))?;
        let callback = message.sent.action_callback.as_ref();
        let buttons = callback.into_iter().flat_map(|callback| {
            message.quick_actions().iter().map(move |action| CardButton {
                action_type: &action.action_type,
                next_status: action.next_status.as_deref().filter(|status| !status.is_empty()),
                callback,
            })
        });
        Some(buttons.collect())
    }

    /// Gives a card the status that its button names. One that was updated meanwhile keeps what it was given.
    pub(super) fn tapped(&mut self, message_id: &str, now: i64, status: String) {
        if let Some(message) = self.kept.iter_mut().find(|known| known.message_id == message_id) {
            message.changed.get_or_insert(Change { updated_at: now, status, update: None });
        }
    }

    /// Everybody who has got a message, once for each, the newest first.
    pub(super) fn recipients(&self) -> impl Iterator<Item = &str> {
        let sent = self.kept.iter().rev().map(|message| &message.sent);
        sent.filter_map(|sent| sent.user_id.as_deref().or(sent.open_id.as_deref()))
    }
}

/// Feishu looks for the uuid for an hour; Lark, and custom messages, for the uuid and the person without end.
fn is_repeated(known: &Message, sent: &Send, now: i64, brand: Brand) -> bool {
    let uuid = sent.uuid.as_ref().filter(|uuid| !uuid.is_empty());
    if uuid.is_none() || known.sent.uuid.as_ref() != uuid {
        return false;
    }
    match brand {
        Brand::Feishu if sent.template_id != CUSTOM_TEMPLATE => now - known.sent_at < HOUR,
        Brand::Feishu | Brand::Lark => {
            known.sent.user_id == sent.user_id && known.sent.open_id == sent.open_id
        }
    }
}
