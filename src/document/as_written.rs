//! Rules that compare parts of the instance with each other, whatever else is wrong with them.

use std::collections::HashSet;

use super::built::{BuiltItems, BuiltList, Element, Refused};
use super::field::{Field, Str};
use super::report::Report;
use super::requests::RawInstance;
use crate::domain::{Action, Id, Text};

/// Feishu silently hides an instance whose ids collide, across kinds too (contract §4.1, uniqueness).
///
/// Looks at what is refused, too: another mistake in a task must not hide its id.
pub(super) fn refuse_collisions(path_id: Option<&str>, raw: &RawInstance<'_>, report: &mut Report) {
    let own_id = path_id.or(written(&raw.instance_id));
    let tasks = ids(&raw.tasks, |task| &task.task_id).map(|(index, id)| ("tasks", index, "task_id", id));
    let copies = ids(&raw.cc, |copy| &copy.cc_id).map(|(index, id)| ("cc", index, "cc_id", id));
    let mut seen = HashSet::new();
    seen.reserve(1 + looked_at(&raw.tasks) + looked_at(&raw.cc));
    seen.extend(own_id);
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

/// Every text of the document that people read.
pub(super) fn texts_of<'r>(raw: &'r RawInstance<'_>) -> impl Iterator<Item = &'r str> {
    let own = [&raw.title, &raw.applicant_name, &raw.department_name];
    let rows = present(&raw.form.0).map_or(&[][..], |items| &items.kept);
    let rows = rows.iter().filter_map(present).flat_map(|row| [&row.name, &row.value]);
    let items = present(&raw.tasks.0);
    let tasks = items.map_or(&[][..], |items| &items.built);
    let labels = tasks.iter().flat_map(|task| &task.actions).flatten().filter_map(Action::label);
    let of_tasks = tasks.iter().flat_map(|task| [&task.title, &task.node_name]).flatten();
    let of_refused = items.map_or(&[][..], |items| &items.refused_texts);
    let texts = of_tasks.chain(labels).chain(of_refused).map(Text::as_str);
    own.into_iter().chain(rows).filter_map(written).chain(texts)
}

/// How many elements of an array have ids that can be compared, at most.
fn looked_at<'a, R: Element<'a>>(list: &BuiltList<'a, R>) -> usize {
    present(&list.0).map_or(0, |items| items.built.len() + items.refused.len())
}

/// The ids in an array, and their places.
fn ids<'r, 'a: 'r, R: Element<'a>>(
    list: &'r BuiltList<'a, R>,
    id: impl Fn(&'r R::Built) -> &'r Id<'a>,
) -> impl Iterator<Item = (usize, &'r str)> {
    let each = present(&list.0).map(BuiltItems::each).into_iter().flatten().enumerate();
    each.filter_map(move |(index, item)| {
        let id = item.map_or_else(|Refused(id)| id.as_ref(), |built| Some(id(built)));
        Some((index, id?.as_str()))
    })
}

fn present<T>(field: &Field<T>) -> Option<&T> {
    match field {
        Field::Present(value) => Some(value),
        Field::Absent | Field::Invalid => None,
    }
}

fn written<'r>(text: &'r Str<'_>) -> Option<&'r str> {
    present(&text.0).map(AsRef::as_ref)
}
