//! Members of objects: there, or absent in one of the ways that a caller may choose.

use proptest::prelude::*;

use crate::meaning::json::{Json, Member};

/// Some members of one object.
pub(crate) type Members = BoxedStrategy<Vec<Member>>;

/// An object of these members, in any order.
pub(crate) fn object(members: Vec<Members>) -> BoxedStrategy<Json> {
    members
        .prop_map(|members| members.into_iter().flatten().collect::<Vec<Member>>())
        .prop_shuffle()
        .prop_map(Json::Object)
        .boxed()
}

/// A member that is always there.
pub(crate) fn due<V: Into<Json> + std::fmt::Debug>(
    name: &'static str,
    value: impl Strategy<Value = V> + 'static,
) -> Members {
    value.prop_map(move |value| vec![(name.to_owned(), value.into())]).boxed()
}

/// A member that may be absent or `null`.
pub(crate) fn nullable<V: Into<Json> + std::fmt::Debug>(
    name: &'static str,
    value: impl Strategy<Value = V> + 'static,
) -> Members {
    prop_oneof![
        3 => Just(Vec::new()),
        1 => Just(vec![(name.to_owned(), Json::Null)]),
        4 => due(name, value),
    ]
    .boxed()
}

/// A member that may be absent, `null` or the empty string.
pub(crate) fn optional<V: Into<Json> + std::fmt::Debug>(
    name: &'static str,
    value: impl Strategy<Value = V> + 'static,
) -> Members {
    prop_oneof![1 => Just(vec![(name.to_owned(), Json::from(""))]), 8 => nullable(name, value)].boxed()
}

/// An array that may be absent, but never `null`.
pub(crate) fn list(name: &'static str, items: impl Strategy<Value = Vec<Json>> + 'static) -> Members {
    prop_oneof![1 => Just(Vec::new()), 3 => due(name, items)].boxed()
}

/// One of the words of a vocabulary.
pub(crate) fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(words).prop_map(str::to_owned)
}

/// The same document with the members of its objects in another order; `extra` is the caller's own and stays.
pub(crate) fn shuffled(document: Json, seed: u64) -> Json {
    match document {
        Json::Array(items) => Json::Array(items.into_iter().map(|item| shuffled(item, seed)).collect()),
        Json::Object(members) => {
            let mut members: Vec<_> = members
                .into_iter()
                .map(|(name, value)| {
                    let value = if name == "extra" { value } else { shuffled(value, seed) };
                    (name, value)
                })
                .collect();
            if !members.is_empty() {
                let turn = usize::try_from(seed % members.len() as u64).expect("a remainder is small");
                members.rotate_left(turn);
                members.reverse();
            }
            Json::Object(members)
        }
        other => other,
    }
}
