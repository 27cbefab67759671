//! `POST /v1/definitions`, and `GET` and `PATCH /v1/definitions/{approval_code}`.

use axum::Extension;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::document::{MergePatch, read_definition};
use crate::domain::{
    AppName, ApprovalDefinition, Callback, DepartmentIdType, Id, KnownPeople, Location, NamesPeople as _,
    UserIdType, Violation, WarningCode, Warnings,
};
use crate::feishu::translate::definition_payload;
use crate::feishu::{Api, CallContext, CallReport, Called};
use crate::http::definition_patch::{patched, user_id_type};
use crate::http::extract::{JsonBody, PathParam, QueryParams, TimeoutHeader};
use crate::http::failure::{Subject, call_failed, no_quota_for_payload, oversized};
use crate::http::json_response::JsonResponse;
use crate::http::kept_listing::{KeptList, in_time};
use crate::http::listing::ListRequest;
use crate::http::load_shedder::Permit;
use crate::http::operation::links::{FROM_DEFINITION, FROM_DEFINITIONS};
use crate::http::operation::parameters::{one_of, path, timeout, with_paging};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Outcome, Problem};
use crate::http::rejection::{nothing_wrong, read_or_refused, refused};
use crate::http::requester::Requester;
use crate::http::responses::{Definition, DefinitionItem, DefinitionReceipt};
use crate::http::state::{ApiState, ForReading, ForWriting, ServedApp};
use crate::ledger::{DefinitionRecord, Ledger, LedgerError, Page, PageRequest};
use crate::support::deadline::Deadline;

/// The routes of definitions.
pub(super) fn routes() -> [Route<ApiState>; 4] {
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
            problems: &[Code::UnknownPerson, Code::UnknownApprovalCode],
            upstream: Some(|_| Api::UpsertDefinition),
            needs_key: true,
            links: FROM_DEFINITION,
            examples: include_str!("../../../openapi/examples/upsertDefinition.json"),
        }
        .handled_by(upsert_definition),
        Operation {
            id: "listDefinitions",
            method: Method::Get,
            path: "/v1/definitions",
            tag: "definitions",
            summary: "List definitions",
            description: "Those that were upserted through this gateway, by their keys, without callback secrets. Asks Feishu \
                nothing.",
            parameters: with_paging(Vec::new()),
            request: None,
            answer: Answer::page::<DefinitionItem>("DefinitionPage"),
            may_be_pending: false,
            problems: &[Code::LedgerUnavailable, Code::LedgerOff],
            upstream: None,
            needs_key: true,
            links: FROM_DEFINITIONS,
            examples: include_str!("../../../openapi/examples/listDefinitions.json"),
        }
        .handled_by(list_definitions),
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
            problems: &[
                Code::DefinitionNotFound,
                Code::DefinitionDeleted,
                Code::UnknownPerson,
                Code::UnknownApprovalCode,
            ],
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
    requester: Requester,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<(Extension<CallReport>, JsonResponse<DefinitionReceipt>), Problem> {
    let elsewhere = query.reader().finish();
    // The document is needed as long as people are looked up; while Feishu is waited for after that, nobody needs it.
    let upsert = {
        let body = body;
        let mut definition = read_or_refused(read_definition(&body, app.rules), elsewhere)?;
        let people = app.people_of(&definition, &KnownPeople::new(), deadline).await?;
        definition.resolve(&people);
        Upsert::of(definition, &body, &app)?
    };
    let upsert = upsert.warn_of_slip(&app, deadline).await;
    let (receipt, report) = upsert.send(&app, &permit, requester, &app.context(deadline)).await?;
    Ok((Extension(report), JsonResponse(receipt)))
}

