//! Messages of the approval bot: sent to a person, updated, and shown as that person would see them (contract §10).

mod rules;
mod view;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::i18n::{Resource, Text};
use super::refusal::Refusal;
use super::schema::CUSTOM_TEMPLATE;
use super::switches::Brand;

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

/// The body of `message/send`, as far as anybody sees it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Send {
    template_id: String,
    user_id: Option<String>,
    open_id: Option<String>,
    uuid: Option<String>,
    approval_name: Option<String>,
    comment: Option<String>,
    content: Option<Content>,
    note: Option<String>,
    custom_title: Option<String>,
    custom_content: Option<String>,
    actions: Vec<Action>,
    #[serde(default)]
    action_configs: Vec<QuickAction>,
    action_callback: Option<Callback>,
    i18n_resources: Vec<MapResource>,
}

#[derive(Debug, Clone, Deserialize)]
struct Content {
    user_name: Option<String>,
    department_name: Option<String>,
    summaries: Vec<Summary>,
}

#[derive(Debug, Clone, Deserialize)]
struct Summary {
    summary: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Action {
    action_name: String,
    url: Option<String>,
    android_url: Option<String>,
    ios_url: Option<String>,
    pc_url: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct QuickAction {
    action_type: String,
    action_name: Option<String>,
    #[serde(default)]
    is_need_reason: bool,
    #[serde(default)]
    is_reason_required: bool,
    #[serde(default)]
    is_need_attachment: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Callback {
    action_callback_url: Option<String>,
}

/// The texts of one locale, in the shape that messages want.
#[derive(Debug, Clone, Deserialize)]
struct MapResource {
    locale: String,
    is_default: bool,
    texts: std::collections::BTreeMap<String, String>,
}

impl From<&MapResource> for Resource {
    fn from(MapResource { locale, is_default, texts }: &MapResource) -> Self {
        let texts = texts.iter().map(|(key, value)| Text { key: key.clone(), value: value.clone() });
        Self { locale: locale.clone(), is_default: *is_default, texts: texts.collect() }
    }
}

/// The body of `message/update`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Update {
    message_id: String,
    status: Option<String>,
    status_name: Option<String>,
    detail_action_name: Option<String>,
    #[serde(default)]
    i18n_resources: Vec<MapResource>,
}

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
