//! The rules of a list of versions to compare.

use std::collections::HashSet;

use super::field::{Field, Items};
use super::report::Report;
use super::requests::{MAX_INSTANCES, RawTaskVersion, RawVersion, RawVersions};
use super::rules::Rules;
use crate::domain::KnownVersions;

/// Applies every rule; `None` when a violation made a value impossible.
pub(super) fn build(raw: RawVersions<'_>, rules: Rules, report: &mut Report) -> Option<Vec<KnownVersions>> {
    let RawVersions { instances } = raw;
    let items = instances.0.required("instances", report)?;
    limit(&items, "instances", MAX_INSTANCES, report);
    let mut seen = HashSet::new();
    let mut versions = Vec::with_capacity(items.kept.len());
    for (index, raw) in items.kept.into_iter().enumerate() {
        let Field::Present(raw) = raw else { continue };
        report.within_item("instances", index, |report| {
            if let Some(known) = version(raw, rules, report) {
                if !seen.insert(known.instance_id.clone()) {
                    report.within_name("instance_id", |report| report.violate("duplicate_id", TWICE));
                }
                versions.push(known);
            }
        });
    }
    Some(versions)
}

const TWICE: &str = "is asked about twice; an answer could not say which is meant";

fn version(raw: RawVersion<'_>, rules: Rules, report: &mut Report) -> Option<KnownVersions> {
    let RawVersion { instance_id, updated_at, tasks } = raw;
    let instance_id = instance_id.required_id("instance_id", report);
    let updated_at = updated_at.0.required("updated_at", report);
    let mut versions = Vec::new();
    let mut seen = HashSet::new();
    if let Some(items) = tasks.0.optional() {
        limit(&items, "tasks", rules.region.max_tasks(), report);
        for (index, raw) in items.kept.into_iter().enumerate() {
            let Field::Present(raw) = raw else { continue };
            let RawTaskVersion { task_id, updated_at } = raw;
            report.within_item("tasks", index, |report| {
                let task_id = task_id.required_id("task_id", report);
                let updated_at = updated_at.0.required("updated_at", report);
                let (Some(task_id), Some(updated_at)) = (task_id, updated_at) else { return };
                if !seen.insert(task_id.as_str().to_owned()) {
                    report.within_name("task_id", |report| report.violate("duplicate_id", TWICE));
                }
                versions.push((task_id.as_str().to_owned(), updated_at));
            });
        }
    }
    Some(KnownVersions {
        instance_id: instance_id?.as_str().to_owned(),
        updated_at: updated_at?,
        tasks: versions,
    })
}

fn limit<T>(items: &Items<T>, name: &'static str, max: usize, report: &mut Report) {
    if items.total > max {
        report.within_name(name, |report| {
            report.violate("too_many", format!("holds {} elements; at most {max} are taken", items.total));
        });
    }
}
