//! What the bot's endpoints refuse beside missing fields and wrong types (contract §10).

use std::collections::BTreeMap;

use super::body::{Action, Send, Update};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::schema::CUSTOM_TEMPLATE;

/// The name that the first action of a general template must have.
pub(super) const DETAIL: &str = "DETAIL";

/// The templates whose cards may have buttons that act.
const WITH_QUICK_ACTIONS: [&str; 8] = ["1008", "1009", "1010", "1011", "1012", "1013", "1020", "1028"];

/// The statuses that a card can get.
const STATUSES: [&str; 9] =
    ["APPROVED", "REJECTED", "CANCELLED", "FORWARDED", "ROLLBACK", "ADD", "DELETED", "PROCESSED", "CUSTOM"];

/// Whether a message can be sent, beyond the tables of its fields.
pub(super) fn sendable(sent: &Send) -> Result<(), Refusal> {
    let is_custom = sent.template_id == CUSTOM_TEMPLATE;
    if sent.content.as_ref().is_some_and(|content| content.summaries.is_empty()) && !is_custom {
        return Err(Refusal::message("content.summaries is required"));
    }
    let Some(first) = sent.actions.first() else { return Err(Refusal::message("actions is required")) };
    if !is_custom && first.action_name != DETAIL {
        return Err(Refusal::message("the first action_name must be DETAIL"));
    }
    if !sent.actions.iter().all(has_every_url) {
        return Err(Refusal::message("actionUrls incomplete error"));
    }
    let texts =
        sent.i18n_resources.iter().find(|resource| resource.is_default).map(|resource| &resource.texts);
    let named = &sent.actions[usize::from(!is_custom)..];
    if named.iter().any(|action| !is_key(&action.action_name, texts)) {
        return Err(Refusal::message("action_name has no text in the default locale"));
    }
    if !sent.action_configs.is_empty() && !WITH_QUICK_ACTIONS.contains(&sent.template_id.as_str()) {
        return Err(Refusal::message("action_configs are not for this template"));
    }
    Ok(())
}

/// The status that an update sets.
pub(super) fn status_of(update: &Update) -> Result<&str, Refusal> {
    let status = update.status.as_deref().filter(|status| !status.is_empty());
    let status = status.ok_or_else(|| Refusal::message("no Status error"))?;
    if STATUSES.contains(&status) { Ok(status) } else { Err(Refusal::message("Status error")) }
}

/// Four addresses, each with a scheme.
fn has_every_url(Action { action_name: _, url, android_url, ios_url, pc_url }: &Action) -> bool {
    [url, android_url, ios_url, pc_url].into_iter().all(|url| {
        let scheme = url.as_deref().and_then(|url| url.split_once("://")).map_or("", |(scheme, _)| scheme);
        !scheme.is_empty() && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char))
    })
}

fn is_key(name: &str, texts: Option<&BTreeMap<String, String>>) -> bool {
    name.starts_with("@i18n@") && texts.is_some_and(|texts| texts.contains_key(name))
}
