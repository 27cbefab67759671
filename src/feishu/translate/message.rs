//! The flat message becomes `message/send`, its change `message/update` (contract §10).

use bytes::Bytes;
use secrecy::ExposeSecret;

use super::instance::action_parts;
use super::oversized::OversizedPayload;
use crate::domain::{
    Action, ActionKind, ApprovalMessage, BotMessage, Callback, CardActions, CardStatus, Id, Links,
    MessageContent, MessageStatus, MessageTemplate, MessageUpdate, Person, Text,
};
use crate::feishu::wire::{
    ActionCallback, ActionName, Message, MessageAction, MessageActionConfig, MessageBody, MessageChange,
    Summary, TooLarge, message_payload_of,
};

/// The exact payload of a message, in JSON; equal `uuid`s are sent once.
///
/// # Errors
/// When it would have more than [`MAX_PAYLOAD_BYTES`](crate::feishu::wire::MAX_PAYLOAD_BYTES).
pub fn message_payload(message: &BotMessage<'_>, uuid: &str) -> Result<Bytes, OversizedPayload> {
    let BotMessage {
        recipient,
        content,
        note,
        links,
        // Part of the `uuid`.
        dedupe_key: _,
        locale,
        translations,
        // For the caller.
        warnings: _,
    } = message;
    let members = match content {
        MessageContent::Approval(approval) => about_approval(approval, links),
        MessageContent::Custom { title, text, link_label } => Message {
            custom_title: Some(title),
            custom_content: Some(text),
            ..empty(MessageTemplate::Custom, ActionName::Named(link_label), links)
        },
    };
    let members = Message {
        user_id: recipient.user_id(),
        open_id: recipient.open_id(),
        uuid,
        note: note.as_ref(),
        ..members
    };
    let written = message_payload_of(&members, *locale, translations);
    written.map(Bytes::from).map_err(|TooLarge| OversizedPayload::unexplained())
}

fn empty<'a>(template: MessageTemplate, action_name: ActionName<'a>, links: &'a Links<'a>) -> Message<'a> {
    let Links { pc, mobile } = links;
    let (pc, mobile) = (pc.as_str(), mobile.as_str());
    Message {
        template_id: template.wire_name(),
        user_id: None,
        open_id: None,
        uuid: "",
        approval_name: None,
        title_user_id: None,
        title_user_id_type: None,
        comment: None,
        content: None,
        note: None,
        sender_user_id: None,
        text: None,
        custom_title: None,
        custom_content: None,
        actions: vec![MessageAction {
            action_name,
            url: pc,
            android_url: mobile,
            ios_url: mobile,
            pc_url: pc,
        }],
        action_configs: None,
        action_callback: None,
    }
}

fn about_approval<'a>(approval: &'a ApprovalMessage<'a>, links: &'a Links<'a>) -> Message<'a> {
    let ApprovalMessage {
        template,
        approval_name,
        subject,
        applicant,
        applicant_name,
        department_id,
        department_name,
        summaries,
        comment,
        sender,
        chat_text,
        quick_approval,
    } = approval;
    let (title_user_id, title_user_id_type) = one_id(subject.as_ref()).unzip();
    let (user_id, user_id_type) = one_id(applicant.as_ref()).unzip();
    Message {
        approval_name: Some(approval_name),
        title_user_id,
        title_user_id_type,
        comment: comment.as_ref(),
        content: Some(MessageBody {
            user_id,
            user_id_type,
            department_id: department_id.as_ref().map(Id::as_str),
            user_name: applicant_name.as_ref(),
            department_name: department_name.as_ref(),
            summaries: summaries.iter().map(|summary| Summary { summary }).collect(),
        }),
        sender_user_id: sender.as_ref().map(Id::as_str),
        text: chat_text.as_ref().map(Id::as_str),
        action_configs: quick_approval.as_ref().map(|quick| quick.actions.iter().map(button).collect()),
        action_callback: quick_approval.as_ref().and_then(action_callback),
        ..empty(*template, ActionName::Detail, links)
    }
}

/// Here a person has one id, and its kind is said.
fn one_id<'a>(person: Option<&'a Person<'a>>) -> Option<(&'a str, &'static str)> {
    let person = person?;
    let user_id = person.user_id().map(|id| (id, "user_id"));
    user_id.or_else(|| person.open_id().map(|id| (id, "open_id")))
}

fn button<'a>(action: &'a Action<'a>) -> MessageActionConfig<'a> {
    let Action { kind, reason: _, attachment } = action;
    let (action_type, is_need_reason, is_reason_required) = action_parts(action);
    MessageActionConfig {
        action_type,
        action_name: action.label(),
        is_need_reason,
        is_reason_required,
        is_need_attachment: *attachment,
        // Without it the card keeps its buttons after a tap; what an action of one's own leads to, only its owner knows.
        next_status: match kind {
            ActionKind::Approve { label: _ } => Some(MessageStatus::Approved.wire_name()),
            ActionKind::Reject { label: _ } => Some(MessageStatus::Rejected.wire_name()),
            ActionKind::Custom { key: _, label: _ } => None,
        },
    }
}

fn action_callback<'a>(quick: &'a CardActions<'a>) -> Option<ActionCallback<'a>> {
    let CardActions { actions: _, context, callback } = quick;
    let Callback { url, token, key } = callback.as_ref()?;
    Some(ActionCallback {
        action_callback_url: url.as_str(),
        action_callback_token: token.as_ref().map(ExposeSecret::expose_secret),
        action_callback_key: key.as_ref().map(ExposeSecret::expose_secret),
        action_context: context.as_ref().map(Id::as_str),
    })
}

/// The exact payload of a change of a card, in JSON.
///
/// # Errors
/// As for [`message_payload`].
pub fn message_update_payload(
    update: &MessageUpdate<'_>,
    message_id: &str,
) -> Result<Bytes, OversizedPayload> {
    let MessageUpdate { status, locale, translations } = update;
    let (status, status_name, detail_action_name): (_, Option<&Text<'_>>, Option<&Text<'_>>) = match status {
        CardStatus::Word(word) => (*word, None, None),
        CardStatus::Custom { text, link_label } => (MessageStatus::Custom, Some(text), link_label.as_ref()),
    };
    let members = MessageChange { message_id, status: status.wire_name(), status_name, detail_action_name };
    let written = message_payload_of(&members, *locale, translations);
    written.map(Bytes::from).map_err(|TooLarge| OversizedPayload::unexplained())
}
