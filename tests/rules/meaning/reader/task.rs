//! `task_list[]` (contract §4.1).

use super::fields::Fields;
use super::resources::Resources;
use super::{DISPLAY_METHODS, extra, links, person};
use crate::meaning::model::{Action, Task};

const STATUSES: [&str; 5] = ["PENDING", "APPROVED", "REJECTED", "TRANSFERRED", "DONE"];

const MAX_ACTIONS: usize = 2;

pub(crate) fn task(mut fields: Fields<'_>, texts: &Resources, mode: &str) -> Task {
    let task_id = fields.string("task_id");
    let (user_id, open_id) = person(&mut fields);
    let status = fields.word("status", &STATUSES);
    let created_at = fields.time("create_time");
    let updated_at = fields.time("update_time");
    if mode == "update" && updated_at.is_none() {
        fields.fault("update_time", "is needed, for only what is newer counts");
    }
    let actions = fields
        .objects("action_configs", MAX_ACTIONS)
        .map(|actions| actions.into_iter().map(|fields| action(fields, texts)).collect());
    let task = Task {
        task_id: fields.required("task_id", task_id),
        user_id,
        open_id,
        title: texts.text(&mut fields, "title"),
        links: links(&mut fields),
        status: fields.required("status", status),
        created_at: fields.required("create_time", created_at),
        updated_at: updated_at.unwrap_or_default(),
        ended_at: fields.end_time("end_time"),
        extra: extra(&mut fields, "complete_reason"),
        action_context: fields.string("action_context"),
        actions,
        display_method: fields.word("display_method", &DISPLAY_METHODS),
        node_id: fields.string("node_id"),
        node_name: texts.text(&mut fields, "node_name"),
        exclude_from_statistics: fields.flag("exclude_statistics"),
        generate_type: fields.word("generate_type", &["EXTERNAL_CONSIGN", "DEFAULT"]),
    };
    if task.status != "pending" && task.ended_at.is_none() {
        fields.fault("end_time", "must not be \"0\" unless the task is open");
    }
    fields.finish();
    task
}

fn action(mut fields: Fields<'_>, texts: &Resources) -> Action {
    let action = fields.string("action_type");
    let action = fields.required("action_type", action);
    let label = texts.text(&mut fields, "action_name");
    if !matches!(action.as_str(), "APPROVE" | "REJECT") && label.is_none() {
        fields.fault("action_name", "is required for an action of one's own");
    }
    let mut flag = |name| fields.flag(name).unwrap_or_default();
    let reason = match (flag("is_need_reason"), flag("is_reason_required")) {
        (false, false) => "none",
        (true, false) => "optional",
        (true, true) => "required",
        (false, true) => {
            fields.fault("is_reason_required", "makes no sense without is_need_reason");
            "required"
        }
    };
    let attachment = fields.flag("is_need_attachment").unwrap_or_default();
    fields.finish();
    Action { action, label, reason, attachment }
}
