//! Valid documents with slips: something replaced, removed, renamed, repeated or added anywhere.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::meaning::generate::json;
use crate::meaning::json::Json;

/// One slip.
#[derive(Debug, Clone)]
pub(crate) enum Slip {
    Replace(Json),
    Remove(Index),
    Rename(Index, String),
    Repeat(Index),
    Add(String, Json),
}

/// Some slips and where they happen.
pub(crate) fn slips() -> impl Strategy<Value = Vec<(Index, Slip)>> {
    let slip = prop_oneof![
        4 => value().prop_map(Slip::Replace),
        3 => any::<Index>().prop_map(Slip::Remove),
        1 => (any::<Index>(), name()).prop_map(|(index, name)| Slip::Rename(index, name)),
        1 => any::<Index>().prop_map(Slip::Repeat),
        1 => (name(), json()).prop_map(|(name, value)| Slip::Add(name, value)),
    ];
    proptest::collection::vec((any::<Index>(), slip), 1..4)
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "title",
            "titel",
            "status",
            "updatedAt",
            "a/b",
            "~",
            "",
            "键",
            "zh-CN",
            "en_US",
            "extra",
            "tasks"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}",
    ]
}

fn value() -> impl Strategy<Value = Json> {
    const TELLING: &[&str] = &[
        "",
        "pending",
        "approved",
        "PENDING",
        "everyone",
        "selected",
        "2026-01-31T09:30:00+08:00",
        "2026-01-31 09:30",
        "1773450000000",
        "1969-12-31T23:59:59Z",
        "javascript:alert(1)",
        "9223372036854775808",
        "-1",
        "en-US",
    ];
    prop_oneof![
        select(TELLING).prop_map(Json::from),
        Just(Json::Array(Vec::new())),
        Just(Json::Object(Vec::new())),
        Just(Json::Null),
        json(),
    ]
}

/// The document with the slips.
pub(crate) fn mutated(mut document: Json, slips: &[(Index, Slip)]) -> Json {
    for (place, slip) in slips {
        let mut left = place.index(count(&document));
        let target = nth(&mut document, &mut left).expect("the place was counted");
        apply(target, slip.clone());
    }
    document
}

fn children(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(items) => items.iter().collect(),
        Json::Object(members) => members.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

fn count(json: &Json) -> usize {
    1 + children(json).into_iter().map(count).sum::<usize>()
}

fn nth<'a>(json: &'a mut Json, left: &mut usize) -> Option<&'a mut Json> {
    if *left == 0 {
        return Some(json);
    }
    *left -= 1;
    match json {
        Json::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Json::Object(members) => members.iter_mut().find_map(|(_, value)| nth(value, left)),
        _ => None,
    }
}

fn apply(target: &mut Json, slip: Slip) {
    match (target, slip) {
        (target, Slip::Replace(value)) => *target = value,
        (Json::Object(members), Slip::Add(name, value)) => members.push((name, value)),
        (Json::Array(items), Slip::Add(_, value)) => items.push(value),
        (Json::Object(members), slip) if !members.is_empty() => match slip {
            Slip::Remove(index) => drop(members.remove(index.index(members.len()))),
            Slip::Rename(index, name) => index.get_mut(members).0 = name,
            Slip::Repeat(index) => members.push(index.get(members).clone()),
            Slip::Replace(_) | Slip::Add(..) => {}
        },
        (Json::Array(items), slip) if !items.is_empty() => match slip {
            Slip::Remove(index) => drop(items.remove(index.index(items.len()))),
            Slip::Repeat(index) => items.push(index.get(items).clone()),
            Slip::Replace(_) | Slip::Rename(..) | Slip::Add(..) => {}
        },
        // Nothing to lose inside a scalar or an empty container: the slip takes the value itself.
        (target, _) => *target = Json::Null,
    }
}
