//! `GET /v1/users/{user_id}/tasks`.

use axum::response::Response;

use crate::domain::{Topic, UserIdType};
use crate::feishu::{Api, UserTasks};
use crate::http::extract::PathParam;
use crate::http::listing::ListRequest;
use crate::http::operation::links::FROM_LIST;
use crate::http::operation::parameters::{one_of, path, with_paging};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::Problem;
use crate::http::responses::UserTaskItem;
use crate::http::state::{ApiState, ForReading};

/// The routes of users.
pub(super) fn routes() -> [Route<ApiState>; 1] {
    [Operation {
        id: "listUserTasks",
        method: Method::Get,
        path: "/v1/users/{user_id}/tasks",
        tag: "searches",
        summary: "See one user's lists",
        description: "What one user has to do, has done, has begun, and has been sent copies of, as Feishu's approval centre \
            lists it.",
        parameters: with_paging(vec![
            path("user_id", "The user's id.", "bob"),
            one_of::<Topic>("topic", "Which list.").required(),
            one_of::<UserIdType>("user_id_type", "Which kind of id it is; `user_id` when absent."),
        ]),
        request: None,
        answer: Answer::page::<UserTaskItem>("UserTaskPage"),
        may_be_pending: false,
        problems: &[],
        upstream: Some(|_| Api::QueryUserTasks),
        needs_key: true,
        links: FROM_LIST,
        examples: include_str!("../../../openapi/examples/listUserTasks.json"),
    }
    .handled_by(list_user_tasks)]
}

async fn list_user_tasks(
    app: ForReading,
    PathParam(user_id): PathParam,
    mut request: ListRequest,
) -> Result<Response, Problem> {
    let given = request.query.is_named("topic");
    let topic: Option<Topic> = request.query.word("topic");
    if !given {
        let detail = "is required: todo, done, initiated, unread or read".to_owned();
        request.query.complain("topic", "required", detail, None);
    }
    let user_id_type = request.query.word("user_id_type").unwrap_or(UserIdType::UserId);
    let violations = request.violations();
    match topic {
        Some(topic) if violations.is_empty() => {
            request.answer(&app, UserTasks { user_id, topic, user_id_type }, UserTaskItem::from).await
        }
        _ => Err(Problem::validation(violations)),
    }
}
