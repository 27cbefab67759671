//! The rules of `tasks[].actions[]`.

use super::field::{Field, List};
use super::report::Report;
use super::requests::{MAX_ACTIONS, RawAction};
use crate::domain::{Action, ActionKind, Id, Reason, Text};

/// The buttons of a task; `None` when the document does not speak of them.
pub(super) fn build_all<'a>(raw: List<RawAction<'a>>, report: &mut Report) -> Option<Vec<Action<'a>>> {
    let items = raw.0.optional()?;
    if items.total > MAX_ACTIONS {
        report.within_name("actions", |report| {
            report.violate("too_many", format!("holds {} actions; Feishu shows {MAX_ACTIONS}", items.total));
        });
    }
    let actions = items.kept.into_iter().enumerate().filter_map(|(index, raw)| match raw {
        Field::Present(raw) => report.within_item("actions", index, |report| build(raw, report)),
        Field::Absent | Field::Invalid => None,
    });
    Some(actions.collect())
}

fn build<'a>(raw: RawAction<'a>, report: &mut Report) -> Option<Action<'a>> {
    let RawAction { action, label, reason, attachment } = raw;
    let label_given = label.0.is_given();
    let label = label.text("label", report);
    let key = action.0.required("action", report).and_then(Id::new)?;
    let kind = match key.as_str() {
        "approve" => ActionKind::Approve { label },
        "reject" => ActionKind::Reject { label },
        _ => ActionKind::Custom { label: custom_label(&key, label, label_given, report)?, key },
    };
    Some(Action {
        kind,
        reason: reason.or(Reason::None),
        attachment: attachment.0.optional().unwrap_or(false),
    })
}

fn custom_label<'a>(
    key: &Id<'_>,
    label: Option<Text<'a>>,
    given: bool,
    report: &mut Report,
) -> Option<Text<'a>> {
    if !given {
        let hint = ["approve", "reject"]
            .into_iter()
            .find(|word| key.as_str().eq_ignore_ascii_case(word))
            .map(|word| format!("the ready-made action is spelled {word:?}"));
        report.within_name("label", |report| {
            report.violate_with_hint(
                "required",
                "is required: Feishu has no name for an action of your own",
                hint,
            );
        });
    }
    label
}
