//! Rules that compare parts of the instance with each other, whatever else is wrong with them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::field::{Field, Identifier, List};
use super::report::Report;
use super::requests::RawInstance;

/// Feishu silently hides an instance whose ids collide, across kinds too (contract §4.1, uniqueness).
///
/// Looks at what is refused, too: another mistake in a task must not hide its id.
pub(super) fn refuse_collisions(path_id: Option<&str>, raw: &RawInstance<'_>, report: &mut Report) {
    let own_id = path_id.or(written(&raw.instance_id.0));
    let tasks = ids(&raw.tasks, |task| &task.task_id).map(|(index, id)| ("tasks", index, "task_id", id));
    let copies = ids(&raw.cc, |copy| &copy.cc_id).map(|(index, id)| ("cc", index, "cc_id", id));
    let mut seen: HashSet<&str> = own_id.into_iter().collect();
    for (list, index, member, id) in tasks.chain(copies) {
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

/// Every text of the document that people read in their language.
pub(super) fn texts_of<'r>(raw: &'r RawInstance<'_>) -> impl Iterator<Item = &'r str> {
    let own = [&raw.title, &raw.applicant_name, &raw.department_name];
    let rows = elements(&raw.form).flat_map(|(_, row)| [&row.name, &row.value]);
    let tasks = elements(&raw.tasks).flat_map(|(_, task)| [&task.title, &task.node_name]);
    let actions = elements(&raw.tasks).flat_map(|(_, task)| elements(&task.actions));
    let labels = actions.map(|(_, action)| &action.label);
    own.into_iter().chain(rows).chain(tasks).chain(labels).filter_map(|text| written(&text.0))
}

/// The elements of an array that could be read, behind their places.
fn elements<T>(list: &List<T>) -> impl Iterator<Item = (usize, &T)> {
    let kept = present(&list.0).map_or(&[][..], |items| &items.kept);
    kept.iter().enumerate().filter_map(|(index, element)| Some((index, present(element)?)))
}

/// The ids in an array, and their places.
fn ids<'r, 'a: 'r, T>(
    list: &'r List<T>,
    id: impl Fn(&'r T) -> &'r Identifier<'a>,
) -> impl Iterator<Item = (usize, &'r str)> {
    elements(list).filter_map(move |(index, element)| Some((index, written(&id(element).0)?)))
}

fn present<T>(field: &Field<T>) -> Option<&T> {
    match field {
        Field::Present(value) => Some(value),
        Field::Absent | Field::Invalid => None,
    }
}

fn written<'r>(text: &'r Field<Cow<'_, str>>) -> Option<&'r str> {
    present(text).map(AsRef::as_ref)
}
