//! `GET /v1/instances`, `GET /v1/tasks`, `GET /v1/cc`.

use axum::response::Response;

use crate::domain::{InstanceStatusFilter, Locale, Region, TaskOrder, TaskStatusFilter, UserIdType};
use crate::feishu::{Api, Search, SearchFilter, Target, TimeRange};
use crate::http::extract::QueryReader;
use crate::http::listing::ListRequest;
use crate::http::operation::links::FROM_LIST;
use crate::http::operation::parameters::{Parameter, flag, one_of, some_of, text, time, with_paging};
use crate::http::operation::{Answer, Method, Operation, Route};
use crate::http::problem::Problem;
use crate::http::responses::{CcItem, InstanceItem, TaskItem};
use crate::http::state::{ApiState, ForReading};

/// The routes of searches.
pub(super) fn routes() -> [Route<ApiState>; 3] {
    [
        Operation {
            id: "listInstances",
            method: Method::Get,
            path: "/v1/instances",
            tag: "searches",
            summary: "Find instances",
            description: "Instances by who began them, by definition, title, status and time. Feishu hides withdrawn instances from \
                searches, and results lag behind.",
            parameters: with_shared_filters([
                one_of::<InstanceStatusFilter>("status", "Where they stand."),
                started_from(),
                started_to(),
            ]),
            request: None,
            answer: Answer::page::<InstanceItem>("InstancePage"),
            may_be_pending: false,
            problems: &[],
            upstream: Some(|_| Api::QueryInstances),
            needs_key: true,
            links: FROM_LIST,
            examples: include_str!("../../../openapi/examples/listInstances.json"),
        }
        .handled_by(list_instances),
        Operation {
            id: "listTasks",
            method: Method::Get,
            path: "/v1/tasks",
            tag: "searches",
            summary: "Find tasks",
            description: "Tasks by approver, definition, title, status and time. Feishu hides withdrawn instances from searches, \
                and results lag behind.",
            parameters: with_shared_filters([
                some_of::<TaskStatusFilter>("status", "Where they stand; several are alternatives."),
                one_of::<TaskOrder>(
                    "order",
                    "In which order they come; within 30 days each, when the span is longer.",
                ),
                started_from(),
                started_to(),
            ]),
            request: None,
            answer: Answer::page::<TaskItem>("TaskPage"),
            may_be_pending: false,
            problems: &[],
            upstream: Some(|_| Api::SearchTasks),
            needs_key: true,
            links: FROM_LIST,
            examples: include_str!("../../../openapi/examples/listTasks.json"),
        }
        .handled_by(list_tasks),
        Operation {
            id: "listCc",
            method: Method::Get,
            path: "/v1/cc",
            tag: "searches",
            summary: "Find copies",
            description: "Copies by reader, definition, title, time, and whether they were read. Feishu hides those of withdrawn \
                instances, and results lag behind.",
            parameters: with_shared_filters([
                flag("read", "Only copies that were read, or that were not."),
                time(
                    "created_from",
                    "Sent at this time or later; needs `created_to`. At most 7,320 days.",
                    "2026-01-01T00:00:00Z",
                ),
                time("created_to", "Sent at this time or earlier; needs `created_from`.", "2026-11-30T00:00:00Z"),
            ]),
            request: None,
            answer: Answer::page::<CcItem>("CcPage"),
            may_be_pending: false,
            problems: &[],
            upstream: Some(|_| Api::SearchCc),
            needs_key: true,
            links: FROM_LIST,
            examples: include_str!("../../../openapi/examples/listCc.json"),
        }
        .handled_by(list_cc),
    ]
}

fn started_from() -> Parameter {
    let description = "Started at this time or later; needs `started_to`. At most 7,320 days.";
    time("started_from", description, "2026-01-01T00:00:00Z")
}

fn started_to() -> Parameter {
    time("started_to", "Started at this time or earlier; needs `started_from`.", "2026-11-30T00:00:00Z")
}

