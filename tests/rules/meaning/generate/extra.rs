//! Free-form JSON: nested, with numbers that no machine type holds.

use proptest::prelude::*;
use proptest::sample::select;

use super::text::text;
use crate::meaning::json::{Json, Member};

/// Any JSON value, not nested deeply.
pub(crate) fn json() -> impl Strategy<Value = Json> {
    let numbers = vec![
        "0",
        "-0",
        "1.50",
        "1e5",
        "1E+2",
        "12345678901234567890123",
        "0.1000000000000000000000001",
        "-7",
        "3.0",
        "1773450000000",
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        select(numbers).prop_map(|digits| Json::Number(digits.to_owned())),
        text().prop_map(Json::Text),
        Just(Json::from("")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            object(inner).prop_map(Json::Object),
        ]
    })
}

/// The members of one object, names all different.
fn object(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Vec<Member>> {
    let name = prop_oneof![Just(String::new()), "[a-c\"\\\\ é]{1,3}", Just("business_key".to_owned())];
    proptest::collection::btree_map(name, value, 0..4)
        .prop_map(|members| members.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

/// `extra`, and the flat field that travels inside it; when both name it, they agree.
pub(crate) fn extra(understood: &'static str, value: BoxedStrategy<String>) -> BoxedStrategy<Vec<Member>> {
    let own = prop_oneof![
        2 => Just(None),
        1 => Just(Some(Json::Null)),
        1 => Just(Some(Json::from(""))),
        4 => value.prop_map(|value| Some(Json::Text(value))),
    ];
    let free = prop_oneof![
        1 => Just(None),
        1 => Just(Some(Json::Null)),
        4 => object(json()).prop_map(|members| Some(Json::Object(members))),
    ];
    (own, free, any::<bool>())
        .prop_map(move |(own, mut free, twice)| {
            if let (Some(Json::Text(value)), Some(object)) = (&own, &mut free)
                && !value.is_empty()
                && let Json::Object(members) = object
            {
                members.retain(|(name, _)| name != understood);
                if twice {
                    members.insert(0, (understood.to_owned(), Json::from(value.as_str())));
                }
            }
            let own = own.map(|value| (understood.to_owned(), value));
            own.into_iter().chain(free.map(|object| ("extra".to_owned(), object))).collect()
        })
        .boxed()
}
