//! The operations of Feishu that the sandbox knows, and how a path finds them (contract §12.1).

use axum::http::Method;
use percent_encoding::percent_decode_str;

use super::switches::{Brand, Switches, TaskListApi};

/// One operation of the wire API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Api {
    /// `POST auth/v3/tenant_access_token/internal`
    Token,
    /// `POST auth/v3/app_ticket/resend`
    ResendTicket,
    /// `POST auth/v3/app_access_token`
    AppToken,
    /// `POST auth/v3/tenant_access_token`
    StoreToken,
    /// `POST external_approvals`
    UpsertDefinition,
    /// `GET external_approvals/:approval_code`
    GetDefinition,
    /// `POST external_instances`
    SyncInstance,
    /// `POST external_instances/check`
    Check,
    /// `GET external_tasks`, with a JSON body
    TaskList,
    /// `POST /approval/openapi/v2/external/list`
    LegacyTaskList,
    /// `POST instances/query`
    QueryInstances,
    /// `POST tasks/search`
    SearchTasks,
    /// `POST instances/search_cc`
    SearchCc,
    /// `GET tasks/query`
    UserTasks,
    /// `POST approval/v1/message/send`, and the same below `/approval/openapi`
    SendMessage,
    /// `POST approval/v1/message/update`, likewise
    UpdateMessage,
    /// `POST contact/v3/users/batch_get_id`
    FindUsers,
    /// `GET contact/v3/users/batch`
    ReadUsers,
}

/// Where a request leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// An operation, with the path parameter when it has one.
    Found(Api, String),
    /// The path exists with another method.
    WrongMethod,
    /// Nothing lives here.
    Unknown,
}

/// Every operation with its name in the control API, its method, its path and the scopes of which one suffices.
const TABLE: [(Api, &str, Method, &str, &[&str]); 18] = [
    (Api::Token, "token", Method::POST, "/open-apis/auth/v3/tenant_access_token/internal", &[]),
    (Api::ResendTicket, "app_ticket_resend", Method::POST, "/open-apis/auth/v3/app_ticket/resend", &[]),
    (Api::AppToken, "app_token", Method::POST, "/open-apis/auth/v3/app_access_token", &[]),
    (Api::StoreToken, "store_token", Method::POST, "/open-apis/auth/v3/tenant_access_token", &[]),
    (
        Api::UpsertDefinition,
        "external_approvals",
        Method::POST,
        "/open-apis/approval/v4/external_approvals",
        &["approval:approval", "approval:external_approval"],
    ),
    (
        Api::GetDefinition,
        "external_approvals_get",
        Method::GET,
        "/open-apis/approval/v4/external_approvals/:",
        &["approval:approval", "approval:external_approval"],
    ),
    (
        Api::SyncInstance,
        "external_instances",
        Method::POST,
        "/open-apis/approval/v4/external_instances",
        &["approval:approval", "approval:external_instance"],
    ),
    (
        Api::Check,
        "check",
        Method::POST,
        "/open-apis/approval/v4/external_instances/check",
        &["approval:approval", "approval:approval:readonly", "approval:external_instance"],
    ),
    (
        Api::TaskList,
        "external_tasks",
        Method::GET,
        "/open-apis/approval/v4/external_tasks",
        &["approval:approval", "approval:approval:readonly", "approval:external_task"],
    ),
    (
        Api::LegacyTaskList,
        "v2_list",
        Method::POST,
        "/approval/openapi/v2/external/list",
        &["approval:approval:readonly"],
    ),
    (
        Api::QueryInstances,
        "instances_query",
        Method::POST,
        "/open-apis/approval/v4/instances/query",
        &["approval:approval.list:readonly"],
    ),
    (
        Api::SearchTasks,
        "tasks_search",
        Method::POST,
        "/open-apis/approval/v4/tasks/search",
        &["approval:approval:readonly", "approval:approval.list:readonly"],
    ),
    (
        Api::SearchCc,
        "search_cc",
        Method::POST,
        "/open-apis/approval/v4/instances/search_cc",
        &["approval:approval.list:readonly"],
    ),
    (
        Api::UserTasks,
        "tasks_query",
        Method::GET,
        "/open-apis/approval/v4/tasks/query",
        &["approval:approval:readonly"],
    ),
    (
        Api::SendMessage,
        "message_send",
        Method::POST,
        "/open-apis/approval/v1/message/send",
        &["approval:approval:readonly"],
    ),
    (
        Api::UpdateMessage,
        "message_update",
        Method::POST,
        "/open-apis/approval/v1/message/update",
        &["approval:approval:readonly"],
    ),
    (
        Api::FindUsers,
        "users_batch_get_id",
        Method::POST,
        "/open-apis/contact/v3/users/batch_get_id",
        &["contact:user.id:readonly"],
    ),
    (
        Api::ReadUsers,
        "users_batch",
        Method::GET,
        "/open-apis/contact/v3/users/batch",
        &["contact:contact.base:readonly"],
    ),
];

