//! `POST /v1/instance-checks`.

use axum::Router;
use axum::routing::post;

use super::JsonResponse;
use super::extract::{JsonBody, QueryParams, TimeoutHeader};
use super::failure::{Subject, call_failed};
use super::problem::Problem;
use super::rejection::refused;
use super::stale::StaleEntry;
use super::state::{ApiState, ForReading};
use crate::document::read_versions;
use crate::schema::shown;

/// The routes of checks.
pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/v1/instance-checks", post(check_instances))
}

shown! {
    /// How Feishu's versions compare with those asked about. Copies and contents are not compared.
    pub(super) struct CheckReport as InstanceCheckReport {
        /// Whether all versions agree.
        in_sync: bool { required: true, example: "false" },
        /// What differs; push again what is missing or behind.
        stale: Vec<StaleEntry> { required: true, max_items: 1000 },
    }
}

async fn check_instances(
    app: ForReading,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<JsonResponse<CheckReport>, Problem> {
    let elsewhere = query.reader().finish();
    let versions = match read_versions(&body, app.rules) {
        Ok(versions) if elsewhere.is_empty() => versions,
        Ok(_) => return Err(Problem::validation(elsewhere)),
        Err(rejection) => return Err(refused(rejection, elsewhere)),
    };
    let stale = app.feishu.check_instances(&versions, deadline).await;
    let stale = stale.map_err(|error| call_failed(error, Subject::Checks))?;
    Ok(JsonResponse(CheckReport {
        in_sync: stale.is_empty(),
        stale: stale.into_iter().map(StaleEntry::from).collect(),
    }))
}
