//! Payloads that would be larger than any that is sent, and what makes them so.
//!
//! Nearly everything takes as much in a payload as in the document, give or take names and keys: a text is sent once for each
//! language, wherever it stands. The links of the instance are the exception, which tasks and copies take over.

use std::collections::HashSet;

use crate::domain::{Action, ApprovalInstance, CarbonCopy, Extra, Id, Link, Links, Text, Violation};
use crate::feishu::wire::MAX_PAYLOAD_BYTES;

/// Code of the violation for what makes a payload too large.
const TOO_LARGE: &str = "too_large";

/// What a text takes beside itself, in bytes: its key twice, and names of members.
const KEY_SIZE: usize = 100;

/// Parts of a payload that are named take one part in so many of the largest payload, or more.
const NAMED_SHARE: usize = 16;

/// The payload would be larger than [`MAX_PAYLOAD_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the payload would have more than {MAX_PAYLOAD_BYTES} bytes")]
pub struct OversizedPayload {
    /// The largest first.
    parts: Vec<Part>,
}

/// A member of the document that takes much of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    pointer: &'static str,
    bytes: usize,
    /// How many times it is sent.
    uses: usize,
}

impl OversizedPayload {
    /// The payload of a document of which no part can be named.
    pub(super) fn unexplained() -> Self {
        Self { parts: Vec::new() }
    }

    /// The payload of this instance.
    pub(super) fn of(instance: &ApprovalInstance<'_>) -> Self {
        let Links { pc, mobile } = &instance.links;
        let uses = uses_of_links(instance);
        let once = |pointer, bytes| Part { pointer, bytes, uses: 1 };
        let of_links = |pointer, link: &Link<'_>| Part { pointer, bytes: uses * link.as_str().len(), uses };
        let mut parts = vec![
            of_links("/pc_link", pc),
            of_links("/mobile_link", mobile),
            once("/extra", length(instance.extra.as_ref())),
            once("/form", form(instance)),
            once("/tasks", tasks(instance)),
            once("/cc", copies(instance)),
            once("/translations", translations(instance)),
        ];
        parts.retain(|part| part.bytes >= MAX_PAYLOAD_BYTES / NAMED_SHARE);
        parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
        Self { parts }
    }

    /// What the caller must make smaller.
    pub fn into_violations(self) -> Vec<Violation> {
        if self.parts.is_empty() {
            return vec![Violation::body("", TOO_LARGE, format!("is too large: {self}"))];
        }
        let violations = self.parts.iter().map(|Part { pointer, bytes, uses }| {
            let detail = match uses {
                1 => format!("is too large: {self}, and this would be some {bytes} of them"),
                _ => format!(
                    "is too long for the {uses} times that it is sent: {self}, and this would be {bytes} of them; tasks \
                     and cc without links of their own have the instance's, and a link that is missing mirrors the other"
                ),
            };
            Violation::body(*pointer, TOO_LARGE, detail)
        });
        violations.collect()
    }
}

/// What the instance's links take at least, wherever they are sent.
pub(super) fn size_of_links(instance: &ApprovalInstance<'_>) -> usize {
    let Links { pc, mobile } = &instance.links;
    uses_of_links(instance).saturating_mul(pc.as_str().len() + mobile.as_str().len())
}

/// How many times the instance's links are sent.
fn uses_of_links(instance: &ApprovalInstance<'_>) -> usize {
    let tasks = instance.tasks.iter().flatten().filter(|task| task.links.is_none());
    let copies = instance.cc.iter().flatten().filter(|copy| copy.links.is_none());
    1 + tasks.count() + copies.count()
}

fn form(instance: &ApprovalInstance<'_>) -> usize {
    let texts = instance.form.iter().flatten().flat_map(|row| [&row.name, &row.value]).flatten();
    texts.map(text).sum()
}

fn tasks(instance: &ApprovalInstance<'_>) -> usize {
    let all = instance.tasks.iter().flatten().map(|task| {
        let texts = [&task.title, &task.node_name].into_iter().flatten();
        let labels = task.actions.iter().flatten().filter_map(Action::label);
        let ids = [Some(&task.task_id), task.action_context.as_ref(), task.node_id.as_ref()];
        texts.chain(labels).map(text).sum::<usize>()
            + ids.into_iter().flatten().map(|id| Id::as_str(id).len()).sum::<usize>()
            + own_links(task.links.as_ref())
            + length(task.extra.as_ref())
    });
    all.sum()
}

fn copies(instance: &ApprovalInstance<'_>) -> usize {
    let all = instance.cc.iter().flatten().map(|copy| {
        let CarbonCopy { cc_id, title, links, extra, .. } = copy;
        let title = title.as_ref().map_or(0, |title| title.as_str().len());
        cc_id.as_str().len() + title + own_links(links.as_ref()) + length(extra.as_ref())
    });
    all.sum()
}

/// The wordings of the texts that occur.
fn translations(instance: &ApprovalInstance<'_>) -> usize {
    let own = [&instance.title, &instance.applicant_name, &instance.department_name];
    let rows = instance.form.iter().flatten().flat_map(|row| [&row.name, &row.value]);
    let tasks = instance.tasks.iter().flatten();
    let of_tasks = tasks.clone().flat_map(|task| [&task.title, &task.node_name]);
    let labels = tasks.flat_map(|task| task.actions.iter().flatten()).filter_map(Action::label);
    let texts = own.into_iter().chain(rows).chain(of_tasks).flatten().chain(labels);
    let texts: HashSet<&str> = texts.map(Text::as_str).collect();
    let catalogues = instance.translations.catalogues.iter();
    let wordings = catalogues.flat_map(|(_, catalogue)| texts.iter().filter_map(|text| catalogue.get(*text)));
    wordings.map(|wording| wording.len() + KEY_SIZE).sum()
}

fn text(text: &Text<'_>) -> usize {
    text.as_str().len() + KEY_SIZE
}

fn own_links(links: Option<&Links<'_>>) -> usize {
    links.map_or(0, |Links { pc, mobile }| pc.as_str().len() + mobile.as_str().len())
}

fn length(extra: Option<&Extra<'_>>) -> usize {
    extra.map_or(0, |extra| extra.as_str().len())
}
