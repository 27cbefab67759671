//! The rules of messages and of their updates.

use super::action;
use super::definition::{Secret, callback};
use super::field::{Field, Flag, Line, List, Str};
use super::persons::{APPLICANT, Naming, OWN, SUBJECT, links};
use super::report::Report;
use super::requests::{MAX_SUMMARIES, RawMessage, RawMessageUpdate};
use super::rules::Rules;
use super::translations::{locale, wordings};
use crate::domain::{
    ApprovalMessage, BotMessage, CardActions, CardStatus, Links, Locale, MessageContent, MessageStatus,
    MessageTemplate, MessageUpdate, Text, Translations, Warnings,
};

/// Applies every rule that spans members; `None` when a violation made a value impossible.
pub(super) fn build<'a>(
    mut raw: RawMessage<'a>,
    rules: Rules,
    report: &mut Report,
) -> Option<BotMessage<'a>> {
    let own_locale = locale(std::mem::take(&mut raw.locale), rules, report);
    let wordings = wordings(std::mem::take(&mut raw.translations), own_locale, rules, report);
    wordings.refuse_other_wording(texts_of(&raw), report);
    let template = std::mem::take(&mut raw.template).0.required("template", report);
    let recipient = Naming {
        names: OWN,
        user_id: std::mem::take(&mut raw.user_id),
        open_id: std::mem::take(&mut raw.open_id),
        email: std::mem::take(&mut raw.email),
        mobile: std::mem::take(&mut raw.mobile),
        union_id: std::mem::take(&mut raw.union_id),
    };
    let recipient = recipient.required(report);
    let links = reachable(std::mem::take(&mut raw.pc_link), std::mem::take(&mut raw.mobile_link), report);
    let note = std::mem::take(&mut raw.note).text("note", report);
    let dedupe_key = std::mem::take(&mut raw.dedupe_key).id();
    // Without a template nobody knows what else must be there.
    let content = match template? {
        MessageTemplate::Custom => custom(raw, report),
        template => approval(raw, template, rules, report),
    };
    let (locale, translations) = of_messages(own_locale?, wordings.others);
    Some(BotMessage {
        recipient: recipient?,
        content: content?,
        note,
        links: links?,
        dedupe_key,
        locale,
        translations,
        warnings: Warnings::default(),
    })
}

/// As [`build`], for what becomes of a card.
pub(super) fn build_update<'a>(
    raw: RawMessageUpdate<'a>,
    rules: Rules,
    report: &mut Report,
) -> Option<MessageUpdate<'a>> {
    let RawMessageUpdate { status, status_text, link_label, locale: own, translations } = raw;
    let own_locale = locale(own, rules, report);
    let wordings = wordings(translations, own_locale, rules, report);
    wordings.refuse_other_wording([&status_text, &link_label].into_iter().filter_map(text_of), report);
    let status = status.0.required("status", report);
    let status = match status? {
        MessageStatus::Custom => {
            if !status_text.0.is_given() {
                report.missing("status_text", "is required with the status \"custom\"");
            }
            let link_label = link_label.text("link_label", report);
            CardStatus::Custom { text: status_text.text("status_text", report)?, link_label }
        }
        word => {
            for (name, text) in [("status_text", status_text), ("link_label", link_label)] {
                refuse(text.0.is_given(), name, "is for the status \"custom\" only", report);
            }
            CardStatus::Word(word)
        }
    };
    let (locale, translations) = of_messages(own_locale?, wordings.others);
    Some(MessageUpdate { status, locale, translations })
}

/// Texts of a language that messages do not know are declared Chinese; no catalogue may say otherwise then.
fn of_messages(own: Locale, mut others: Translations<'_>) -> (Locale, Translations<'_>) {
    let own = own.for_messages();
    others.catalogues.retain(|(locale, _)| *locale != own && locale.for_messages() == *locale);
    (own, others)
}

fn custom<'a>(raw: RawMessage<'a>, report: &mut Report) -> Option<MessageContent<'a>> {
    let given = [
        ("approval_name", raw.approval_name.0.is_given()),
        ("subject_user_id", raw.subject_user_id.0.is_given()),
        ("subject_open_id", raw.subject_open_id.0.is_given()),
        ("subject_email", raw.subject_email.0.is_given()),
        ("subject_mobile", raw.subject_mobile.0.is_given()),
        ("subject_union_id", raw.subject_union_id.0.is_given()),
        ("applicant_user_id", raw.applicant_user_id.0.is_given()),
        ("applicant_open_id", raw.applicant_open_id.0.is_given()),
        ("applicant_email", raw.applicant_email.0.is_given()),
        ("applicant_mobile", raw.applicant_mobile.0.is_given()),
        ("applicant_union_id", raw.applicant_union_id.0.is_given()),
        ("applicant_name", raw.applicant_name.0.is_given()),
        ("department_id", raw.department_id.0.is_given()),
        ("department_name", raw.department_name.0.is_given()),
        ("summaries", !raw.summaries.has_none()),
        ("comment", raw.comment.0.is_given()),
        ("sender_user_id", raw.sender_user_id.0.is_given()),
        ("text", raw.text.0.is_given()),
        ("actions", !raw.actions.has_none()),
        ("action_context", raw.action_context.0.is_given()),
        ("action_callback_url", raw.action_callback_url.0.is_given()),
    ];
    for (name, is_given) in given {
        refuse(is_given, name, "is not shown by the template \"custom\"", report);
    }
    let mut needed = |name: &'static str, text: Str<'a>| {
        if !text.0.is_given() {
            report.missing(name, "is required by the template \"custom\"");
        }
        text.text(name, report)
    };
    let (title, text) = (needed("title", raw.title), needed("content", raw.content));
    let link_label = needed("link_label", raw.link_label);
    Some(MessageContent::Custom { title: title?, text: text?, link_label: link_label? })
}

