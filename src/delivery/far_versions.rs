//! Warns of versions that lie so far ahead that they would block later ones.

use crate::domain::{ApprovalInstance, Timestamp, WarningCode, Warnings};

/// How far ahead a version may lie without a word: clocks and offsets are wrong by hours, not by days.
const FAR_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Adds a warning for each version of the document that lies more than a day after `now`.
pub fn warn_of_far_versions(instance: &ApprovalInstance<'_>, now: Timestamp, warnings: &mut Warnings) {
    let latest = now.unix_millis().saturating_add(FAR_MILLIS);
    let mut look = |version: Option<Timestamp>, pointer: String| {
        if version.is_some_and(|version| version.unix_millis() > latest) {
            let detail = "lies more than a day ahead; until then Feishu ignores whatever is older";
            warnings.add(WarningCode::VersionInFuture, pointer, detail);
        }
    };
    look(instance.updated_at, "/updated_at".to_owned());
    for (index, task) in instance.tasks.iter().flatten().enumerate() {
        look(task.updated_at, format!("/tasks/{index}/updated_at"));
    }
    for (index, copy) in instance.cc.iter().flatten().enumerate() {
        look(copy.updated_at, format!("/cc/{index}/updated_at"));
    }
}
