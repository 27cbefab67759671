//! `POST /v1/instance-checks`.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde::Serialize;

use super::JsonResponse;
use super::extract::{JsonBody, QueryParams, TimeoutHeader};
use super::failure::{Subject, call_failed};
use super::problem::Problem;
use super::rejection::refused;
use super::stale::StaleEntry;
use super::state::ApiState;
use crate::flat::read_versions;

/// The routes of checks.
pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/v1/instance-checks", post(check_instances))
}

/// The answer of `checkInstances` (design §2.2). Copies and contents are not compared.
#[derive(Debug, Serialize)]
struct CheckReport {
    in_sync: bool,
    stale: Vec<StaleEntry>,
}

async fn check_instances(
    State(state): State<ApiState>,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<JsonResponse<CheckReport>, Problem> {
    let elsewhere = query.reader().finish();
    let versions = match read_versions(&body, state.rules) {
        Ok(versions) if elsewhere.is_empty() => versions,
        Ok(_) => return Err(Problem::validation(elsewhere)),
        Err(rejection) => return Err(refused(rejection, elsewhere)),
    };
    let stale = state.feishu.check_instances(&versions, deadline).await;
    let stale = stale.map_err(|error| call_failed(error, Subject::Checks))?;
    Ok(JsonResponse(CheckReport {
        in_sync: stale.is_empty(),
        stale: stale.into_iter().map(StaleEntry::from).collect(),
    }))
}
