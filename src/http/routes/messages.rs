//! `POST /v1/messages` and `PATCH /v1/messages/{message_id}`: messages of the approval bot to people.

use axum::Extension;
use bytes::Bytes;
use secrecy::SecretString;
use uuid::Uuid;

use crate::document::{read_message, read_message_update};
use crate::domain::{BotMessage, KnownPeople, MessageContent, NamesPeople as _, Warnings};
use crate::feishu::translate::{alias_pointers, as_written, message_payload, message_update_payload};
use crate::feishu::{CallReport, Called, FeishuClient};
use crate::http::extract::{JsonBody, PathParam, QueryParams, TimeoutHeader};
use crate::http::failure::{Subject, call_failed, no_quota_for_payload, oversized};
use crate::http::json_response::JsonResponse;
use crate::http::load_shedder::Permit;
use crate::http::operation::links::FROM_MESSAGE;
use crate::http::operation::parameters::{path, timeout};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Problem};
use crate::http::rejection::read_or_refused;
use crate::http::responses::{MessageReceipt, MessageUpdateReceipt};
use crate::http::sent_messages::MessageKey;
use crate::http::state::{ApiState, ForWriting, ServedApp};

/// The routes of messages.
pub(super) fn routes() -> [Route<ApiState>; 2] {
    [
        Operation {
            id: "sendMessage",
            method: Method::Post,
            path: "/v1/messages",
            tag: "messages",
            summary: "Send a message to a person",
            description: "A push tells nobody unless `notify` wants it; this does, as the approval bot. A message with a `dedupe_key` reaches its person \
                once in 24 hours, however often it is sent. Answers the `message_id` that `updateMessage` needs.",
            parameters: vec![timeout()],
            request: Some("MessageInput"),
            answer: Answer::one::<MessageReceipt>("The message was sent, or had been sent before."),
            may_be_pending: false,
            problems: &[Code::UnknownPerson],
            upstream: Some(FeishuClient::send_message_api),
            needs_key: true,
            links: FROM_MESSAGE,
            examples: include_str!("../../../openapi/examples/sendMessage.json"),
        }
        .handled_by(send_message),
        Operation {
            id: "updateMessage",
            method: Method::Patch,
            path: "/v1/messages/{message_id}",
            tag: "messages",
            summary: "Say on a to-do card what has become of it",
            description: "A card that was sent here changes by a tap only. Feishu updates messages of the template `todo` only, for 30 days. \
                `application/json` and `application/merge-patch+json` are taken.",
            parameters: vec![
                path("message_id", "The message's id, as `sendMessage` answered it.", "7301550094428200000"),
                timeout(),
            ],
            request: Some("MessageUpdateInput"),
            answer: Answer::one::<MessageUpdateReceipt>("The card was changed."),
            may_be_pending: false,
            problems: &[],
            upstream: Some(FeishuClient::update_message_api),
            needs_key: true,
            links: &[],
            examples: include_str!("../../../openapi/examples/updateMessage.json"),
        }
        .handled_by(update_message),
    ]
}

async fn send_message(
    app: ForWriting,
    TimeoutHeader(deadline): TimeoutHeader,
    Extension(permit): Extension<Permit>,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<(Extension<CallReport>, JsonResponse<MessageReceipt>), Problem> {
    let elsewhere = query.reader().finish();
    // The document is needed as long as people are looked up; while Feishu is waited for after that, nobody needs it.
    let message = {
        let body = body;
        let mut message = read_or_refused(read_message(&body, app.rules), elsewhere)?;
        let people = app.people_of(&message, &KnownPeople::new(), deadline).await?;
        message.resolve(&people);
        Outgoing::of(message, &app)?
    };
    let Outgoing { payload, key, aliases, warnings } = message;
    if let Some(key) = key
        && let Some(message_id) = app.sent_messages().begin(&app.delivery, deadline, key).await?
    {
        let receipt = MessageReceipt::repeated(message_id, warnings);
        return Ok((Extension(CallReport::default()), JsonResponse(receipt)));
    }
    let payload = permit.hold(payload).map_err(no_quota_for_payload)?;
    let sent = app.feishu.send_message(payload, &app.context(deadline)).await;
    if let (Some(key), Ok(called)) = (key, &sent) {
        app.sent_messages().end(&app.delivery, deadline, key, &called.data).await;
    }
    let Called { data, log_id, report } = sent.map_err(|error| {
        call_failed(error, Subject::Message).map_pointers(|pointer| as_written(pointer, &aliases))
    })?;
    Ok((Extension(report), JsonResponse(MessageReceipt::sent(data, warnings, log_id))))
}

/// A message on its way to Feishu.
struct Outgoing {
    payload: Bytes,
    key: Option<MessageKey>,
    /// Pointers of the names in whose place Feishu gets ids.
    aliases: Vec<String>,
    warnings: Warnings,
}

impl Outgoing {
    fn of(mut message: BotMessage<'_>, app: &ServedApp) -> Result<Self, Problem> {
        if let MessageContent::Approval(approval) = &mut message.content
            && let Some(quick) = &mut approval.quick_approval
            && quick.callback.is_none()
        {
            quick.callback = app.quick_approval.clone();
        }
        secrets(&message).for_each(|secret| app.feishu.hide(secret));
        let key = MessageKey::of(&message);
        // One of its own lets an attempt be repeated whose fate is unknown.
        let uuid = key.map_or_else(|| Uuid::now_v7().simple().to_string(), |key| key.uuid());
        let payload = message_payload(&message, &uuid).map_err(oversized)?;
        Ok(Self { payload, key, aliases: alias_pointers(&message), warnings: message.warnings })
    }
}

fn secrets<'m>(message: &'m BotMessage<'_>) -> impl Iterator<Item = &'m SecretString> {
    let quick_approval = match &message.content {
        MessageContent::Approval(approval) => approval.quick_approval.as_ref(),
        MessageContent::Custom { .. } => None,
    };
    let callback = quick_approval.and_then(|quick| quick.callback.as_ref());
    callback.into_iter().flat_map(|callback| callback.token.iter().chain(&callback.key))
}

async fn update_message(
    app: ForWriting,
    PathParam(message_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    Extension(permit): Extension<Permit>,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<(Extension<CallReport>, JsonResponse<MessageUpdateReceipt>), Problem> {
    let elsewhere = query.reader().finish();
    let payload = {
        let body = body;
        let update = read_or_refused(read_message_update(&body, app.rules), elsewhere)?;
        message_update_payload(&update, &message_id).map_err(oversized)?
    };
    let payload = permit.hold(payload).map_err(no_quota_for_payload)?;
    let updated = app.feishu.update_message(payload, &app.context(deadline)).await;
    let Called { data: (), log_id, report } =
        updated.map_err(|error| call_failed(error, Subject::Message))?;
    Ok((Extension(report), JsonResponse(MessageUpdateReceipt::new(message_id, log_id))))
}
