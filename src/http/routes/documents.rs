//! `GET` and `DELETE /v1/instances/{instance_id}/document`.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};

use crate::http::delivered::revision_mismatch;
use crate::http::extract::{IfMatchHeader, PathParam, QueryParams, TimeoutHeader};
use crate::http::failure::ledger_failed;
use crate::http::kept_listing::in_time;
use crate::http::operation::parameters::{if_match, if_none_match, instance_id, timeout};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Problem};
use crate::http::rejection::nothing_wrong;
use crate::http::state::{ApiState, ForOperating, ForReading};
use crate::ledger::{Forgotten, Kept, Revision};
use crate::support::if_none_match;

/// The routes of kept documents.
pub(super) fn routes() -> [Route<ApiState>; 2] {
    [
        Operation {
            id: "getDocument",
            path: "/v1/instances/{instance_id}/document",
            summary: "Read the kept document",
            description: "The document that was accepted last, as it was sent or patched, with its revision as `ETag`. Asks \
                Feishu nothing.",
            parameters: vec![instance_id(), if_none_match(), timeout()],
            answer: Answer::Tagged {
                name: "KeptDocument",
                description: "The document as it is kept: a flat instance that can be pushed again.",
            },
            problems: &[Code::DocumentNotFound, Code::LedgerUnavailable, Code::LedgerOff],
            examples: include_str!("../../../openapi/examples/getDocument.json"),
            ..Operation::of_ledger("deliveries")
        }
        .handled_by(get_document),
        Operation {
            id: "forgetDocument",
            method: Method::Delete,
            path: "/v1/instances/{instance_id}/document",
            summary: "Forget the kept document",
            description: "Erases document and history here; Feishu keeps what it has. Revisions and versions go on counting, so \
                that an `ETag` is never used twice. 409 `document_pending` while it waits to be delivered.",
            parameters: vec![instance_id(), if_match(), timeout()],
            answer: Answer::Nothing { description: "It is erased." },
            problems: &[
                Code::DocumentNotFound,
                Code::DocumentPending,
                Code::RevisionMismatch,
                Code::LedgerUnavailable,
                Code::LedgerOff,
            ],
            examples: include_str!("../../../openapi/examples/forgetDocument.json"),
            ..Operation::of_ledger("deliveries")
        }
        .handled_by(forget_document),
    ]
}

async fn get_document(
    app: ForReading,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    headers: HeaderMap,
    query: QueryParams,
) -> Result<Response, Problem> {
    let durable = app.durable()?;
    nothing_wrong(query.reader().finish())?;
    let kept = in_time(deadline, durable.ledger().document(&durable.key(&instance_id))).await?;
    let Kept { record, body } = kept.ok_or_else(document_not_found)?;
    let tag = entity_tag(record.revision);
    if if_none_match::is_named(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    let mut json = body.json().map_err(ledger_failed)?;
    if !json.ends_with(b"\n") {
        json.push(b'\n');
    }
    Ok(([(ETAG, tag), (CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response())
}

async fn forget_document(
    app: ForOperating,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    IfMatchHeader(if_match): IfMatchHeader,
    query: QueryParams,
) -> Result<StatusCode, Problem> {
    let durable = app.durable()?;
    nothing_wrong(query.reader().finish())?;
    let key = durable.key(&instance_id);
    match in_time(deadline, durable.ledger().forget(&key, if_match.as_ref())).await? {
        Forgotten::Erased => Ok(StatusCode::NO_CONTENT),
        Forgotten::NotFound => Err(document_not_found()),
        Forgotten::RevisionMismatch { kept } => Err(revision_mismatch(kept)),
        Forgotten::Pending => Err(Problem::new(Code::DocumentPending)
            .detail("The document still waits to be delivered; look at its delivery.")),
    }
}

/// The problem for an instance of which nothing is kept.
pub(super) fn document_not_found() -> Problem {
    Problem::new(Code::DocumentNotFound).detail("No document of an instance with this id is kept.")
}

/// A revision as an entity tag.
fn entity_tag(revision: Revision) -> HeaderValue {
    // Digits in quotes always make a header.
    HeaderValue::try_from(format!("\"{revision}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}
