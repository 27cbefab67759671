//! `POST /v1/definitions`, and `GET` and `PATCH /v1/definitions/{approval_code}`.

use axum::Extension;
use bytes::Bytes;

use crate::document::{MergePatch, read_definition};
use crate::domain::{ApprovalDefinition, DepartmentIdType, Id, UserIdType, Warnings};
use crate::feishu::translate::definition_payload;
use crate::feishu::{Api, CallContext, CallReport, Called};
use crate::http::definition_patch::{patched, user_id_type};
use crate::http::extract::{JsonBody, PathParam, QueryParams, TimeoutHeader};
use crate::http::failure::{Subject, call_failed, no_quota_for_payload, oversized};
use crate::http::json_response::JsonResponse;
use crate::http::load_shedder::Permit;
use crate::http::operation::links::FROM_DEFINITION;
use crate::http::operation::parameters::{one_of, path, timeout};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Outcome, Problem};
use crate::http::rejection::refused;
use crate::http::responses::{Definition, DefinitionReceipt};
use crate::http::state::{ApiState, ForReading, ForWriting, ServedApp};

/// The routes of definitions.
pub(super) fn routes() -> [Route<ApiState>; 3] {
    [
        Operation {
            id: "upsertDefinition",
            method: Method::Post,
            path: "/v1/definitions",
            tag: "definitions",
            summary: "Create or update a definition",
            description: "The same `definition_key` updates, another one creates. Feishu resets what an update leaves out. Answers \
                the `approval_code` that pushes need.",
            parameters: vec![timeout()],
            request: Some("DefinitionInput"),
            answer: Answer::one::<DefinitionReceipt>("The definition's two codes."),
            may_be_pending: false,
            problems: &[Code::UnknownApprovalCode],
            upstream: Some(|_| Api::UpsertDefinition),
            needs_key: true,
            links: FROM_DEFINITION,
            examples: include_str!("../../../openapi/examples/upsertDefinition.json"),
        }
        .handled_by(upsert_definition),
        Operation {
            id: "getDefinition",
            method: Method::Get,
            path: "/v1/definitions/{approval_code}",
            tag: "definitions",
            summary: "Read a definition",
            description: "By the `approval_code` that Feishu answered, not by your `definition_key`. Callback secrets are never \
                returned.",
            parameters: vec![
                path(
                    "approval_code",
                    "Feishu's code of the definition.",
                    "7C468A54-8745-2245-9675-08B7C63E7A85",
                ),
                one_of::<UserIdType>(
                    "user_id_type",
                    "Which ids viewers and managers are shown by; `user_id` when absent.",
                ),
                timeout(),
            ],
            request: None,
            answer: Answer::one::<Definition>("The definition as Feishu has it."),
            may_be_pending: false,
            problems: &[Code::DefinitionNotFound, Code::DefinitionDeleted],
            upstream: Some(|_| Api::GetDefinition),
            needs_key: true,
            links: &[],
            examples: include_str!("../../../openapi/examples/getDefinition.json"),
        }
        .handled_by(get_definition),
        Operation {
            id: "patchDefinition",
            method: Method::Patch,
            path: "/v1/definitions/{approval_code}",
            tag: "definitions",
            summary: "Change a part of a definition",
            description: "Reads the definition, puts the patch over it (JSON Merge Patch, RFC 7396: members that are named \
                take the place of what is there, `null` removes, arrays are replaced whole), and sends it whole to Feishu, which \
                would reset what is left out. What `getDefinition` answered can be sent back: its read-only members are ignored. \
                The gateway keeps no callback secrets: while the definition has an `action_callback_url`, each secret that Feishu \
                has must be given again. `application/merge-patch+json` is taken, too. Somebody else's change between reading and \
                sending is lost.",
            parameters: vec![
                path(
                    "approval_code",
                    "Feishu's code of the definition.",
                    "7C468A54-8745-2245-9675-08B7C63E7A85",
                ),
                timeout(),
            ],
            request: Some("DefinitionPatch"),
            answer: Answer::one::<DefinitionReceipt>("The definition's two codes."),
            may_be_pending: false,
            problems: &[Code::DefinitionNotFound, Code::DefinitionDeleted, Code::UnknownApprovalCode],
            upstream: Some(|_| Api::UpsertDefinition),
            needs_key: true,
            links: FROM_DEFINITION,
            examples: include_str!("../../../openapi/examples/patchDefinition.json"),
        }
        .handled_by(patch_definition),
    ]
}

