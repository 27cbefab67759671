//! Whole definitions.

use proptest::prelude::*;

use super::member::{Members, due, list, nullable, object, optional, word};
use super::people::{id, link};
use super::text::{languages, one_of, pool};
use crate::meaning::json::Json;
use crate::meaning::reader::Brand;

/// A valid definition for the brand, and the configured locale.
pub(crate) fn definition(brand: &'static Brand) -> BoxedStrategy<(Json, &'static str)> {
    (pool(), proptest::sample::select(brand.locales))
        .prop_flat_map(move |(pool, default_locale)| {
            document(&pool, default_locale, brand).prop_map(move |document| (document, default_locale))
        })
        .boxed()
}

fn document(pool: &[String], default_locale: &'static str, brand: &'static Brand) -> BoxedStrategy<Json> {
    object(vec![
        due("definition_key", prop_oneof![4 => id(), 1 => Just("键".repeat(128))]),
        due("name", one_of(pool)),
        group(pool),
        optional("description", one_of(pool)),
        optional("source_name", one_of(pool)),
        optional("business_type", id()),
        optional("pc_create_link", link()),
        optional("mobile_create_link", link()),
        support(),
        nullable("support_batch_read", any::<bool>()),
        nullable("allow_batch_operate", any::<bool>()),
        nullable("exclude_from_statistics", any::<bool>()),
        callback(),
        due("viewers", viewers()),
        list("managers", ids(0..4)),
        languages(pool.to_vec(), brand.locales, default_locale),
        optional("user_id_type", word(&["user_id", "open_id", "union_id"])),
        optional("department_id_type", word(&["department_id", "open_department_id"])),
    ])
}

fn group(pool: &[String]) -> Members {
    let both = (due("group_key", id()), due("group_name", one_of(pool)));
    prop_oneof![Just(Vec::new()), both.prop_map(|(key, name)| [key, name].concat())].boxed()
}

fn support() -> Members {
    let pc = (due("support_pc", Just(true)), nullable("support_mobile", any::<bool>()));
    let mobile = (nullable("support_pc", any::<bool>()), due("support_mobile", Just(true)));
    prop_oneof![pc, mobile].prop_map(|(first, second)| [first, second].concat()).boxed()
}

/// With an address both secrets are present, empty for none.
fn callback() -> Members {
    let secret = || prop_oneof![1 => Just(String::new()), 2 => id()];
    let whole = (
        due("action_callback_url", link()),
        due("action_callback_token", secret()),
        due("action_callback_key", secret()),
    );
    prop_oneof![
        1 => Just(Vec::new()),
        1 => optional("action_callback_url", Just(String::new())),
        3 => whole.prop_map(|(url, token, key)| [url, token, key].concat()),
    ]
    .boxed()
}

fn viewers() -> BoxedStrategy<Json> {
    let scope = |word: &'static str| due("scope", Just(word.to_owned()));
    prop_oneof![
        object(vec![scope("everyone"), list("user_ids", Just(Vec::new()))]),
        object(vec![scope("nobody")]),
        object(vec![scope("selected"), due("user_ids", ids(1..4)), list("department_ids", ids(0..4))]),
        object(vec![scope("selected"), list("user_ids", ids(0..2)), due("department_ids", ids(1..4))]),
        object(vec![scope("selected"), due("user_ids", ids(100..101)), due("department_ids", ids(100..101))]),
    ]
    .boxed()
}

fn ids(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Json>> {
    proptest::collection::vec(id().prop_map(Json::Text), count)
}
