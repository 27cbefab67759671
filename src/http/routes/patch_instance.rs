//! `PATCH /v1/instances/{instance_id}`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::response::Response;
use bytes::Bytes;

use super::documents::document_not_found;
use crate::delivery::durable::{DeliverError, Submission, new_document};
use crate::document::{self, PatchKeys, Rules};
use crate::domain::{Mode, Warnings};
use crate::feishu::Api;
use crate::feishu::translate::{IgnoredByUpdate, ignored_by};
use crate::http::delivered::{Told, answered, not_accepted};
use crate::http::extract::{
    IfMatchHeader, MergePatchBody, PathParam, Preferences, QueryParams, TimeoutHeader,
};
use crate::http::failure::{ledger_failed, oversized};
use crate::http::operation::links::FROM_RECEIPT;
use crate::http::operation::parameters::{flag, if_match, instance_id, prefer, timeout, unless_match};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Problem};
use crate::http::rejection::{nothing_wrong, refused};
use crate::http::requester::Requester;
use crate::http::responses::InstanceReceipt;
use crate::http::state::{ApiState, ForWriting};
use crate::ledger::{AcceptError, DocumentSource, Kept, NewDocument, Rejection};

/// The route of patches.
pub(super) fn route() -> Route<ApiState> {
    Operation {
        id: "patchInstance",
        method: Method::Patch,
        path: "/v1/instances/{instance_id}",
        tag: "instances",
        summary: "Change a part of an instance",
        description: "Applies a merge patch (RFC 7396) to the kept document, in which `tasks` and `cc` are objects with ids as \
            names: `{\"tasks\": {\"leave-1001-t1\": {\"status\": \"approved\"}, \"leave-1001-t2\": null}}` changes one task, removes \
            another and keeps the rest. A new id adds. The version of what is changed is a new one unless the patch gives it. \
            What comes out is validated and answered as by `putInstance`; pointers are those of the patch. Needs the ledger.",
        parameters: vec![
            instance_id(),
            flag("verify", "Ask Feishu's check afterwards."),
            if_match(),
            unless_match(),
            prefer(),
            timeout(),
        ],
        request: Some("InstancePatch"),
        answer: Answer::one::<InstanceReceipt>("What is known about the push."),
        may_be_pending: true,
        problems: &[
            Code::IdMismatch,
            Code::WouldErase,
            Code::StaleUpdate,
            Code::UnknownPerson,
            Code::UnknownApprovalCode,
            Code::DocumentNotFound,
            Code::RevisionMismatch,
            Code::LedgerUnavailable,
            Code::LedgerOff,
        ],
        upstream: Some(|_| Api::SyncInstance),
        needs_key: true,
        links: FROM_RECEIPT,
        examples: include_str!("../../../openapi/examples/patchInstance.json"),
    }
    .handled_by(patch_instance)
}

#[expect(clippy::too_many_arguments, reason = "each is one part of the request")]
async fn patch_instance(
    app: ForWriting,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    preferences: Preferences,
    IfMatchHeader(if_match): IfMatchHeader,
    requester: Requester,
    query: QueryParams,
    MergePatchBody(body): MergePatchBody,
) -> Result<Response, Problem> {
    let durable = app.durable()?;
    let mut query = query.reader();
    let verify = query.flag("verify").unwrap_or(false);
    nothing_wrong(query.finish())?;
    let patch =
        Arc::new(Patch { instance_id: instance_id.clone(), body, rules: app.rules, made: Mutex::default() });
    let made = Arc::clone(&patch);
    let document = DocumentSource::Made(Arc::new(move |kept| made.apply(kept).map_err(Rejection::new)));
    let Requester { caller, request_id } = requester;
    let submission =
        Submission { if_match, verify, caller, request_id, ..Submission::new(instance_id, document) };
    let answer = durable.deliver(submission, app.context(deadline), preferences.wait_until(deadline)).await;
    let answer = answer.map_err(|error| match error {
        // Without a document there is nothing that a condition could be about (RFC 9110 §13.2.1).
        DeliverError::Accept(AcceptError::RevisionMismatch { kept: None }) => document_not_found(),
        other => not_accepted(other),
    })?;
    let Made { keys, warnings, ignored } =
        std::mem::take(&mut *patch.made.lock().unwrap_or_else(PoisonError::into_inner));
    let told = Told { warnings, ignored, respond_async: preferences.respond_async };
    let answered = answered(&app, durable, answer, told, deadline).await;
    // Feishu's complaints are about the document, of which the caller has seen the patch only.
    answered.map_err(|problem| problem.map_pointers(|pointer| keys.keyed(pointer)))
}

/// A merge patch of one instance.
struct Patch {
    instance_id: String,
    body: Bytes,
    rules: Rules,
    made: Mutex<Made>,
}

/// What is known of the document that a patch made last.
#[derive(Default)]
struct Made {
    /// How the patch names the elements of its lists.
    keys: PatchKeys,
    warnings: Warnings,
    ignored: IgnoredByUpdate,
}

impl Patch {
    /// The kept document with the patch applied.
    fn apply(&self, kept: Option<&Kept>) -> Result<NewDocument, Problem> {
        let Kept { record, body } = kept.ok_or_else(document_not_found)?;
        let json = body.json().map_err(ledger_failed)?;
        // What is known from updates only cannot be sent as the whole truth.
        let mode = if record.is_whole { Mode::Replace } else { Mode::Update };
        let refused = |rejection| refused(rejection, Vec::new());
        let patched = document::patch_instance(&json, &self.body).map_err(refused)?;
        let mut instance = patched.read(&self.instance_id, mode, self.rules).map_err(refused)?;
        let document = new_document(&patched.document, &instance, mode, false).map_err(oversized)?;
        let warnings = std::mem::take(&mut instance.warnings);
        let ignored = ignored_by(mode, &instance);
        *self.made.lock().unwrap_or_else(PoisonError::into_inner) =
            Made { keys: patched.keys, warnings, ignored };
        Ok(document)
    }
}