fn approval<'a>(
    raw: RawMessage<'a>,
    template: MessageTemplate,
    rules: Rules,
    report: &mut Report,
) -> Option<MessageContent<'a>> {
    for (name, text) in [("title", &raw.title), ("content", &raw.content), ("link_label", &raw.link_label)] {
        refuse(text.0.is_given(), name, "is for the template \"custom\" only", report);
    }
    if !raw.approval_name.0.is_given() {
        report.missing("approval_name", "is required by this template");
    }
    if template.needs_comment() && !raw.comment.0.is_given() {
        report.missing("comment", "is required by this template");
    }
    let sender = raw.sender_user_id;
    if template == MessageTemplate::Reminder && !sender.0.is_given() {
        report.missing("sender_user_id", "is required by the template \"reminder\"");
    }
    let applicant = Naming {
        names: APPLICANT,
        user_id: raw.applicant_user_id,
        open_id: raw.applicant_open_id,
        email: raw.applicant_email,
        mobile: raw.applicant_mobile,
        union_id: raw.applicant_union_id,
    };
    let subject = Naming {
        names: SUBJECT,
        user_id: raw.subject_user_id,
        open_id: raw.subject_open_id,
        email: raw.subject_email,
        mobile: raw.subject_mobile,
        union_id: raw.subject_union_id,
    };
    if template.needs_subject() && !subject.is_given() && !applicant.is_given() {
        let detail = "the headline names a person: subject_user_id, another name of the subject, or the applicant is required";
        report.missing("subject_user_id", detail);
    }
    let (applicant, subject) = (applicant.person(report), subject.person(report));
    let summaries = summaries(raw.summaries, report);
    let token = Secret::new("action_callback_token", raw.action_callback_token, &Flag::default());
    let key = Secret::new("action_callback_key", raw.action_callback_key, &Flag::default());
    let has_actions = !raw.actions.has_none();
    if has_actions && !template.takes_actions() {
        refuse(true, "actions", "are not shown by this template", report);
    }
    if has_actions && !raw.action_callback_url.0.is_given() && !rules.cards.have_buttons {
        report
            .missing("action_callback_url", "is required together with actions, or a tap would reach nobody");
    }
    let callback = callback(raw.action_callback_url, token, key, report);
    let actions = action::build_all(raw.actions, report);
    let context = raw.action_context.id();
    let quick_approval = actions.filter(|actions| !actions.is_empty()).map(|actions| CardActions {
        actions,
        context,
        callback,
    });
    Some(MessageContent::Approval(Box::new(ApprovalMessage {
        template,
        approval_name: raw.approval_name.text("approval_name", report)?,
        subject: subject.or_else(|| applicant.clone().filter(|_| template.may_name_the_applicant())),
        applicant,
        applicant_name: raw.applicant_name.text("applicant_name", report),
        department_id: raw.department_id.id(),
        department_name: raw.department_name.text("department_name", report),
        summaries: summaries?,
        comment: raw.comment.text("comment", report),
        sender: sender.id(),
        chat_text: raw.text.id(),
        quick_approval,
    })))
}

fn summaries<'a>(raw: List<Line<'a>>, report: &mut Report) -> Option<Vec<Text<'a>>> {
    if raw.has_none() {
        report.missing("summaries", "at least one is required by this template");
    }
    let lines = raw.build_each("summaries", MAX_SUMMARIES, report, |Line(line), _| Text::new(line))?;
    (!lines.is_empty()).then_some(lines)
}

/// Both links; Feishu takes only such as have a scheme here.
fn reachable<'a>(pc: Str<'a>, mobile: Str<'a>, report: &mut Report) -> Option<Links<'a>> {
    let is_given = pc.0.is_given() || mobile.0.is_given();
    if !is_given {
        report.missing("pc_link", "one of pc_link and mobile_link is required");
    }
    for (name, link) in [("pc_link", &pc), ("mobile_link", &mobile)] {
        if let Field::Present(link) = &link.0
            && !crate::domain::has_scheme(link)
        {
            report.within_name(name, |report| {
                report.violate(
                    "no_scheme",
                    "has no scheme, without which Feishu sends no message; write https:// in front of it",
                );
            });
        }
    }
    links(pc, mobile, report)
}

fn refuse(is_given: bool, name: &'static str, detail: &'static str, report: &mut Report) {
    if is_given {
        report.within_name(name, |report| report.violate("contradiction", detail));
    }
}

/// Every text of the document that people read in their language.
fn texts_of<'r>(raw: &'r RawMessage<'_>) -> impl Iterator<Item = &'r str> {
    let texts = [
        &raw.approval_name,
        &raw.title,
        &raw.content,
        &raw.applicant_name,
        &raw.department_name,
        &raw.comment,
        &raw.note,
        &raw.link_label,
    ];
    let summaries = present(&raw.summaries.0).into_iter().flat_map(|lines| &lines.kept).filter_map(present);
    let actions = present(&raw.actions.0).into_iter().flat_map(|actions| &actions.kept).filter_map(present);
    texts
        .into_iter()
        .filter_map(text_of)
        .chain(summaries.map(|Line(line)| line.as_ref()))
        .chain(actions.filter_map(|action| text_of(&action.label)))
}

fn present<T>(field: &Field<T>) -> Option<&T> {
    match field {
        Field::Present(value) => Some(value),
        Field::Absent | Field::Invalid => None,
    }
}

fn text_of<'r>(text: &'r Str<'_>) -> Option<&'r str> {
    present(&text.0).map(AsRef::as_ref)
}
