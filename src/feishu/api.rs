//! The upstream operations that the gateway uses.

use std::fmt;

use axum::http::Method;

/// One upstream API; limits, breakers and metrics are kept for each (contract §11.4: per API × app × tenant).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// Fetch a tenant token (contract §2.1).
    TenantToken,
    /// Have the ticket of a store app pushed (contract §2.1).
    ResendTicket,
    /// Fetch the token of a store app itself (contract §2.1).
    AppToken,
    /// Fetch the token of a store app for a tenant (contract §2.1).
    StoreTenantToken,
    /// Push an instance (contract §4.1).
    SyncInstance,
    /// Compare versions (contract §5).
    CheckInstances,
    /// Create or update a definition (contract §3.1).
    UpsertDefinition,
    /// Read a definition; its code follows in the path (contract §3.2).
    GetDefinition,
    /// Statuses of tasks, a GET with a body (contract §6.1).
    TaskStatuses,
    /// Statuses of tasks, the historic generation (contract §6.2).
    LegacyTaskStatuses,
    /// Search instances (contract §7.1).
    QueryInstances,
    /// Search tasks (contract §7.2).
    SearchTasks,
    /// Search copies (contract §7.3).
    SearchCc,
    /// One user's lists (contract §7.4).
    QueryUserTasks,
    /// Send a message of the approval bot (contract §10.1).
    SendMessage,
    /// Update one (contract §10.2).
    UpdateMessage,
    /// Send a message, on the historic host.
    LegacySendMessage,
    /// Update one, on the historic host.
    LegacyUpdateMessage,
    /// Find people by e-mail addresses and mobiles (field notes).
    FindUsers,
    /// Read people by their union ids.
    ReadUsers,
}

/// Which origin serves an API (contract §0.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The Open API.
    OpenApi,
    /// The historic approval host.
    Legacy,
}

/// Where the payload of a success lies.
#[derive(Debug, Clone, Copy)]
pub(super) enum PayloadPlace {
    /// Under `data`.
    Data,
    /// Under `data`, behind an echo of what was written; write calls may leave it out (contract §1.2, §4.2).
    MaybeData,
    /// Nowhere: that it succeeded is all that matters.
    Nowhere,
    /// Beside `code`, as the auth endpoints do it (contract §1.2).
    TopLevel,
}

/// Which generation of the list of task statuses answers (`feishu.task_status_api`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskStatusApi {
    /// `GET /open-apis/approval/v4/external_tasks`.
    #[default]
    V4,
    /// The historic `POST /approval/openapi/v2/external/list`.
    V2,
}

/// Where messages of the approval bot are sent: Lark documents the historic host alone (contract §10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageApi {
    /// Below `/open-apis`.
    #[default]
    Present,
    /// On the historic approval host.
    Legacy,
}

impl Api {
    /// Every API, in the order of their numbers.
    pub(super) const ALL: [Self; 20] = [
        Self::TenantToken,
        Self::ResendTicket,
        Self::AppToken,
        Self::StoreTenantToken,
        Self::SyncInstance,
        Self::CheckInstances,
        Self::UpsertDefinition,
        Self::GetDefinition,
        Self::TaskStatuses,
        Self::LegacyTaskStatuses,
        Self::QueryInstances,
        Self::SearchTasks,
        Self::SearchCc,
        Self::QueryUserTasks,
        Self::SendMessage,
        Self::UpdateMessage,
        Self::LegacySendMessage,
        Self::LegacyUpdateMessage,
        Self::FindUsers,
        Self::ReadUsers,
    ];

