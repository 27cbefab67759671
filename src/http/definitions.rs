//! `POST /v1/definitions` and `GET /v1/definitions/{approval_code}`.

use axum::Router;
use axum::routing::{get, post};

use super::JsonResponse;
use super::definition_view::Definition;
use super::extract::{JsonBody, PathParam, QueryParams, TimeoutHeader};
use super::failure::{Subject, call_failed};
use super::problem::{Code, Outcome, Problem};
use super::rejection::refused;
use super::state::{ApiState, ForReading, ForWriting};
use crate::document::read_definition;
use crate::domain::UserIdType;
use crate::schema::shown;

/// The routes of definitions.
pub(super) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/v1/definitions", post(upsert_definition))
        .route("/v1/definitions/{approval_code}", get(get_definition))
}

shown! {
    /// A definition's two codes.
    pub(super) struct DefinitionReceipt {
        /// Your own code.
        definition_key: String { required: true, example: "\"hr-leave\"" },
        /// Feishu's code, the one that pushes use.
        approval_code: String { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// Feishu's id of the exchange; quote it to Feishu's support.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
    }
}

async fn upsert_definition(
    app: ForWriting,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<JsonResponse<DefinitionReceipt>, Problem> {
    let elsewhere = query.reader().finish();
    let definition = match read_definition(&body, app.rules) {
        Ok(definition) if elsewhere.is_empty() => definition,
        Ok(_) => return Err(Problem::validation(elsewhere)),
        Err(rejection) => return Err(refused(rejection, elsewhere)),
    };
    let upserted = app.feishu.upsert_definition(&definition, deadline).await;
    let upserted = upserted.map_err(|error| call_failed(error, Subject::Definition))?;
    Ok(JsonResponse(DefinitionReceipt {
        definition_key: definition.definition_key.as_str().to_owned(),
        approval_code: upserted.approval_code,
        log_id: upserted.log_id,
    }))
}

async fn get_definition(
    app: ForReading,
    PathParam(approval_code): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<JsonResponse<Definition>, Problem> {
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
    Ok(JsonResponse(Definition::new(approval_code, user_id_type.wire_name(), stored)))
}
