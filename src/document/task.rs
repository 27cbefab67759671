//! The rules of `tasks[]`.

use super::action;
use super::embedded::{Contradiction, Embedded};
use super::field::{List, Object, OneOf};
use super::persons::{Naming, OWN, links};
use super::report::Report;
use super::requests::RawTask;
use crate::domain::{ApprovalTask, CompleteReason, Extra};

/// The tasks of an instance, as far as they could be read; `None` when the document does not speak of them.
pub(super) fn build_all<'a>(
    raw: List<RawTask<'a>>,
    max: usize,
    report: &mut Report,
) -> Option<Vec<ApprovalTask<'a>>> {
    raw.build_each("tasks", max, report, build)
}

/// Applies the rules of one task; `None` when a violation made the value impossible.
fn build<'a>(raw: RawTask<'a>, report: &mut Report) -> Option<ApprovalTask<'a>> {
    let RawTask {
        task_id,
        user_id,
        open_id,
        email,
        mobile,
        union_id,
        title,
        pc_link,
        mobile_link,
        status,
        created_at,
        updated_at,
        ended_at,
        complete_reason,
        extra,
        action_context,
        actions,
        display_method,
        node_id,
        node_name,
        exclude_from_statistics,
        generate_type,
        notify,
    } = raw;
    let task_id = task_id.required_id("task_id", report);
    let approver = Naming { names: OWN, user_id, open_id, email, mobile, union_id }.required(report);
    let links = links(pc_link, mobile_link, report);
    let status = status.0.required("status", report);
    let created_at = created_at.0.required("created_at", report);
    let extra = extra_with_reason(extra, complete_reason, report);
    let actions = action::build_all(actions, report);
    Some(ApprovalTask {
        task_id: task_id?,
        approver: approver?,
        title: title.text("title", report),
        links,
        status: status?,
        created_at: created_at?,
        updated_at: updated_at.0.optional(),
        ended_at: ended_at.0.optional(),
        extra,
        action_context: action_context.id(),
        actions,
        display_method: display_method.0.optional(),
        node_id: node_id.id(),
        node_name: node_name.text("node_name", report),
        exclude_from_statistics: exclude_from_statistics.0.optional(),
        generate_type: generate_type.0.optional(),
        notify: notify.0.optional(),
    })
}

/// Feishu reads the reason from inside `extra` (contract §4.1).
fn extra_with_reason<'a>(
    extra: Object<'a>,
    reason: OneOf<CompleteReason>,
    report: &mut Report,
) -> Option<Extra<'a>> {
    let extra = extra.0.optional();
    let Some(reason) = reason.0.optional() else { return extra.map(Embedded::into_extra) };
    match extra.unwrap_or_else(Embedded::empty).with_member("complete_reason", reason.wire_name()) {
        Ok(extra) => Some(extra.into_extra()),
        Err(Contradiction) => {
            report.within_name("complete_reason", |report| {
                report.violate("contradiction", "differs from extra.complete_reason; write it in one place");
            });
            None
        }
    }
}
