//! `GET /v1/caller`: who the gateway takes the caller for.

use std::sync::Arc;

use axum::Extension;

use crate::callers::Caller;
use crate::http::extract::QueryParams;
use crate::http::json_response::JsonResponse;
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::Problem;
use crate::http::rejection::nothing_wrong;
use crate::http::responses::CallerResponse;
use crate::http::state::ApiState;

/// The route of callers.
pub(super) fn route() -> Route<ApiState> {
    Operation {
        id: "getCaller",
        method: Method::Get,
        path: "/v1/caller",
        tag: "operation",
        summary: "See who you are to the gateway",
        description: "The name of your key, the app that it is for, and what it may do. Needs no scope. Asks Feishu nothing.",
        parameters: Vec::new(),
        request: None,
        answer: Answer::one::<CallerResponse>("Who you are."),
        may_be_pending: false,
        problems: &[],
        upstream: None,
        needs_key: true,
        links: &[],
        examples: include_str!("../../../openapi/examples/getCaller.json"),
    }
    .handled_by(get_caller)
}

async fn get_caller(
    Extension(caller): Extension<Arc<Caller>>,
    query: QueryParams,
) -> Result<JsonResponse<CallerResponse>, Problem> {
    nothing_wrong(query.reader().finish())?;
    Ok(JsonResponse(CallerResponse::from(&*caller)))
}