    /// Path below the origin.
    pub fn path(self) -> &'static str {
        match self {
            Self::TenantToken => "/open-apis/auth/v3/tenant_access_token/internal",
            Self::ResendTicket => "/open-apis/auth/v3/app_ticket/resend",
            Self::AppToken => "/open-apis/auth/v3/app_access_token",
            Self::StoreTenantToken => "/open-apis/auth/v3/tenant_access_token",
            Self::SyncInstance => "/open-apis/approval/v4/external_instances",
            Self::CheckInstances => "/open-apis/approval/v4/external_instances/check",
            Self::UpsertDefinition | Self::GetDefinition => "/open-apis/approval/v4/external_approvals",
            Self::TaskStatuses => "/open-apis/approval/v4/external_tasks",
            Self::LegacyTaskStatuses => "/approval/openapi/v2/external/list",
            Self::QueryInstances => "/open-apis/approval/v4/instances/query",
            Self::SearchTasks => "/open-apis/approval/v4/tasks/search",
            Self::SearchCc => "/open-apis/approval/v4/instances/search_cc",
            Self::QueryUserTasks => "/open-apis/approval/v4/tasks/query",
            Self::SendMessage => "/open-apis/approval/v1/message/send",
            Self::UpdateMessage => "/open-apis/approval/v1/message/update",
            Self::LegacySendMessage => "/approval/openapi/v1/message/send",
            Self::LegacyUpdateMessage => "/approval/openapi/v1/message/update",
            Self::FindUsers => "/open-apis/contact/v3/users/batch_get_id",
            Self::ReadUsers => "/open-apis/contact/v3/users/batch",
        }
    }

    /// Short name for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantToken => "tenant_access_token",
            Self::ResendTicket => "app_ticket/resend",
            Self::AppToken => "app_access_token",
            Self::StoreTenantToken => "tenant_access_token/store",
            Self::SyncInstance => "external_instances",
            Self::CheckInstances => "external_instances/check",
            Self::UpsertDefinition => "external_approvals",
            Self::GetDefinition => "external_approvals/get",
            Self::TaskStatuses => "external_tasks",
            Self::LegacyTaskStatuses => "v2/external/list",
            Self::QueryInstances => "instances/query",
            Self::SearchTasks => "tasks/search",
            Self::SearchCc => "instances/search_cc",
            Self::QueryUserTasks => "tasks/query",
            Self::SendMessage => "message/send",
            Self::UpdateMessage => "message/update",
            Self::LegacySendMessage => "legacy/message/send",
            Self::LegacyUpdateMessage => "legacy/message/update",
            Self::FindUsers => "users/batch_get_id",
            Self::ReadUsers => "users/batch",
        }
    }

    /// The scopes of which an app needs one, the narrowest first (contract §12.1).
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::TenantToken | Self::ResendTicket | Self::AppToken | Self::StoreTenantToken => &[],
            Self::SyncInstance => &["approval:external_instance", "approval:approval"],
            Self::CheckInstances => {
                &["approval:external_instance", "approval:approval:readonly", "approval:approval"]
            }
            Self::UpsertDefinition | Self::GetDefinition => {
                &["approval:external_approval", "approval:approval"]
            }
            Self::TaskStatuses => {
                &["approval:external_task", "approval:approval:readonly", "approval:approval"]
            }
            Self::LegacyTaskStatuses
            | Self::QueryUserTasks
            | Self::SendMessage
            | Self::UpdateMessage
            | Self::LegacySendMessage
            | Self::LegacyUpdateMessage => &["approval:approval:readonly"],
            Self::FindUsers => &["contact:user.id:readonly"],
            Self::ReadUsers => &["contact:contact.base:readonly"],
            Self::QueryInstances | Self::SearchCc => &["approval:approval.list:readonly"],
            Self::SearchTasks => &["approval:approval.list:readonly", "approval:approval:readonly"],
        }
    }

    pub(super) fn method(self) -> Method {
        match self {
            Self::GetDefinition | Self::TaskStatuses | Self::QueryUserTasks | Self::ReadUsers => Method::GET,
            Self::TenantToken
            | Self::ResendTicket
            | Self::AppToken
            | Self::StoreTenantToken
            | Self::SyncInstance
            | Self::CheckInstances
            | Self::UpsertDefinition
            | Self::LegacyTaskStatuses
            | Self::QueryInstances
            | Self::SearchTasks
            | Self::SearchCc
            | Self::SendMessage
            | Self::UpdateMessage
            | Self::LegacySendMessage
            | Self::LegacyUpdateMessage
            | Self::FindUsers => Method::POST,
        }
    }

    /// Where the payload of a success lies.
    pub(super) fn payload(self) -> PayloadPlace {
        match self {
            _ if self.is_about_tokens() => PayloadPlace::TopLevel,
            Self::SyncInstance => PayloadPlace::MaybeData,
            Self::UpdateMessage | Self::LegacyUpdateMessage => PayloadPlace::Nowhere,
            _ => PayloadPlace::Data,
        }
    }

    /// Whether it is one of the endpoints that hand out tokens.
    pub(super) fn is_about_tokens(self) -> bool {
        matches!(self, Self::TenantToken | Self::ResendTicket | Self::AppToken | Self::StoreTenantToken)
    }

    pub(super) fn origin(self) -> Origin {
        match self {
            Self::LegacyTaskStatuses | Self::LegacySendMessage | Self::LegacyUpdateMessage => Origin::Legacy,
            _ => Origin::OpenApi,
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_api_is_listed_at_its_number() {
        assert!(Api::ALL.iter().enumerate().all(|(number, api)| *api as usize == number));
        // The last variant has the highest number, so one that is missing from the list shows here.
        assert_eq!(Api::ALL.len(), Api::ReadUsers as usize + 1);
    }
}
