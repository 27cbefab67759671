//! `POST /v1/definitions` and `GET /v1/definitions/{approval_code}`.

use axum::Extension;

use crate::document::read_definition;
use crate::domain::UserIdType;
use crate::feishu::translate::definition_payload;
use crate::feishu::{Api, CallReport, Called};
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
use crate::http::state::{ApiState, ForReading, ForWriting};

/// The routes of definitions.
pub(super) fn routes() -> [Route<ApiState>; 2] {
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
            problems: &[Code::DefinitionNotFound, Code::DefinitionDeleted],
            upstream: Some(|_| Api::GetDefinition),
            needs_key: true,
            links: &[],
            examples: include_str!("../../../openapi/examples/getDefinition.json"),
        }
        .handled_by(get_definition),
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
    let (payload, id_types, definition_key) = {
        let body = body;
        let definition = match read_definition(&body, app.rules) {
            Ok(definition) if elsewhere.is_empty() => definition,
            Ok(_) => return Err(Problem::validation(elsewhere)),
            Err(rejection) => return Err(refused(rejection, elsewhere)),
        };
        let callback = definition.callback.iter();
        for secret in callback.flat_map(|callback| callback.token.iter().chain(&callback.key)) {
            app.feishu.hide(secret);
        }
        let id_types = (definition.user_id_type, definition.department_id_type);
        let payload = definition_payload(&definition).map_err(oversized)?;
        (payload, id_types, definition.definition_key.as_str().to_owned())
    };
    let payload = permit.hold(payload).map_err(no_quota_for_payload)?;
    let upserted = app.feishu.upsert_definition(payload, id_types.0, id_types.1, deadline).await;
    let Called { data: approval_code, log_id, report } =
        upserted.map_err(|error| call_failed(error, Subject::Definition))?;
    Ok((Extension(report), JsonResponse(DefinitionReceipt::new(definition_key, approval_code, log_id))))
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
    if matches!(approval_code.as_str(), "." | "..") {
        // No code of Feishu's, and in its URL it would lead elsewhere.
        return Err(Problem::new(Code::DefinitionNotFound).outcome(Outcome::NotSent));
    }
    let stored = app.feishu.get_definition(&approval_code, user_id_type, deadline).await;
    let stored = stored.map_err(|error| call_failed(error, Subject::DefinitionInPath))?;
    let definition = Definition::new(approval_code, user_id_type.wire_name(), stored.data);
    Ok((Extension(stored.report), JsonResponse(definition)))
}
