//! `PUT` and `GET /v1/instances/{instance_id}`, and `POST /v1/instances/{instance_id}/preview`.

use std::pin::pin;

use axum::Extension;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::poll_immediate;

use crate::document::{Rules, read_instance};
use crate::domain::{ApprovalInstance, Mode, Violation};
use crate::feishu::{Api, CallReport, FeishuClient};
use crate::http::extract::{JsonBody, PathParam, QueryParams, QueryReader, TimeoutHeader};
use crate::http::failure::{list_failed, no_quota_for_payload, oversized, push_failed};
use crate::http::json_response::JsonResponse;
use crate::http::load_shedder::Permit;
use crate::http::operation::links::FROM_RECEIPT;
use crate::http::operation::parameters::{flag, one_of, path, timeout};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Problem};
use crate::http::rejection::refused;
use crate::http::responses::{InstanceReceipt, TaskStatusItem};
use crate::http::state::{ApiState, ForReading, ForWriting};

/// The routes of instances.
pub(super) fn routes() -> [Route<ApiState>; 3] {
    let instance_id = || {
        path(
            "instance_id",
            "Your id of the instance as it is; whatever makes the URL encodes it, once.",
            "leave-1001",
        )
    };
    let mode = || one_of::<Mode>("mode", "How to treat what Feishu already has; `replace` when absent.");
    [
        Operation {
            id: "putInstance",
            method: Method::Put,
            path: "/v1/instances/{instance_id}",
            tag: "instances",
            summary: "Push an instance",
            description: "Translates the document and sends it to Feishu. Pushes of one instance go one after another, in the \
                order of arrival. A push that succeeded is 200, whatever became of the check. What is sent has 15 MiB at most: \
                else `errors` has `too_large`, with what takes so much, such as a link that many tasks take over.",
            parameters: vec![
                instance_id(),
                mode(),
                flag("verify", "Ask Feishu's check afterwards."),
                timeout(),
            ],
            request: Some("InstanceInput"),
            answer: Answer::one::<InstanceReceipt>("What is known about the push."),
            problems: &[Code::IdMismatch, Code::WouldErase, Code::StaleUpdate, Code::UnknownApprovalCode],
            upstream: Some(|_| Api::SyncInstance),
            needs_key: true,
            links: FROM_RECEIPT,
            examples: include_str!("../../../openapi/examples/putInstance.json"),
        }
        .handled_by(put_instance),
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
            problems: &[Code::InstanceNotFound],
            upstream: Some(FeishuClient::statuses_api),
            needs_key: true,
            links: &[],
            examples: include_str!("../../../openapi/examples/getInstance.json"),
        }
        .handled_by(get_instance),
        Operation {
            id: "previewInstance",
            method: Method::Post,
            path: "/v1/instances/{instance_id}/preview",
            tag: "instances",
            summary: "See what would be sent",
            description: "Answers the exact payload that `putInstance` would send. Calls nobody.",
            parameters: vec![instance_id(), mode(), timeout()],
            request: Some("InstanceInput"),
            answer: Answer::FreeForm { name: "InstancePreview", description: "Feishu's payload." },
            problems: &[Code::IdMismatch, Code::WouldErase],
            upstream: None,
            needs_key: true,
            links: &[],
            examples: include_str!("../../../openapi/examples/previewInstance.json"),
        }
        .handled_by(preview_instance),
    ]
}

async fn put_instance(
    app: ForWriting,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    Extension(permit): Extension<Permit>,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<(Extension<CallReport>, JsonResponse<InstanceReceipt>), Problem> {
    let mut query = query.reader();
    let mode = mode(&mut query);
    let verify = query.flag("verify").unwrap_or(false);
    let elsewhere = query.finish();
    // Whoever waits for a turn or for Feishu holds bytes: a document that was read takes several times as much, and many
    // wait at once. So what waits for its turn is read again when that has come.
    let (prepared, approval_code) = {
        let body = body;
        let mut turn = pin!(app.delivery.turn(&instance_id, deadline));
        let instance = read(&body, &instance_id, mode, app.rules, elsewhere)?;
        let (turn, instance) = match poll_immediate(turn.as_mut()).await {
            Some(turn) => (turn, instance),
            None => {
                drop(instance);
                (turn.await, read(&body, &instance_id, mode, app.rules, Vec::new())?)
            }
        };
        let prepared = turn.and_then(|turn| app.delivery.prepare(turn, &instance, mode, verify));
        (prepared.map_err(push_failed)?, instance.approval_code.as_str().to_owned())
    };
    let prepared = prepared.held_by(|payload| permit.hold(payload)).map_err(no_quota_for_payload)?;
    let pushed = app.delivery.push(prepared, deadline, permit).await.map_err(push_failed)?;
    let report = Extension(pushed.report.clone());
    Ok((report, JsonResponse(InstanceReceipt::new(instance_id, approval_code, mode, pushed))))
}

async fn get_instance(
    app: ForReading,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<(Extension<CallReport>, JsonResponse<TaskStatusItem>), Problem> {
    let violations = query.reader().finish();
    if !violations.is_empty() {
        return Err(Problem::validation(violations));
    }
    let found = app.feishu.get_instance(&instance_id, deadline).await.map_err(list_failed)?;
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
    TimeoutHeader(_): TimeoutHeader,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut query = query.reader();
    let mode = mode(&mut query);
    let instance = read(&body, &instance_id, mode, app.rules, query.finish())?;
    let mut payload = Vec::from(app.delivery.preview(&instance, mode).map_err(oversized)?);
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
    match read_instance(body, Some(instance_id), mode, rules) {
        Ok(instance) if elsewhere.is_empty() => Ok(instance),
        Ok(_) => Err(Problem::validation(elsewhere)),
        Err(rejection) => Err(refused(rejection, elsewhere)),
    }
}
