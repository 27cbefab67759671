//! `GET /v1/task-statuses`.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::domain::TaskStatus;
use crate::feishu::{TaskStatusFilter, TaskStatuses};
use crate::http::listing::ListRequest;
use crate::http::problem::Problem;
use crate::http::responses::TaskStatusItem;
use crate::http::state::{ApiState, ForReading};

/// The routes of statuses.
pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/v1/task-statuses", get(list_task_statuses))
}

async fn list_task_statuses(app: ForReading, mut request: ListRequest) -> Result<Response, Problem> {
    let filter = filter(&mut request);
    let violations = request.violations();
    match filter {
        Some(filter) if violations.is_empty() => {
            request.answer(&app, TaskStatuses::new(filter), TaskStatusItem::from).await
        }
        _ => Err(Problem::validation(violations)),
    }
}

/// Either ids of instances, or codes of definitions with a status: Feishu documents nothing else (contract §6.1).
fn filter(request: &mut ListRequest) -> Option<TaskStatusFilter> {
    let query = &mut request.query;
    let [ids_named, codes_named] = ["instance_id", "approval_code"].map(|name| query.is_named(name));
    let (instance_ids, approval_codes, user_ids) =
        (query.list("instance_id"), query.list("approval_code"), query.list("user_id"));
    let status_given = query.is_named("task_status");
    let status: Option<TaskStatus> = query.word("task_status");
    match (ids_named, codes_named) {
        (false, false) => {
            query.complain(
                "instance_id",
                "required",
                "instance_id, or approval_code with task_status, is required".to_owned(),
                None,
            );
            None
        }
        (true, true) => {
            let detail = "cannot be combined with approval_code; ask for one or the other".to_owned();
            query.complain("instance_id", "contradiction", detail, None);
            None
        }
        (true, false) => {
            for (name, given) in [("task_status", status_given), ("user_id", !user_ids.is_empty())] {
                if given {
                    let detail = "cannot be combined with instance_id".to_owned();
                    query.complain(name, "contradiction", detail, None);
                }
            }
            Some(TaskStatusFilter::Instances(without_repeats(instance_ids)))
        }
        (false, true) => {
            if !status_given {
                let detail = "is required together with approval_code".to_owned();
                query.complain("task_status", "required", detail, None);
            }
            let approval_codes = without_repeats(approval_codes);
            Some(TaskStatusFilter::Definitions { approval_codes, status: status?, user_ids })
        }
    }
}

/// Ids in their order, each once: two parts of a list must not hold the same.
fn without_repeats(ids: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    ids.into_iter().filter(|id| seen.insert(id.clone())).collect()
}
