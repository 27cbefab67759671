//! The rules of an instance as a whole.

use std::borrow::Cow;

use super::as_written::{refuse_collisions, texts_of};
use super::embedded::{Contradiction, Embedded};
use super::field::{AnyStr, Field, Identifier, Items, Object, Str};
use super::persons::{APPLICANT, Naming};
use super::read::refuse_control_characters;
use super::report::Report;
use super::requests::{MAX_CC, MAX_FORM_TEXT, MAX_ROWS, RawInstance, RawRow};
use super::rules::{CardRules, Rules};
use super::translations::{Wordings, at_entry, locale, wordings};
use super::{cc, persons, task, trusteeship};
use crate::domain::{
    ApprovalInstance, ApprovalTask, Extra, FormRow, Id, InstanceStatus, Links, Mode, TaskStatus, Text,
    WarningCode, Warnings, has_control_character,
};

/// Code of the violation for a body whose `instance_id` is not the one of the path.
pub const ID_MISMATCH: &str = "id_mismatch";

/// Code of the violation for a push that would be Feishu's documented wipe (contract §4.5).
pub const WOULD_ERASE: &str = "would_erase";

/// Applies every rule that spans members; `None` when a violation made a value impossible.
pub(super) fn build<'a>(
    mut raw: RawInstance<'a>,
    path_id: Option<&'a str>,
    mode: Mode,
    rules: Rules,
    report: &mut Report,
) -> Option<ApprovalInstance<'a>> {
    let own_locale = locale(std::mem::take(&mut raw.locale), rules, report);
    let wordings = wordings(std::mem::take(&mut raw.translations), own_locale, rules, report);
    wordings.refuse_other_wording(texts_of(&raw), report);
    refuse_collisions(path_id, &raw, report);
    let RawInstance {
        instance_id,
        approval_code,
        status,
        title,
        pc_link,
        mobile_link,
        applicant_user_id,
        applicant_open_id,
        applicant_email,
        applicant_mobile,
        applicant_union_id,
        applicant_name,
        department_id,
        department_name,
        form,
        started_at,
        updated_at,
        ended_at,
        business_key,
        extra,
        display_method,
        // Read above.
        locale: _,
        translations: _,
        tasks,
        cc: copies,
        trusteeship: raw_trusteeship,
    } = raw;

    let names_nobody_else = tasks.has_none() && copies.has_none();
    // Their violations stand before the instance's own, as those of their reading do.
    let tasks = task::build_all(tasks, rules.region.max_tasks(), report);
    let cc = cc::build_all(copies, MAX_CC, report);

    let instance_id = identity(instance_id, path_id, report);
    let approval_code = approval_code.required_id("approval_code", report);
    let status = status.0.required("status", report);
    let links = own_links(pc_link, mobile_link, report);

    let started_at = started_at.0.required("started_at", report);
    if mode == Mode::Update && rules.update_needs_version && !updated_at.0.is_given() {
        report.missing("updated_at", "is required with mode=update: Feishu ignores what is not newer");
    }

    let form = form.0.optional().map(|items| form_rows(items, &wordings, report));
    let extra = extra_with_key(extra, business_key, report);

    let applicant = Naming {
        names: APPLICANT,
        user_id: applicant_user_id,
        open_id: applicant_open_id,
        email: applicant_email,
        mobile: applicant_mobile,
        union_id: applicant_union_id,
    };
    let nobody = !applicant.is_given();
    let wipes = nobody && mode == Mode::Replace && names_nobody_else;
    if wipes && status.is_some_and(InstanceStatus::is_final) {
        report.within_name("applicant_user_id", |report| {
            report.violate(
                WOULD_ERASE,
                "is missing, and so are tasks and cc: with a final status Feishu would wipe the instance for good; \
                 name the applicant",
            );
        });
    } else if nobody && !applicant_name.0.is_given() {
        report.missing(
            "applicant_user_id",
            "one of applicant_user_id, applicant_open_id, applicant_email, applicant_mobile and applicant_union_id is required \
             (applicant_name alone is for an initiator that is no person)",
        );
    }
    let applicant = applicant.person(report);
    if status.is_some_and(InstanceStatus::is_final) {
        warn_of_open(tasks.as_deref().unwrap_or_default(), report);
    }

    warn_of_cards(tasks.as_deref().unwrap_or_default(), links.as_ref(), rules.cards, report);

    let trusteeship = raw_trusteeship.0.optional().map(|raw| trusteeship::build(*raw));
    Some(ApprovalInstance {
        instance_id: instance_id?,
        approval_code: approval_code?,
        status: status?,
        title: title.text("title", report),
        links: links?,
        applicant,
        applicant_name: applicant_name.text("applicant_name", report),
        department_id: department(department_id, report),
        department_name: department_name.text("department_name", report),
        form,
        started_at: started_at?,
        updated_at: updated_at.0.optional(),
        ended_at: ended_at.0.optional(),
        extra,
        display_method: display_method.0.optional(),
        locale: own_locale?,
        translations: wordings.others,
        tasks,
        cc,
        trusteeship,
        warnings: Warnings::default(),
    })
}

