//! Messages of the approval bot: sent to a person, updated, and shown as that person would see them (contract §10).

mod body;
mod rules;
mod view;

use std::collections::VecDeque;

use serde::Serialize;

use super::refusal::Refusal;
use super::schema::CUSTOM_TEMPLATE;
use super::switches::Brand;
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

/// What the last update of a message has made of it.
#[derive(Debug, Clone)]
struct Change {
    updated_at: i64,
    status: String,
    update: Update,
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
        message.changed = Some(Change { updated_at: now, status, update });
        Ok(Sent { message_id: message.message_id.clone() })
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