async fn upsert_definition(
    app: ForWriting,
    TimeoutHeader(deadline): TimeoutHeader,
    Extension(permit): Extension<Permit>,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<(Extension<CallReport>, JsonResponse<DefinitionReceipt>), Problem> {
    let elsewhere = query.reader().finish();
    // While Feishu is waited for, nobody needs the document any more.
    let upsert = {
        let body = body;
        match read_definition(&body, app.rules) {
            Ok(definition) if elsewhere.is_empty() => Upsert::of(definition, &app)?,
            Ok(_) => return Err(Problem::validation(elsewhere)),
            Err(rejection) => return Err(refused(rejection, elsewhere)),
        }
    };
    let (receipt, report) = upsert.send(&app, &permit, &app.context(deadline)).await?;
    Ok((Extension(report), JsonResponse(receipt)))
}

async fn patch_definition(
    app: ForWriting,
    PathParam(approval_code): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    Extension(permit): Extension<Permit>,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<(Extension<CallReport>, JsonResponse<DefinitionReceipt>), Problem> {
    let elsewhere = query.reader().finish();
    // The patch is a tree until it is applied.
    let tree = permit.reserve(body.len().saturating_mul(TREE_FACTOR)).map_err(no_quota_for_payload)?;
    let patch = match MergePatch::read(&body) {
        Ok(patch) if elsewhere.is_empty() => patch,
        Ok(_) => return Err(Problem::validation(elsewhere)),
        Err(rejection) => return Err(refused(rejection, elsewhere)),
    };
    drop(body);
    let user_id_type = user_id_type(&patch);
    let (stored, read) = stored(&app, &approval_code, user_id_type, &app.context(deadline))
        .await
        // Whatever became of the reading, nothing was changed.
        .map_err(|problem| problem.outcome(Outcome::NotSent))?;
    let upsert = {
        let whole = patched(&stored, patch).map_err(|problem| problem.report(read.clone()))?;
        let definition = read_definition(&whole, app.rules)
            .map_err(|rejection| refused(rejection, Vec::new()).report(read.clone()))?;
        Upsert::of(definition, &app)?
    };
    drop(tree);
    let (receipt, report) = upsert.send(&app, &permit, &app.context(deadline)).await?;
    Ok((Extension(read.then(report)), JsonResponse(receipt)))
}

/// What a JSON tree takes of memory for each byte of its text: an estimate for objects of short members.
const TREE_FACTOR: usize = 8;

/// A definition on its way to Feishu, and what its receipt says beside the answer.
struct Upsert {
    payload: Bytes,
    user_id_type: UserIdType,
    department_id_type: DepartmentIdType,
    definition_key: String,
    known_code: Option<String>,
    warnings: Warnings,
}

impl Upsert {
    fn of(definition: ApprovalDefinition<'_>, app: &ServedApp) -> Result<Self, Problem> {
        let callback = definition.callback.iter();
        for secret in callback.flat_map(|callback| callback.token.iter().chain(&callback.key)) {
            app.feishu.hide(secret);
        }
        Ok(Self {
            payload: definition_payload(&definition).map_err(oversized)?,
            user_id_type: definition.user_id_type,
            department_id_type: definition.department_id_type,
            definition_key: definition.definition_key.as_str().to_owned(),
            known_code: definition.approval_code.as_ref().map(|code| Id::as_str(code).to_owned()),
            warnings: definition.warnings,
        })
    }

    async fn send(
        self,
        app: &ServedApp,
        permit: &Permit,
        context: &CallContext,
    ) -> Result<(DefinitionReceipt, CallReport), Problem> {
        let Self { payload, user_id_type, department_id_type, definition_key, known_code, warnings } = self;
        let payload = permit.hold(payload).map_err(no_quota_for_payload)?;
        let upserted = app.feishu.upsert_definition(payload, user_id_type, department_id_type, context).await;
        let Called { data: approval_code, log_id, report } =
            upserted.map_err(|error| call_failed(error, Subject::Definition))?;
        let known_code = known_code.as_deref();
        Ok((DefinitionReceipt::new(definition_key, approval_code, known_code, warnings, log_id), report))
    }
}

async fn get_definition(
    app: ForReading,
    PathParam(approval_code): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<(Extension<CallReport>, JsonResponse<Definition>), Problem> {
    let mut query = query.reader();
    let user_id_type = query.word("user_id_type").unwrap_or(UserIdType::UserId);
    let violations = query.finish();
    if !violations.is_empty() {
        return Err(Problem::validation(violations));
    }
    let (definition, report) = stored(&app, &approval_code, user_id_type, &app.context(deadline)).await?;
    Ok((Extension(report), JsonResponse(definition)))
}

/// The definition as Feishu has it.
async fn stored(
    app: &ServedApp,
    approval_code: &str,
    user_id_type: UserIdType,
    context: &CallContext,
) -> Result<(Definition, CallReport), Problem> {
    if matches!(approval_code, "." | "..") {
        // No code of Feishu's, and in its URL it would lead elsewhere.
        return Err(Problem::new(Code::DefinitionNotFound).outcome(Outcome::NotSent));
    }
    let stored = app.feishu.get_definition(approval_code, user_id_type, context).await;
    let Called { data, report, .. } =
        stored.map_err(|error| call_failed(error, Subject::DefinitionInPath))?;
    Ok((Definition::new(approval_code.to_owned(), user_id_type.wire_name(), data), report))
}
