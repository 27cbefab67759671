//! The rules of `tasks[]`.

use super::action;
use super::built::{BuiltItems, Element, Refused};
use super::embedded::{Contradiction, Embedded};
use super::field::{Object, OneOf};
use super::persons::{links, person};
use super::report::Report;
use super::requests::RawTask;
use crate::domain::{Action, ApprovalTask, CompleteReason, Extra, TaskStatus};

impl<'a> Element<'a> for RawTask<'a> {
    type Built = ApprovalTask<'a>;

    fn build(
        self,
        items: &mut BuiltItems<'a, ApprovalTask<'a>>,
        report: &mut Report,
    ) -> Result<(), Refused<'a>> {
        let Self {
            task_id,
            user_id,
            open_id,
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
        } = self;
        let task_id = task_id.required_id("task_id", report);
        let approver = person(user_id, open_id, report);
        let links = links(pc_link, mobile_link, report);
        let status = status.0.required("status", report);
        let created_at = created_at.0.required("created_at", report);
        if status.is_some_and(|status| status != TaskStatus::Pending) && !ended_at.0.is_given() {
            report.missing("ended_at", "is required unless the task is pending");
        }
        let extra = extra_with_reason(extra, complete_reason, report);
        let actions = action::build_all(actions, &mut items.refused_texts, report);
        let (title, node_name) = (title.text(), node_name.text());
        match (task_id, approver, status, created_at) {
            (Some(task_id), Some(approver), Some(status), Some(created_at)) => {
                items.built.push(ApprovalTask {
                    task_id,
                    approver,
                    title,
                    links,
                    status,
                    created_at,
                    updated_at: updated_at.0.optional(),
                    ended_at: ended_at.0.optional(),
                    extra,
                    action_context: action_context.id(),
                    actions,
                    display_method: display_method.0.optional(),
                    node_id: node_id.id(),
                    node_name,
                    exclude_from_statistics: exclude_from_statistics.0.optional(),
                    generate_type: generate_type.0.optional(),
                });
                Ok(())
            }
            (id, ..) => {
                let labels = actions.iter().flatten().filter_map(Action::label).cloned();
                items.refused_texts.extend([title, node_name].into_iter().flatten().chain(labels));
                Err(Refused(id))
            }
        }
    }
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
