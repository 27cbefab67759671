//! `tasks[]` and `cc[]`, still without their ids.

use proptest::prelude::*;
use proptest::sample::select;

use super::extra::extra;
use super::instance::DISPLAY_METHODS;
use super::member::{Members, due, list, nullable, object, optional, word};
use super::people::{id, optional_links, person};
use super::text::one_of;
use super::time::time;
use crate::meaning::json::Json;

const REASONS: &[&str] = &[
    "approved",
    "rejected",
    "node_auto_reject",
    "specific_rollback",
    "add",
    "add_pre",
    "add_post",
    "delete_assignee",
    "forward",
    "forward_resign",
    "recall",
    "delete",
    "admin_forward",
    "system_forward",
    "auto_skip",
    "manual_skip",
    "submit_again",
    "restart",
    "others",
];

/// A status, and perhaps an end.
pub(crate) fn status(open: &'static [&'static str], ended: &'static [&'static str]) -> Members {
    let open = (due("status", word(open)), optional("ended_at", time()));
    let ended = (due("status", word(ended)), optional("ended_at", time()));
    prop_oneof![open, ended].prop_map(|(status, end)| [status, end].concat()).boxed()
}

pub(crate) fn task(pool: &[String]) -> BoxedStrategy<Json> {
    object(vec![
        person("user_id", "open_id"),
        optional("title", one_of(pool)),
        optional_links(),
        status(&["pending"], &["approved", "rejected", "transferred", "done"]),
        due("created_at", time()),
        optional("updated_at", time()),
        extra("complete_reason", word(REASONS).boxed()),
        optional("action_context", prop_oneof![id(), Just("{\"a\": 1}".to_owned())]),
        list("actions", proptest::collection::vec(action(pool), 0..=2)),
        optional("display_method", word(DISPLAY_METHODS)),
        optional("node_id", id()),
        optional("node_name", one_of(pool)),
        nullable("exclude_from_statistics", any::<bool>()),
        optional("generate_type", word(&["default", "external_consign"])),
    ])
}

fn action(pool: &[String]) -> BoxedStrategy<Json> {
    let ready = (due("action", word(&["approve", "reject"])), optional("label", one_of(pool)));
    let own =
        select(vec!["转交", "Approve", "APPROVE", "a b", "approve ", "@i18n@x"]).prop_map(str::to_owned);
    let own = (due("action", own), due("label", one_of(pool)));
    let kind = prop_oneof![ready, own].prop_map(|(action, label)| [action, label].concat()).boxed();
    object(vec![
        kind,
        optional("reason", word(&["none", "optional", "required"])),
        nullable("attachment", any::<bool>()),
    ])
}

pub(crate) fn copy(pool: &[String]) -> BoxedStrategy<Json> {
    object(vec![
        person("user_id", "open_id"),
        optional("title", one_of(pool)),
        optional_links(),
        nullable("read", any::<bool>()),
        due("created_at", time()),
        optional("updated_at", time()),
        extra("business_key", Just(String::new()).boxed()).prop_map(free_only).boxed(),
        optional("display_method", word(DISPLAY_METHODS)),
    ])
}

/// A copy has no field that travels inside `extra`.
fn free_only(members: Vec<crate::meaning::json::Member>) -> Vec<crate::meaning::json::Member> {
    members.into_iter().filter(|(name, _)| name == "extra").collect()
}
