//! `GET /v1/users/{user_id}/tasks`.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::domain::{Topic, UserIdType};
use crate::feishu::UserTasks;
use crate::http::extract::PathParam;
use crate::http::listing::ListRequest;
use crate::http::problem::Problem;
use crate::http::responses::UserTaskItem;
use crate::http::state::{ApiState, ForReading};

/// The routes of users.
pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/v1/users/{user_id}/tasks", get(list_user_tasks))
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
