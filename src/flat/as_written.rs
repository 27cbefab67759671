//! Rules that look at the instance as it was written, whatever else is wrong with it.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::document::RawInstance;
use super::report::Report;
use super::slot::{List, Slot, Str};

/// Feishu silently hides an instance whose ids collide, across kinds too (contract §4.1, uniqueness).
///
/// Looks at the document as it was written, so that another mistake in a task does not hide its id.
pub(super) fn refuse_collisions(path_id: Option<&str>, raw: &RawInstance<'_>, report: &mut Report) {
    let (tasks, copies) = (items(&raw.tasks), items(&raw.cc));
    let own_id = path_id.or(written(&raw.instance_id));
    let mut seen: HashSet<&str, RandomState> = HashSet::default();
    seen.reserve(1 + tasks.len() + copies.len());
    seen.extend(own_id);
    let task_ids = tasks
        .iter()
        .enumerate()
        .map(|(index, task)| ("tasks", index, "task_id", present(task).map(|t| &t.task_id)));
    let cc_ids = copies
        .iter()
        .enumerate()
        .map(|(index, copy)| ("cc", index, "cc_id", present(copy).map(|c| &c.cc_id)));
    for (list, index, member, id) in task_ids.chain(cc_ids) {
        let Some(id) = id.and_then(written) else { continue };
        if !seen.insert(id) {
            report.within_item(list, index, |report| {
                report.within_name(member, |report| {
                    report.violate(
                        "duplicate_id",
                        "is used twice in this document; instance, task and cc ids must all differ, \
                         else Feishu shows none of it (prefix them with the instance id)",
                    );
                });
            });
        }
    }
}

/// Every text of the document that people read.
pub(super) fn texts_of<'r>(raw: &'r RawInstance<'_>) -> impl Iterator<Item = &'r str> {
    let rows = items(&raw.form).iter().filter_map(present).flat_map(|row| [&row.name, &row.value]);
    let tasks = items(&raw.tasks).iter().filter_map(present);
    let labels =
        tasks.clone().flat_map(|task| items(&task.actions)).filter_map(present).map(|action| &action.label);
    let of_tasks = tasks.flat_map(|task| [&task.title, &task.node_name]);
    let own = [&raw.title, &raw.applicant_name, &raw.department_name];
    own.into_iter().chain(rows).chain(of_tasks).chain(labels).filter_map(written)
}

fn items<T>(list: &List<T>) -> &[Slot<T>] {
    match &list.0 {
        Slot::Present(items) => &items.kept,
        Slot::Absent | Slot::Invalid => &[],
    }
}

fn present<T>(slot: &Slot<T>) -> Option<&T> {
    match slot {
        Slot::Present(value) => Some(value),
        Slot::Absent | Slot::Invalid => None,
    }
}

fn written<'r>(text: &'r Str<'_>) -> Option<&'r str> {
    present(&text.0).map(AsRef::as_ref)
}
