//! `POST /v1/instance-checks`.

use axum::Router;
use axum::routing::post;

use crate::document::read_versions;
use crate::http::extract::{JsonBody, QueryParams, TimeoutHeader};
use crate::http::failure::{Subject, call_failed};
use crate::http::json_response::JsonResponse;
use crate::http::problem::Problem;
use crate::http::rejection::refused;
use crate::http::responses::InstanceCheckReport;
use crate::http::state::{ApiState, ForReading};

/// The routes of checks.
pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/v1/instance-checks", post(check_instances))
}

async fn check_instances(
    app: ForReading,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<JsonResponse<InstanceCheckReport>, Problem> {
    let elsewhere = query.reader().finish();
    let versions = match read_versions(&body, app.rules) {
        Ok(versions) if elsewhere.is_empty() => versions,
        Ok(_) => return Err(Problem::validation(elsewhere)),
        Err(rejection) => return Err(refused(rejection, elsewhere)),
    };
    let stale = app.feishu.check_instances(&versions, deadline).await;
    let stale = stale.map_err(|error| call_failed(error, Subject::Checks))?;
    Ok(JsonResponse(InstanceCheckReport::from(stale)))
}
