//! `GET /v1/instances`, `GET /v1/tasks`, `GET /v1/cc`.

use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::domain::{Locale, Region, UserIdType};
use crate::feishu::{Search, SearchFilter, Target, TimeRange};
use crate::http::extract::QueryReader;
use crate::http::listing::ListRequest;
use crate::http::problem::Problem;
use crate::http::responses::{CcItem, InstanceItem, TaskItem};
use crate::http::state::{ApiState, ForReading};

/// The routes of searches.
pub(super) fn routes() -> Router<ApiState> {
    Router::new()
        .route("/v1/instances", get(list_instances))
        .route("/v1/tasks", get(list_tasks))
        .route("/v1/cc", get(list_cc))
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
