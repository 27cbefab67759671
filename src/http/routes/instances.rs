//! `PUT` and `GET /v1/instances/{instance_id}`, and `POST /v1/instances/{instance_id}/preview`.

use std::pin::pin;
use std::sync::Arc;

use axum::Extension;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::poll_immediate;

use super::{patch_instance, visibility};
use crate::delivery::durable::{Submission, merged_update, new_document};
use crate::delivery::{Delivery, warn_of_far_versions};
use crate::document::{Rules, read_instance};
use crate::domain::{Alias, ApprovalInstance, KnownPeople, Mode, NamesPeople as _, Timestamp, Violation};
use crate::feishu::translate::{alias_pointers, as_written, ignored_by};
use crate::feishu::{Api, CallReport, FeishuClient};
use crate::http::delivered::{Told, answered, no_revisions, not_accepted};
use crate::http::extract::{
    IfMatchHeader, JsonBody, PathParam, Preferences, QueryParams, QueryReader, TimeoutHeader,
};
use crate::http::failure::{list_failed, no_quota_for_payload, oversized, push_failed};
use crate::http::json_response::JsonResponse;
use crate::http::load_shedder::Permit;
use crate::http::operation::links::FROM_RECEIPT;
use crate::http::operation::parameters::{
    flag, if_match, instance_id, one_of, prefer, timeout, unless_match,
};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Problem};
use crate::http::rejection::{nothing_wrong, read_or_refused, refused};
use crate::http::requester::Requester;
use crate::http::responses::{InstanceReceipt, TaskStatusItem};
use crate::http::state::{ApiState, ForReading, ForWriting};
use crate::ledger::{DocumentSource, MakeDocument, Rejection};

/// The routes of instances.
pub(super) fn routes() -> [Route<ApiState>; 5] {
    let mode = || one_of::<Mode>("mode", "How to treat what Feishu already has; `replace` when absent.");
    [
        Operation {
            id: "putInstance",
            method: Method::Put,
            path: "/v1/instances/{instance_id}",
            tag: "instances",
            summary: "Push an instance",
            description: "Keeps the document, translates it and sends it to Feishu. What is not delivered by the deadline is answered \
                202 and delivered later; a newer document takes the place of one that still waits. Without a ledger nothing is kept, and \
                what is not delivered is a problem. Pushes of one instance go one after another. A push that succeeded is 200, whatever \
                became of the check. A document that was delivered before is not sent again. What is sent has 15 MiB at most: else `errors` has \
                `too_large`, with what takes so much, such as a link that many tasks take over.",
            parameters: vec![
                instance_id(),
                mode(),
                flag("verify", "Ask Feishu's check afterwards; a document that was delivered before is sent again when it differs."),
                flag("resend", "Send a document that was delivered before all the same."),
                prefer(),
                if_match(),
                unless_match(),
                timeout(),
            ],
            request: Some("InstanceInput"),
            answer: Answer::one::<InstanceReceipt>("What is known about the push."),
            may_be_pending: true,
            problems: &[
                Code::IdMismatch,
                Code::WouldErase,
                Code::StaleUpdate,
                Code::RevisionMismatch,
                Code::UnknownPerson,
                Code::UnknownApprovalCode,
                Code::LedgerUnavailable,
                Code::LedgerOff,
            ],
            upstream: Some(|_| Api::SyncInstance),
            needs_key: true,
            links: FROM_RECEIPT,
            examples: include_str!("../../../openapi/examples/putInstance.json"),
        }
        .handled_by(put_instance),
        patch_instance::route(),
        Operation {
            id: "getInstance",
            method: Method::Get,
            path: "/v1/instances/{instance_id}",
            tag: "instances",
            summary: "See what Feishu has of an instance",
            description: "Statuses and versions of the instance and its tasks. 404 `instance_not_found` when Feishu has none.",
            parameters: vec![instance_id(), timeout()],
            request: None,
            answer: Answer::one::<TaskStatusItem>("What Feishu has."),
            may_be_pending: false,
            problems: &[Code::InstanceNotFound],
            upstream: Some(FeishuClient::statuses_api),
            needs_key: true,
            links: &[],
            examples: include_str!("../../../openapi/examples/getInstance.json"),
        }
        .handled_by(get_instance),
        visibility::route(),
        Operation {
            id: "previewInstance",
            method: Method::Post,
            path: "/v1/instances/{instance_id}/preview",
            tag: "instances",
            summary: "See what would be sent",
            description: "Answers the exact payload that `putInstance` would send. Calls nobody, unless the document names people by \
                e-mail, mobile or union id: they are looked up, and shown by the ids that are found.",
            parameters: vec![instance_id(), mode(), timeout()],
            request: Some("InstanceInput"),
            answer: Answer::FreeForm { name: "InstancePreview", description: "Feishu's payload." },
            may_be_pending: false,
            problems: &[
                Code::IdMismatch,
                Code::WouldErase,
                Code::UnknownPerson,
                // Of lookups.
                Code::UpstreamMisconfigured,
                Code::UpstreamRateLimited,
                Code::UpstreamQuotaExhausted,
                Code::UpstreamAuthFailed,
                Code::UpstreamTicketMissing,
                Code::UpstreamPermissionDenied,
                Code::UpstreamError,
                Code::UpstreamUnavailable,
                Code::UpstreamProtocolError,
                Code::UpstreamTimeout,
                Code::CircuitOpen,
            ],
            upstream: None,
            needs_key: true,
            links: &[],
            examples: include_str!("../../../openapi/examples/previewInstance.json"),
        }
        .handled_by(preview_instance),
    ]
}

