//! `POST /v1/instance-checks`.

use axum::Extension;

use crate::document::read_versions;
use crate::feishu::{Api, CallReport};
use crate::http::extract::{JsonBody, QueryParams, TimeoutHeader};
use crate::http::failure::{Subject, call_failed};
use crate::http::json_response::JsonResponse;
use crate::http::operation::links::FROM_CHECK;
use crate::http::operation::parameters::timeout;
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Problem};
use crate::http::rejection::read_or_refused;
use crate::http::responses::InstanceCheckReport;
use crate::http::state::{ApiState, ForReading};

/// The routes of checks.
pub(super) fn routes() -> [Route<ApiState>; 1] {
    [Operation {
        id: "checkInstances",
        method: Method::Post,
        path: "/v1/instance-checks",
        tag: "instances",
        summary: "Compare versions with Feishu's",
        description: "Lists instances and tasks of which Feishu has another version. Push again what is missing or behind. \
            Copies and contents are not compared.",
        parameters: vec![timeout()],
        request: Some("InstanceChecksInput"),
        answer: Answer::one::<InstanceCheckReport>("How the versions compare."),
        may_be_pending: false,
        problems: &[Code::UnknownApprovalCode],
        upstream: Some(|_| Api::CheckInstances),
        needs_key: true,
        links: FROM_CHECK,
        examples: include_str!("../../../openapi/examples/checkInstances.json"),
    }
    .handled_by(check_instances)]
}

async fn check_instances(
    app: ForReading,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
    JsonBody(body): JsonBody,
) -> Result<(Extension<CallReport>, JsonResponse<InstanceCheckReport>), Problem> {
    let elsewhere = query.reader().finish();
    let versions = read_or_refused(read_versions(&body, app.rules), elsewhere)?;
    drop(body);
    let stale = app.feishu.check_instances(&versions, &app.context(deadline)).await;
    let stale = stale.map_err(|error| call_failed(error, Subject::Checks))?;
    Ok((Extension(stale.report), JsonResponse(InstanceCheckReport::from(stale.data))))
}