async fn patch_definition(
    app: ForWriting,
    PathParam(approval_code): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    Extension(permit): Extension<Permit>,
    requester: Requester,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<(Extension<CallReport>, JsonResponse<DefinitionReceipt>), Problem> {
    let elsewhere = query.reader().finish();
    // The patch is a tree until it is applied.
    let tree = permit.reserve(body.len().saturating_mul(TREE_FACTOR)).map_err(no_quota_for_payload)?;
    let patch = read_or_refused(MergePatch::read(&body), elsewhere)?;
    drop(body);
    let user_id_type = user_id_type(&patch);
    let (stored, read) = stored(&app, &approval_code, user_id_type, &app.context(deadline))
        .await
        // Whatever became of the reading, nothing was changed.
        .map_err(|problem| problem.outcome(Outcome::NotSent))?;
    let upsert = {
        let whole = patched(&stored, patch).map_err(|problem| problem.report(read.clone()))?;
        let mut definition = read_definition(&whole, app.rules)
            .map_err(|rejection| refused(rejection, Vec::new()).report(read.clone()))?;
        let people = app.people_of(&definition, &KnownPeople::new(), deadline).await;
        definition.resolve(&people.map_err(|problem| problem.report(read.clone()))?);
        Upsert::of(definition, &whole, &app)?
    };
    drop(tree);
    let (receipt, report) = upsert.send(&app, &permit, requester, &app.context(deadline)).await?;
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
    /// What the ledger notes, if there is one.
    kept: Option<String>,
}

impl Upsert {
    /// `whole` is the document that the definition was read from.
    fn of(mut definition: ApprovalDefinition<'_>, whole: &[u8], app: &ServedApp) -> Result<Self, Problem> {
        if definition.quick_approval.is_some() {
            definition.callback = Some(own_callback(app)?);
        }
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
            kept: app.durable().ok().and_then(|_| without_secrets(whole)),
        })
    }

    /// A key that differs by a slip from a known one would make a second definition.
    async fn warn_of_slip(mut self, app: &ServedApp, deadline: Deadline) -> Self {
        if let Some(similar) =
            app.definitions().similar_key(&app.delivery, deadline, &self.definition_key).await
        {
            let detail = format!(
                "is new here and hardly differs from {similar:?}, which was upserted before: another key makes another definition"
            );
            self.warnings.add(WarningCode::SimilarDefinitionKey, "/definition_key", detail);
        }
        self
    }

    async fn send(
        self,
        app: &ServedApp,
        permit: &Permit,
        requester: Requester,
        context: &CallContext,
    ) -> Result<(DefinitionReceipt, CallReport), Problem> {
        let Self { payload, user_id_type, department_id_type, definition_key, known_code, warnings, kept } =
            self;
        let payload = permit.hold(payload).map_err(no_quota_for_payload)?;
        let upserted = app.feishu.upsert_definition(payload, user_id_type, department_id_type, context).await;
        let Called { data: approval_code, log_id, report } =
            upserted.map_err(|error| call_failed(error, Subject::Definition))?;
        if let Some(json) = kept {
            app.definitions().add(&definition_key, &approval_code).await;
            keep(app, context.deadline, requester, &definition_key, &approval_code, json).await;
        }
        let known_code = known_code.as_deref();
        Ok((DefinitionReceipt::new(definition_key, approval_code, known_code, warnings, log_id), report))
    }
}

/// What the gateway fills in for `quick_approval`.
fn own_callback(app: &ServedApp) -> Result<Callback<'static>, Problem> {
    app.quick_approval.clone().ok_or_else(|| {
        let detail = "this gateway takes no callbacks of the app: its operator has to configure callbacks, with a public_url";
        Problem::validation(vec![Violation::at(Location::Body, "/quick_approval", "not_configured", detail)])
    })
}

/// Notes what was upserted. Feishu has it already, so a ledger that fails is no failure of the request.
async fn keep(
    app: &ServedApp,
    deadline: Deadline,
    requester: Requester,
    definition_key: &str,
    approval_code: &str,
    json: String,
) {
    let Ok(durable) = app.durable() else { return };
    let definition = DefinitionRecord {
        definition_key: definition_key.to_owned(),
        approval_code: approval_code.to_owned(),
        json,
        caller: requester.caller.as_deref().map(str::to_owned),
        updated_at: durable.now(),
    };
    let kept = in_time(deadline, durable.ledger().put_definition(durable.app(), definition)).await;
    if let Err(problem) = kept {
        tracing::warn!(
            definition_key,
            error = problem.logged_cause(),
            "the ledger could not note a definition that was upserted"
        );
    }
}

/// Members of a definition that are secrets.
const SECRETS: [&str; 2] = ["action_callback_token", "action_callback_key"];

/// The document of a definition as it may be kept and shown: without secrets, and without what is `null` and so absent.
fn without_secrets(body: &[u8]) -> Option<String> {
    let mut members: Map<String, Value> = serde_json::from_slice(body).ok()?;
    members.retain(|name, value| !value.is_null() && !SECRETS.contains(&name.as_str()));
    serde_json::to_string(&members).ok()
}

async fn list_definitions(app: ForReading, mut request: ListRequest) -> Result<Response, Problem> {
    let durable = app.durable()?;
    nothing_wrong(request.violations())?;
    request.answer_kept(&app, Definitions(durable.app().clone()), DefinitionItem::from).await
}

/// The definitions of an app.
struct Definitions(AppName);

impl KeptList for Definitions {
    type Item = DefinitionRecord;
    type Cursor = String;

    async fn page(
        &self,
        ledger: &dyn Ledger,
        page: PageRequest<String>,
    ) -> Result<Page<DefinitionRecord, String>, LedgerError> {
        ledger.definitions(&self.0, page).await
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
    nothing_wrong(query.finish())?;
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
    let own_url = app.quick_approval.as_ref().map(|own| own.url.as_str());
    Ok((Definition::new(approval_code.to_owned(), user_id_type.wire_name(), data, own_url), report))
}
