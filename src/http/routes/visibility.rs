//! `GET /v1/instances/{instance_id}/visibility`.

use axum::Extension;

use crate::delivery::durable::DurableDelivery;
use crate::delivery::visibility::{LookError, PersonId, look};
use crate::feishu::{CallReport, FeishuClient, ListError};
use crate::http::extract::{PathParam, QueryParams, QueryReader, TimeoutHeader};
use crate::http::failure::{code_of, ledger_failed, list_failed};
use crate::http::json_response::JsonResponse;
use crate::http::kept_listing::ledger_late;
use crate::http::operation::links::FROM_VISIBILITY;
use crate::http::operation::parameters::{alternative, instance_id, text, timeout};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::{Code, Problem};
use crate::http::responses::InstanceVisibility;
use crate::http::state::{ApiState, ForReading};

/// The route of explanations.
pub(super) fn route() -> Route<ApiState> {
    Operation {
        id: "explainVisibility",
        method: Method::Get,
        path: "/v1/instances/{instance_id}/visibility",
        tag: "instances",
        summary: "See why somebody sees an instance, or does not",
        description: "Asks Feishu for the statuses that it has and, where the document was delivered, for its check; compares both with \
            the kept document, its delivery and the definition. Says whether this person sees the instance, in which list, why, and \
            what to do. Give `user_id` or `open_id`. Without a ledger, or for an instance that was pushed elsewhere, less is known, \
            and it says so. An instance of which nothing is known is an answer, too: `unknown_instance`. While Feishu cannot be \
            asked, what the ledger knows is answered, with `feishu_not_asked`.",
        parameters: vec![
            instance_id(),
            text("user_id", "The person, by the id inside the tenant.", "lisi"),
            alternative("open_id", "The person, by the id inside the app, in place of `user_id`."),
            timeout(),
        ],
        request: None,
        answer: Answer::one::<InstanceVisibility>("Whether, where and why."),
        may_be_pending: false,
        problems: &[Code::LedgerUnavailable],
        upstream: Some(FeishuClient::statuses_api),
        needs_key: true,
        links: FROM_VISIBILITY,
        examples: include_str!("../../../openapi/examples/explainVisibility.json"),
    }
    .handled_by(explain_visibility)
}

async fn explain_visibility(
    app: ForReading,
    PathParam(instance_id): PathParam,
    TimeoutHeader(deadline): TimeoutHeader,
    query: QueryParams,
) -> Result<(Extension<CallReport>, JsonResponse<InstanceVisibility>), Problem> {
    let mut query = query.reader();
    let person = person(&mut query);
    let wrong = query.finish();
    let Some(person) = person.filter(|_| wrong.is_empty()) else { return Err(Problem::validation(wrong)) };
    let durable = app.delivery.durable();
    let looked = look(&app.feishu, durable, app.rules, &instance_id, &person, &app.context(deadline)).await;
    let looked = looked.map_err(|error| match error {
        LookError::Ledger(error) => ledger_failed(error),
        LookError::LedgerLate => ledger_late(),
        LookError::Feishu(error) => list_failed(error),
    })?;
    let unasked = looked.failure.as_ref().map(|failure| match failure {
        ListError::Call(error) => code_of(&error.failure),
        ListError::StalePosition(_) => Code::UpstreamProtocolError,
    });
    let hold = durable.and_then(DurableDelivery::hold);
    let report = Extension(looked.report.clone());
    let unasked = unasked.map(Code::as_str);
    let answer = InstanceVisibility::new(instance_id, person, looked, hold.as_deref(), unasked);
    Ok((report, JsonResponse(answer)))
}

/// Who is asked about: by one id, so that nobody has to guess which of two counts.
fn person(query: &mut QueryReader) -> Option<PersonId> {
    let [user_named, open_named] = ["user_id", "open_id"].map(|name| query.is_named(name));
    let (user_id, open_id) = (query.single("user_id"), query.single("open_id"));
    match (user_named, open_named) {
        (true, false) => user_id.map(PersonId::UserId),
        (false, true) => open_id.map(PersonId::OpenId),
        (true, true) => {
            let detail = "cannot be combined with user_id; ask by one of them".to_owned();
            query.complain("open_id", "contradiction", detail, None);
            None
        }
        (false, false) => {
            let detail = "one of user_id and open_id is required".to_owned();
            query.complain("user_id", "required", detail, None);
            None
        }
    }
}