/// Feishu ends no task by itself: one that is pending stays in somebody's to-do list.
fn warn_of_open(tasks: &[ApprovalTask<'_>], report: &mut Report) {
    for (index, _) in tasks.iter().enumerate().filter(|(_, task)| task.status == TaskStatus::Pending) {
        report.within_item("tasks", index, |report| {
            report.within_name("status", |report| {
                report.warn(
                    WarningCode::OpenTasks,
                    "is pending although the instance has ended; the task stays in its approver's to-do list",
                );
            });
        });
    }
}

/// Says what cards of open tasks will lack.
fn warn_of_cards(
    tasks: &[ApprovalTask<'_>],
    links: Option<&Links<'_>>,
    rules: CardRules,
    report: &mut Report,
) {
    let mut warn = |index, member, code, detail| {
        report.within_item("tasks", index, |report| {
            report.within_name(member, |report| report.warn(code, detail));
        });
    };
    for (index, task) in tasks.iter().enumerate().filter(|(_, task)| task.status == TaskStatus::Pending) {
        let wants_card = task.notify.unwrap_or(rules.by_default);
        let has_link = task.links.iter().chain(links).any(|links| links.with_scheme().is_some());
        let has_buttons = task.actions.as_ref().is_some_and(|actions| !actions.is_empty());
        if !rules.are_sent {
            if task.notify == Some(true) {
                let detail = "nobody is told of the task: cards need a ledger, and this gateway has none";
                warn(index, "notify", WarningCode::NotNotified, detail);
            }
        } else if wants_card && !has_link {
            let detail = "its person gets no card: no link of the task or of the instance has a scheme, as in https://, \
                          without which Feishu sends no message";
            warn(index, "pc_link", WarningCode::NotNotified, detail);
        } else if wants_card && has_buttons && !rules.have_buttons {
            let detail = "the task's card has no buttons: this gateway takes no callbacks of the app, or has no public_url for them";
            warn(index, "actions", WarningCode::ButtonsLeftOut, detail);
        }
    }
}

fn department<'a>(id: AnyStr<'a>, report: &mut Report) -> Option<Cow<'a, str>> {
    if let Field::Present(id) = &id.0
        && has_control_character(id)
    {
        report.within_name("department_id", refuse_control_characters);
    }
    id.0.optional()
}

/// The id of the path; the document may repeat it.
fn identity<'a>(named: Identifier<'a>, path_id: Option<&'a str>, report: &mut Report) -> Option<Id<'a>> {
    let Some(path_id) = path_id else { return named.required_id("instance_id", report) };
    if named.0.optional().is_some_and(|named| named != path_id) {
        report.within_name("instance_id", |report| {
            report.violate(
                ID_MISMATCH,
                "differs from the instance id of the path; leave it out or make them equal",
            );
        });
    }
    Id::new(path_id)
}

fn own_links<'a>(pc_link: Str<'a>, mobile_link: Str<'a>, report: &mut Report) -> Option<Links<'a>> {
    if !pc_link.0.is_given() && !mobile_link.0.is_given() {
        report.missing("pc_link", "one of pc_link and mobile_link is required");
    }
    persons::links(pc_link, mobile_link, report)
}

fn form_rows<'a>(items: Items<RawRow<'a>>, wordings: &Wordings<'a>, report: &mut Report) -> Vec<FormRow<'a>> {
    if items.total > MAX_ROWS {
        report.within_name("form", |report| {
            report
                .violate("too_many", format!("holds {} elements; at most {MAX_ROWS} are taken", items.total));
        });
    }
    let rows = items.kept.into_iter().enumerate().filter_map(|(index, raw)| {
        let RawRow { name, value } = raw.optional()?;
        let (name, value) = report
            .within_item("form", index, |report| (name.text("name", report), value.text("value", report)));
        for (member, text) in [("name", &name), ("value", &value)] {
            let Some(text) = text.as_ref().map(Text::as_str) else { continue };
            if let Some(length) = excess(text) {
                report.within_item("form", index, |report| {
                    report.within_name(member, |report| too_long(length, report));
                });
            }
            for (locale, wording) in wordings.of(text) {
                if let Some(length) = excess(wording) {
                    at_entry(locale, text, report, |report| too_long(length, report));
                }
            }
        }
        Some(FormRow { name, value })
    });
    rows.collect()
}

/// The length of a form text that Feishu would not take.
fn excess(text: &str) -> Option<usize> {
    // Bytes are never fewer than code points, so most texts need no counting.
    let length = if text.len() > MAX_FORM_TEXT { text.chars().count() } else { 0 };
    (length > MAX_FORM_TEXT).then_some(length)
}

fn too_long(length: usize, report: &mut Report) {
    report.violate("too_long", format!("has {length} characters; Feishu takes {MAX_FORM_TEXT}"));
}

/// Feishu reads the document number from inside `extra` (contract §4.1).
fn extra_with_key<'a>(extra: Object<'a>, key: Str<'a>, report: &mut Report) -> Option<Extra<'a>> {
    let extra = extra.0.optional();
    let Some(key) = key.0.optional() else { return extra.map(Embedded::into_extra) };
    match extra.unwrap_or_else(Embedded::empty).with_member("business_key", &key) {
        Ok(extra) => Some(extra.into_extra()),
        Err(Contradiction) => {
            report.within_name("business_key", |report| {
                report.violate("contradiction", "differs from extra.business_key; write it in one place");
            });
            None
        }
    }
}
