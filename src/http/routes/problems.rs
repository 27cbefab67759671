//! `GET /v1/problems/{code}`: the page behind a problem's `type`.

use crate::domain::{Location, Violation};
use crate::http::extract::PathParam;
use crate::http::json_response::JsonResponse;
use crate::http::operation::parameters::path;
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Problem};
use crate::http::responses::ProblemExplanation;
use crate::support::suggestion::did_you_mean;

/// The catalogue's routes; they need no key, so that whoever sees a problem can read about it.
pub(in crate::http) fn routes<S: Clone + Send + Sync + 'static>() -> [Route<S>; 1] {
    [Operation {
        id: "getProblemType",
        method: Method::Get,
        path: "/v1/problems/{code}",
        tag: "problems",
        summary: "See what a problem means",
        description: "What the code means and what to do about it, in English and Chinese.",
        parameters: vec![path("code", "The `code` of a problem.", "validation_failed")],
        request: None,
        answer: Answer::one::<ProblemExplanation>("What it means."),
        may_be_pending: false,
        problems: &[Code::NotFound, Code::ValidationFailed],
        upstream: None,
        needs_key: false,
        links: &[],
        examples: include_str!("../../../openapi/examples/getProblemType.json"),
    }
    .handled_by(get_problem_type)]
}

async fn get_problem_type(PathParam(word): PathParam) -> Result<JsonResponse<ProblemExplanation>, Problem> {
    match word.parse::<Code>() {
        Ok(code) => Ok(JsonResponse(code.into())),
        Err(unknown) => {
            let mut violation =
                Violation::at(Location::Path, "/code", "unknown_problem_code", unknown.to_string());
            if let Some(hint) = did_you_mean(&word, Code::all().map(Code::as_str)) {
                violation = violation.with_hint(hint);
            }
            Err(Problem::new(Code::NotFound)
                .detail("This gateway has no problem with that code.")
                .errors(vec![violation]))
        }
    }
}
