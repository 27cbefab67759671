//! `GET /v1/users/{user_id}/tasks`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

use super::extract::PathParam;
use super::listing::ListRequest;
use super::problem::Problem;
use super::state::ApiState;
use super::view::WordView;
use crate::domain::{Topic, UserIdType, UserTaskStatus, process_status};
use crate::feishu::UserTasks;
use crate::feishu::wire::{UserTaskNode, UserTaskUrls};

/// The routes of users.
pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/v1/users/{user_id}/tasks", get(list_user_tasks))
}

async fn list_user_tasks(
    State(state): State<ApiState>,
    PathParam(user_id): PathParam,
    mut request: ListRequest,
) -> Result<Response, Problem> {
    let given = request.query.has("topic");
    let topic: Option<Topic> = request.query.word("topic");
    if !given {
        let detail = "is required: todo, done, initiated, unread or read".to_owned();
        request.query.complain("topic", "required", detail, None);
    }
    let user_id_type = request.query.word("user_id_type").unwrap_or(UserIdType::UserId);
    let violations = request.violations();
    match topic {
        Some(topic) if violations.is_empty() => {
            request.answer(&state, UserTasks { user_id, topic, user_id_type }, UserTaskItem::from).await
        }
        _ => Err(Problem::validation(violations)),
    }
}

/// An item of `listUserTasks` (design §2.2).
#[derive(Debug, Serialize)]
struct UserTaskItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feishu_instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feishu_task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feishu_definition_group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition_group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_status_raw: Option<String>,
    applicant_user_ids: Vec<String>,
    applicant_names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pc_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_link: Option<String>,
}

impl From<UserTaskNode> for UserTaskItem {
    fn from(node: UserTaskNode) -> Self {
        let UserTaskNode {
            topic,
            user_id,
            title,
            urls: UserTaskUrls { mobile, pc },
            process_external_id,
            task_external_id,
            status,
            process_status: instance_status,
            definition_code,
            initiators,
            initiator_names,
            task_id,
            process_id,
            process_code,
            definition_group_id,
            definition_group_name,
            definition_id,
            definition_name,
        } = node;
        let topic = WordView::of::<Topic>(&topic);
        let status = WordView::of::<UserTaskStatus>(&status);
        let instance_status =
            instance_status.0.map(|word| WordView::from(process_status(&word))).unwrap_or_default();
        Self {
            instance_id: process_external_id.0,
            instance_code: process_code.0,
            feishu_instance_id: process_id.0,
            task_id: task_external_id.0,
            feishu_task_id: task_id.0,
            approval_code: definition_code.0,
            approval_name: definition_name.0,
            approval_id: definition_id.0,
            feishu_definition_group_id: definition_group_id.0,
            definition_group_name: definition_group_name.0,
            user_id: user_id.0,
            title: title.0,
            topic: topic.word,
            topic_raw: topic.raw,
            status: status.word,
            status_raw: status.raw,
            instance_status: instance_status.word,
            instance_status_raw: instance_status.raw,
            applicant_user_ids: initiators.into_iter().filter_map(|id| id.0).collect(),
            applicant_names: initiator_names.into_iter().filter_map(|name| name.0).collect(),
            pc_link: pc.0,
            mobile_link: mobile.0,
        }
    }
}