#[expect(clippy::too_many_arguments, reason = "each is one part of the request")]
async fn put_instance(
    app: ForWriting,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    Extension(permit): Extension<Permit>,
    preferences: Preferences,
    IfMatchHeader(if_match): IfMatchHeader,
    requester: Requester,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut query = query.reader();
    let mode = query.word("mode");
    let verify = query.flag("verify").unwrap_or(false);
    let resend = query.flag("resend").unwrap_or(false);
    let wrong = query.finish();
    match &*app.delivery {
        Delivery::Direct(direct) => {
            if if_match.is_some() {
                return Err(no_revisions());
            }
            let mode = mode.unwrap_or_default();
            // Whoever waits for a turn or for Feishu holds bytes: a document that was read takes several times as much, and
            // many wait at once. So what waits for its turn is read again when that has come.
            let (prepared, approval_code, aliases) = {
                let body = body;
                let mut instance = read(&body, &instance_id, mode, app.rules, wrong)?;
                // Before its turn, so that nobody else waits for the lookup.
                let people = app.people_of(&instance, &KnownPeople::new(), deadline).await?;
                instance.resolve(&people);
                let mut turn = pin!(direct.turn(&instance_id, deadline));
                let (turn, instance) = match poll_immediate(turn.as_mut()).await {
                    Some(turn) => (turn, instance),
                    None => {
                        drop(instance);
                        let turn = turn.await;
                        let mut instance = read(&body, &instance_id, mode, app.rules, Vec::new())?;
                        instance.resolve(&people);
                        (turn, instance)
                    }
                };
                let prepared = turn.and_then(|turn| direct.prepare(turn, &instance, mode, verify));
                let approval_code = instance.approval_code.as_str().to_owned();
                (prepared.map_err(push_failed)?, approval_code, alias_pointers(&instance))
            };
            let prepared = prepared.held_by(|payload| permit.hold(payload)).map_err(no_quota_for_payload)?;
            let pushed = direct.push(prepared, app.context(deadline), permit).await;
            let pushed = pushed
                .map_err(|error| push_failed(error).map_pointers(|pointer| as_written(pointer, &aliases)))?;
            let report = Extension(pushed.report.clone());
            let receipt = InstanceReceipt::new(instance_id, approval_code, mode, pushed);
            Ok((report, JsonResponse(receipt)).into_response())
        }
        Delivery::Durable(durable) => {
            let ReadDocument { document, people, mut told } =
                document(body, &instance_id, mode, app.rules, Some(durable.now()), wrong)?;
            told.respond_async = preferences.respond_async;
            let Requester { caller, request_id } = requester;
            let submission = Submission {
                if_match,
                resend,
                verify,
                caller,
                request_id,
                people,
                ..Submission::new(instance_id, document)
            };
            let wait_until = preferences.wait_until(deadline);
            let answer = durable.deliver(submission, app.context(deadline), wait_until).await;
            answered(&app, durable, answer.map_err(not_accepted)?, told, deadline).await
        }
    }
}

