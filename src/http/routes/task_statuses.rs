//! `GET /v1/task-statuses`.

use axum::response::Response;

use crate::domain::TaskStatus;
use crate::feishu::{FeishuClient, TaskStatusFilter, TaskStatuses};
use crate::http::listing::ListRequest;
use crate::http::operation::links::FROM_LIST;
use crate::http::operation::parameters::{one_of, texts, with_paging};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::Problem;
use crate::http::responses::TaskStatusItem;
use crate::http::state::{ApiState, ForReading};

/// The routes of statuses.
pub(super) fn routes() -> [Route<ApiState>; 1] {
    [Operation {
        id: "listTaskStatuses",
        method: Method::Get,
        path: "/v1/task-statuses",
        tag: "instances",
        summary: "List statuses of instances and their tasks",
        description: "Either by `instance_id`, or by `approval_code` with `task_status` and, if you like, `user_id`. Other \
            combinations are refused.",
        parameters: with_paging(vec![
            texts("instance_id", "Your ids of instances, up to 100.", "leave-1001"),
            texts("approval_code", "Definitions, up to 100.", "7C468A54-8745-2245-9675-08B7C63E7A85"),
            one_of::<TaskStatus>("task_status", "Tasks with this status; required with `approval_code`."),
            texts("user_id", "Tasks of these approvers.", "bob"),
        ]),
        request: None,
        answer: Answer::page::<TaskStatusItem>("TaskStatusPage"),
        may_be_pending: false,
        problems: &[],
        upstream: Some(FeishuClient::statuses_api),
        needs_key: true,
        links: FROM_LIST,
        examples: include_str!("../../../openapi/examples/listTaskStatuses.json"),
    }
    .handled_by(list_task_statuses)]
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
