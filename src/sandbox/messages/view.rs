//! A person's messages as the chat with the approval bot would show them.

use serde::Serialize;

use super::body::{Content, QuickAction, Send};
use super::rules::DETAIL;
use super::{Change, Message, Messages};
use crate::sandbox::i18n::{Lexicon, Resource};
use crate::sandbox::times::rfc3339;

/// Messages that are shown when nobody says how many.
const DEFAULT_LIMIT: usize = 200;

/// A message with its texts in one locale.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct MessageView {
    message_id: String,
    template_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_id: Option<String>,
    /// The approval's name, or a custom message's own title.
    title: String,
    /// What stands below it.
    lines: Vec<String>,
    /// Status since the last update or tap, in Feishu's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// The same for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_text: Option<String>,
    /// Buttons that act; none once the card has a status.
    buttons: Vec<Button>,
    links: Links,
    sent_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct Button {
    action_type: String,
    label: String,
    is_need_reason: bool,
    is_reason_required: bool,
    is_need_attachment: bool,
}

/// Where a tap on the card leads.
#[derive(Debug, Serialize)]
struct Links {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pc_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_link: Option<String>,
}

/// The messages of one person (or of all), newest first, at most `limit`.
pub(in crate::sandbox) fn messages_of(
    messages: &Messages,
    person: Option<&str>,
    locale: Option<&str>,
    limit: Option<usize>,
) -> Vec<MessageView> {
    let is_theirs = |message: &&Message| person.is_none_or(|person| message.is_to(person));
    let shown = messages.kept.iter().rev().filter(is_theirs).take(limit.unwrap_or(DEFAULT_LIMIT));
    shown.map(|message| view(message, locale)).collect()
}

fn view(message: &Message, locale: Option<&str>) -> MessageView {
    let Message { app_id: _, message_id, sent_at, sent, changed } = message;
    let resources: Vec<Resource> = sent.i18n_resources.iter().map(Resource::from).collect();
    let texts = Lexicon::new(&resources);
    let text = |key: &Option<String>| key.as_deref().map(|key| texts.read(key, locale));
    let update = changed.as_ref().and_then(|change| change.update.as_ref());
    let later: Vec<Resource> =
        update.iter().flat_map(|update| &update.i18n_resources).map(Resource::from).collect();
    let later = Lexicon::new(&later);
    let renamed = update.and_then(|update| update.detail_action_name.as_deref());
    let action = sent.actions.first();
    MessageView {
        message_id: message_id.clone(),
        template_id: sent.template_id.clone(),
        user_id: sent.user_id.clone(),
        open_id: sent.open_id.clone(),
        title: text(&sent.custom_title).or_else(|| text(&sent.approval_name)).unwrap_or_default(),
        lines: lines(sent).map(|key| texts.read(key, locale)).collect(),
        status: changed.as_ref().map(|change| change.status.clone()),
        status_text: changed.as_ref().map(|change| status_text(change, &later, locale)),
        buttons: message.quick_actions().iter().map(|action| button(action, &texts, locale)).collect(),
        links: Links {
            label: renamed.map(|key| later.read(key, locale)).or_else(|| {
                let own = action.filter(|action| action.action_name != DETAIL);
                own.map(|action| texts.read(&action.action_name, locale))
            }),
            pc_link: action.and_then(|action| action.pc_url.clone()),
            mobile_link: action.and_then(|action| action.ios_url.clone()),
        },
        sent_at: rfc3339(*sent_at),
        updated_at: changed.as_ref().map(|change| rfc3339(change.updated_at)),
    }
}

/// The keys of what stands below the title, in the order of the card.
fn lines(sent: &Send) -> impl Iterator<Item = &str> {
    let content = sent.content.iter().flat_map(|Content { user_name, department_name, summaries }| {
        let summaries = summaries.iter().map(|summary| summary.summary.as_str());
        [user_name, department_name].into_iter().filter_map(|key| key.as_deref()).chain(summaries)
    });
    let rest = [&sent.custom_content, &sent.comment, &sent.note];
    content.chain(rest.into_iter().filter_map(|key| key.as_deref()))
}

fn status_text(Change { status, update, .. }: &Change, texts: &Lexicon<'_>, locale: Option<&str>) -> String {
    let named = update.as_ref().and_then(|update| update.status_name.as_deref());
    named.map_or_else(|| status.clone(), |key| texts.read(key, locale))
}

fn button(action: &QuickAction, texts: &Lexicon<'_>, locale: Option<&str>) -> Button {
    Button {
        action_type: action.action_type.clone(),
        label: action
            .action_name
            .as_deref()
            .map_or_else(|| action.action_type.clone(), |key| texts.read(key, locale)),
        is_need_reason: action.is_need_reason,
        is_reason_required: action.is_reason_required,
        is_need_attachment: action.is_need_attachment,
    }
}
