//! Who, and where to click.

use proptest::prelude::*;
use proptest::sample::select;

use super::member::{Members, due, optional};

/// An identifier as somebody's system may make it.
pub(crate) fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z0-9_-]{1,12}",
        1 => select(vec!["a/b", "报销 单/7", "\"q\"", "a b", "%2F", "../x", "~0~1", "ou_1", "@i18n@id", "🙂", "null"])
            .prop_map(str::to_owned),
    ]
}

/// At least one of two ids.
pub(crate) fn person(user: &'static str, open: &'static str) -> Members {
    let both = (due(user, id()), optional(open, id()));
    let other = (optional(user, id()), due(open, id()));
    prop_oneof![both, other].prop_map(|(first, second)| [first, second].concat()).boxed()
}

pub(crate) fn link() -> impl Strategy<Value = String> {
    prop_oneof![
        "https://oa\\.example\\.org/[a-z0-9/]{0,8}(\\?[a-z]=[a-zA-Z0-9%&]{0,6})?(#[a-z]{1,3})?",
        select(vec![
            "lark://applink/1",
            "/relative?x=javascript:",
            "https://例え.jp/ä b",
            "x",
            "http://[::1]:8080/"
        ])
        .prop_map(str::to_owned),
    ]
}

/// One link or both.
pub(crate) fn links() -> Members {
    let pc = (due("pc_link", link()), optional("mobile_link", link()));
    let mobile = (optional("pc_link", link()), due("mobile_link", link()));
    prop_oneof![pc, mobile].prop_map(|(first, second)| [first, second].concat()).boxed()
}

/// Both links, one or none.
pub(crate) fn optional_links() -> Members {
    (optional("pc_link", link()), optional("mobile_link", link()))
        .prop_map(|(pc, mobile)| [pc, mobile].concat())
        .boxed()
}