/// The document of a body as the ledger takes it.
pub(super) struct ReadDocument {
    pub(super) document: DocumentSource,
    /// People whom it names by aliases.
    pub(super) people: Vec<Alias<'static>>,
    /// What its caller is told about it.
    pub(super) told: Told,
}

/// Reads the document of a body. Of versions that lie far ahead is told only with the present time.
pub(super) fn document(
    body: Bytes,
    instance_id: &str,
    mode: Option<Mode>,
    rules: Rules,
    now: Option<Timestamp>,
    wrong: Vec<Violation>,
) -> Result<ReadDocument, Problem> {
    let is_mode_given = mode.is_some();
    let mode = mode.unwrap_or_default();
    let (document, people, told) = {
        let mut instance = read(&body, instance_id, mode, rules, wrong)?;
        let mut warnings = std::mem::take(&mut instance.warnings);
        if let Some(now) = now {
            warn_of_far_versions(&instance, now, &mut warnings);
        }
        let ignored = ignored_by(mode, &instance);
        let document = new_document(&body, &instance, mode, is_mode_given).map_err(oversized)?;
        let people = instance.aliases().into_iter().map(|(_, alias)| alias.to_static()).collect();
        (document, people, Told { warnings, ignored, respond_async: false })
    };
    if mode == Mode::Replace {
        return Ok(ReadDocument { document: DocumentSource::Given(document), people, told });
    }
    let instance_id = instance_id.to_owned();
    let make: MakeDocument = Arc::new(move |kept| {
        let Some(kept) = kept else { return Ok(document.clone()) };
        let (merged, sent_as) =
            merged_update(kept, &body).map_err(|e| Rejection::new(Problem::internal(e)))?;
        let instance = read_instance(&merged, Some(&instance_id), sent_as, rules)
            .map_err(|rejection| Rejection::new(refused(rejection, Vec::new())))?;
        new_document(&merged, &instance, mode, is_mode_given).map_err(|e| Rejection::new(oversized(e)))
    });
    Ok(ReadDocument { document: DocumentSource::Made(make), people, told })
}

async fn get_instance(
    app: ForReading,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<(Extension<CallReport>, JsonResponse<TaskStatusItem>), Problem> {
    nothing_wrong(query.reader().finish())?;
    let found = app.feishu.get_instance(&instance_id, &app.context(deadline)).await.map_err(list_failed)?;
    match found.data {
        Some(node) => Ok((Extension(found.report), JsonResponse(TaskStatusItem::from(node)))),
        None => Err(Problem::new(Code::InstanceNotFound)
            .detail("Feishu has no instance with this id that this app has pushed.")
            .report(found.report)),
    }
}

async fn preview_instance(
    app: ForReading,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut query = query.reader();
    let mode = mode(&mut query);
    let mut instance = read(&body, &instance_id, mode, app.rules, query.finish())?;
    if !instance.aliases().is_empty() {
        let remembered = app.delivery.remembered_people(&instance_id).await;
        let people = app.people_of(&instance, &remembered, deadline).await?;
        instance.resolve(&people);
    }
    let mut payload = Vec::from(app.delivery.preview(&instance, mode).await.map_err(oversized)?);
    payload.push(b'\n');
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], payload).into_response())
}

fn mode(query: &mut QueryReader) -> Mode {
    query.word("mode").unwrap_or_default()
}

/// Reads the document and reports what is wrong with it together with what is wrong with the query.
fn read<'a>(
    body: &'a Bytes,
    instance_id: &'a str,
    mode: Mode,
    rules: Rules,
    elsewhere: Vec<Violation>,
) -> Result<ApprovalInstance<'a>, Problem> {
    read_or_refused(read_instance(body, Some(instance_id), mode, rules), elsewhere)
}
