//! `GET /v1/problems/{code}`: the page behind a problem's `type`.

use axum::Router;
use axum::routing::get;
use serde::Serialize;

use super::{Language, explain};
use crate::domain::{Location, Violation};
use crate::http::JsonResponse;
use crate::http::extract::PathParam;
use crate::http::problem::{Code, Problem};
use crate::nearest::nearest;

/// The body of `getProblemType`.
#[derive(Debug, Serialize)]
struct ProblemType {
    r#type: String,
    code: &'static str,
    status: u16,
    title: &'static str,
    title_zh: &'static str,
    retryable: bool,
    meaning: &'static str,
    meaning_zh: &'static str,
    what_to_do: &'static str,
    what_to_do_zh: &'static str,
}

impl From<Code> for ProblemType {
    fn from(code: Code) -> Self {
        let english = explain(code, Language::English);
        let chinese = explain(code, Language::Chinese);
        Self {
            r#type: code.type_path(),
            code: code.as_str(),
            status: code.status().as_u16(),
            title: english.title,
            title_zh: chinese.title,
            retryable: code.retryable(),
            meaning: english.meaning,
            meaning_zh: chinese.meaning,
            what_to_do: english.what_to_do,
            what_to_do_zh: chinese.what_to_do,
        }
    }
}

/// The catalogue's routes; they need no key, so that whoever sees a problem can read about it.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/v1/problems/{code}", get(get_problem_type))
}

async fn get_problem_type(PathParam(word): PathParam) -> Result<JsonResponse<ProblemType>, Problem> {
    match word.parse::<Code>() {
        Ok(code) => Ok(JsonResponse(code.into())),
        Err(unknown) => {
            let mut violation =
                Violation::at(Location::Path, "/code", "unknown_problem_code", unknown.to_string());
            if let Some(code) = nearest(&word, Code::all().map(Code::as_str)) {
                violation = violation.with_hint(format!("did you mean {code:?}?"));
            }
            Err(Problem::new(Code::NotFound)
                .detail("This gateway has no problem with that code.")
                .errors(vec![violation]))
        }
    }
}