/// A search's own filters and those that all searches share.
fn with_shared_filters<const N: usize>(own: [Parameter; N]) -> Vec<Parameter> {
    let mut filters = Vec::from(own);
    filters.extend([
        text(
            "user_id",
            "A person: applicant, approver or reader. One of `user_id`, `approval_code`, `definition_group`, `instance_code` and \
             `instance_id` is required.",
            "alice",
        ),
        text(
            "approval_code",
            "A definition. `approval_code` and `definition_group` match either.",
            "7C468A54-8745-2245-9675-08B7C63E7A85",
        ),
        text("definition_group", "Your code of a group.", "hr"),
        text(
            "instance_code",
            "Feishu's code of an instance. `instance_code` and `instance_id` match either.",
            "9089752A-E7E4-753C-6337-83856BA21146",
        ),
        text("instance_id", "Your id of an instance.", "leave-1001"),
        text("title", "Part of the title.", "年假"),
        one_of::<Locale>("locale", "The language of the texts in the answer."),
        one_of::<UserIdType>(
            "user_id_type",
            "Which kind of ids is asked for and answered; `user_id` when absent.",
        ),
    ]);
    with_paging(filters)
}

async fn list_instances(app: ForReading, mut request: ListRequest) -> Result<Response, Problem> {
    let target = Target::Instances { status: request.query.word("status") };
    let search = search(&mut request, target, ["started_from", "started_to"], app.rules.region)?;
    request.answer(&app, search, InstanceItem::from).await
}

async fn list_tasks(app: ForReading, mut request: ListRequest) -> Result<Response, Problem> {
    let target =
        Target::Tasks { statuses: request.query.words("status"), order: request.query.word("order") };
    let search = search(&mut request, target, ["started_from", "started_to"], app.rules.region)?;
    request.answer(&app, search, TaskItem::from).await
}

async fn list_cc(app: ForReading, mut request: ListRequest) -> Result<Response, Problem> {
    let target = Target::Cc { read: request.query.flag("read") };
    let search = search(&mut request, target, ["created_from", "created_to"], app.rules.region)?;
    request.answer(&app, search, CcItem::from).await
}

/// Reads the filters that all searches share.
fn search(
    request: &mut ListRequest,
    target: Target,
    ends: [&'static str; 2],
    region: Region,
) -> Result<Search, Problem> {
    let query = &mut request.query;
    // Contract §7: at least one of these five.
    let narrowed = ["user_id", "approval_code", "definition_group", "instance_code", "instance_id"]
        .iter()
        .any(|name| query.is_named(name));
    let filter = SearchFilter {
        user_id: query.single("user_id"),
        approval_code: query.single("approval_code"),
        definition_group: query.single("definition_group"),
        instance_code: query.single("instance_code"),
        instance_id: query.single("instance_id"),
        title: query.single("title"),
        span: span(query, ends),
        locale: locale(query, region),
    };
    let user_id_type = query.word("user_id_type").unwrap_or(UserIdType::UserId);
    if !narrowed {
        let detail =
            "one of approval_code, definition_group, instance_code, instance_id and user_id is required";
        query.complain("approval_code", "required", detail.to_owned(), None);
    }
    let violations = request.violations();
    if violations.is_empty() {
        Ok(Search { target, filter, user_id_type })
    } else {
        Err(Problem::validation(violations))
    }
}

/// Both ends or none (contract §7).
fn span(query: &mut QueryReader, [from_name, to_name]: [&'static str; 2]) -> Option<TimeRange> {
    let (from_given, to_given) = (query.is_named(from_name), query.is_named(to_name));
    let (from, to) = (query.time(from_name), query.time(to_name));
    for (missing, other, is_missing) in
        [(from_name, to_name, to_given && !from_given), (to_name, from_name, from_given && !to_given)]
    {
        if is_missing {
            query.complain(missing, "required", format!("is required together with {other}"), None);
        }
    }
    let (from, to) = (from?, to?);
    let span = TimeRange::new(from, to);
    match span {
        None => query.complain(to_name, "contradiction", format!("lies before {from_name}"), None),
        Some(span) if span.is_too_long() => {
            let detail =
                format!("lies more than {} days behind {from_name}; search in parts", TimeRange::MAX_DAYS);
            query.complain(to_name, "too_long", detail, None);
        }
        Some(_) => {}
    }
    span
}

fn locale(query: &mut QueryReader, region: Region) -> Option<Locale> {
    let words: Vec<_> = region.locales().map(|locale| (locale.as_str(), locale)).collect();
    query.one_of("locale", &words)
}
