//! `POST /v1/definitions` and `GET /v1/definitions/{approval_code}`.

use axum::Router;
use axum::routing::{get, post};

use crate::document::read_definition;
use crate::domain::UserIdType;
use crate::http::extract::{JsonBody, PathParam, QueryParams, TimeoutHeader};
use crate::http::failure::{Subject, call_failed};
use crate::http::json_response::JsonResponse;
use crate::http::problem::{Code, Outcome, Problem};
use crate::http::rejection::refused;
use crate::http::responses::{Definition, DefinitionReceipt};
use crate::http::state::{ApiState, ForReading, ForWriting};

/// The routes of definitions.
pub(super) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/v1/definitions", post(upsert_definition))
        .route("/v1/definitions/{approval_code}", get(get_definition))
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
    Ok(JsonResponse(DefinitionReceipt::new(definition.definition_key.as_str().to_owned(), upserted)))
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