/// Where messages are sent on the historic host, which Lark's page knows alone (contract §10).
const LEGACY_MESSAGES: &str = "/approval/openapi/v1/message/";

/// Where Feishu's present page sends them.
const MESSAGES: &str = "/open-apis/approval/v1/message/";

impl Api {
    /// Every name that `faults` and `counts` use.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        TABLE.into_iter().map(|(_, name, ..)| name)
    }

    /// The name in the control API.
    pub(super) fn name(self) -> &'static str {
        TABLE.iter().find(|(api, ..)| *api == self).map_or("", |(_, name, ..)| name)
    }

    /// The scopes of which an app needs one (contract §12.1).
    pub(super) fn scopes(self) -> &'static [&'static str] {
        TABLE.iter().find(|(api, ..)| *api == self).map_or(&[], |(.., scopes)| scopes)
    }

    /// The query parameters that its page lists.
    pub(super) fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Token
            | Self::ResendTicket
            | Self::AppToken
            | Self::StoreToken
            | Self::SyncInstance
            | Self::Check
            | Self::LegacyTaskList
            | Self::SendMessage
            | Self::UpdateMessage => &[],
            Self::UpsertDefinition | Self::GetDefinition => &["user_id_type", "department_id_type"],
            Self::FindUsers => &["user_id_type"],
            Self::ReadUsers => &["user_ids", "user_id_type", "department_id_type"],
            Self::TaskList => &["page_size", "page_token"],
            Self::QueryInstances | Self::SearchTasks | Self::SearchCc => {
                &["page_size", "page_token", "user_id_type"]
            }
            Self::UserTasks => &["page_size", "page_token", "user_id", "topic", "user_id_type"],
        }
    }

    /// Whether it takes a body: all but three do, one `GET` among them.
    pub(super) fn has_body(self) -> bool {
        !matches!(self, Self::GetDefinition | Self::UserTasks | Self::ReadUsers)
    }

    /// Whether people see something else after it has succeeded.
    pub(super) fn changes_what_is_seen(self) -> bool {
        matches!(self, Self::SyncInstance | Self::UpsertDefinition | Self::SendMessage | Self::UpdateMessage)
    }

    /// Whether the page of this operation prints a rate limit (contract §2.1, §7.4, §10, §12.1).
    pub(super) fn is_rate_limited(self) -> bool {
        !matches!(
            self,
            Self::Token
                | Self::ResendTicket
                | Self::AppToken
                | Self::StoreToken
                | Self::UserTasks
                | Self::UpdateMessage
        )
    }

    /// Finds the operation of a request.
    pub(super) fn route(method: &Method, path: &str, switches: &Switches) -> Route {
        // The call guide posts to `…/internal/` (contract §2.1).
        let path = path.strip_suffix("/internal/").map_or(path.to_owned(), |head| format!("{head}/internal"));
        let path = match path.strip_prefix(LEGACY_MESSAGES) {
            // A slash at the end works there (field notes).
            Some(call) => format!("{MESSAGES}{}", call.trim_end_matches('/')),
            None if path.starts_with(MESSAGES) && switches.region == Brand::Lark => return Route::Unknown,
            None => path,
        };
        let mut route = Route::Unknown;
        for (api, _, api_method, template, _) in TABLE {
            let Some(parameter) = matched(template, &path) else { continue };
            if !exists(api, switches.task_list_api) {
                continue;
            }
            if api_method == *method {
                return Route::Found(api, parameter);
            }
            route = Route::WrongMethod;
        }
        route
    }
}

/// The path parameter (empty when the template has none), or nothing when the path does not fit.
fn matched(template: &str, path: &str) -> Option<String> {
    match template.strip_suffix(':') {
        None => (template == path).then(String::new),
        Some(head) => {
            let tail = path.strip_prefix(head).filter(|tail| !tail.is_empty() && !tail.contains('/'))?;
            Some(percent_decode_str(tail).decode_utf8_lossy().into_owned())
        }
    }
}

fn exists(api: Api, task_list: TaskListApi) -> bool {
    match api {
        Api::TaskList => task_list != TaskListApi::V2,
        Api::LegacyTaskList => task_list != TaskListApi::V4,
        Api::Token
        | Api::ResendTicket
        | Api::AppToken
        | Api::StoreToken
        | Api::UpsertDefinition
        | Api::GetDefinition
        | Api::SyncInstance
        | Api::Check
        | Api::QueryInstances
        | Api::SearchTasks
        | Api::SearchCc
        | Api::UserTasks
        | Api::SendMessage
        | Api::UpdateMessage
        | Api::FindUsers
        | Api::ReadUsers => true,
    }
}
