//! The code keeps its shape: layers look down only, no modules use each other in circles, every file says what it is for.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod circles;
mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use source::{Source, sources};
use test_case::test_case;

/// What each top-level module may use of this crate; `docs/architecture.md` draws the same picture.
const MAY_USE: [(&str, &[&str]); 21] = [
    // The layers, from the bottom up.
    ("support", &[]),
    ("http_client", &["support"]),
    ("metrics", &[]),
    ("pages", &["support"]),
    ("domain", &[]),
    ("callers", &["domain", "support"]),
    ("schema", &["domain"]),
    ("document", &["domain", "schema", "support"]),
    ("feishu", &["domain", "http_client", "metrics", "support"]),
    ("ledger", &["domain", "metrics", "support"]),
    ("delivery", &["document", "domain", "feishu", "ledger", "metrics", "schema", "support"]),
    ("mcp", &["callers", "document", "domain", "support"]),
    ("callbacks", &["document", "domain", "feishu", "http_client", "ledger", "metrics", "schema", "support"]),
    (
        "http",
        &[
            "callbacks",
            "callers",
            "delivery",
            "document",
            "domain",
            "feishu",
            "ledger",
            "mcp",
            "metrics",
            "pages",
            "schema",
            "support",
        ],
    ),
    // The second reading of the contract shares nothing that could carry an error over.
    ("sandbox", &["http_client", "pages", "support"]),
    // What composes them.
    ("config", &["callbacks", "callers", "domain", "feishu", "support"]),
    ("telemetry", &["config", "http_client", "metrics", "support"]),
    ("cli", &["config"]),
    ("server", &["http", "support"]),
    (
        "app",
        &[
            "callbacks",
            "callers",
            "config",
            "delivery",
            "document",
            "domain",
            "feishu",
            "http",
            "http_client",
            "ledger",
            "metrics",
            "support",
            "telemetry",
        ],
    ),
    (
        "commands",
        &[
            "app",
            "callers",
            "cli",
            "config",
            "document",
            "delivery",
            "domain",
            "feishu",
            "http",
            "http_client",
            "ledger",
            "mcp",
            "metrics",
            "sandbox",
            "server",
            "support",
            "telemetry",
        ],
    ),
];

/// The only things that the configuration needs of the client: what it is set up with.
const CONFIG_MAY_USE_OF_FEISHU: [&str; 2] =
    ["crate::feishu::Credentials", "crate::feishu::{Credentials, Rate, TaskStatusApi}"];

/// The other layers whose modules a file names.
fn used(source: &Source) -> BTreeSet<String> {
    let named = source.named().into_iter().chain(source.named_in_tests());
    let layers = named.filter_map(|named| named.path.into_iter().next());
    let others = layers.filter(|layer| source.module.first() != Some(layer));
    others.filter(|layer| MAY_USE.iter().any(|(name, _)| name == layer)).collect()
}

#[test]
fn layers_look_down_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(layer) = source.module.first() else { continue };
        let (_, allowed) = MAY_USE.iter().find(|(name, _)| name == layer).unwrap_or(&("", &[]));
        let upward = used(&source).into_iter().filter(|name| !allowed.contains(&name.as_str()));
        wrong.extend(upward.map(|name| format!("{} uses crate::{name}", source.file.display())));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_top_level_module_has_its_place_among_the_layers() {
    let modules: BTreeSet<String> =
        sources().into_iter().filter_map(|source| source.module.into_iter().next()).collect();
    let placed: BTreeSet<String> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(modules, placed);
}

#[test]
fn configuration_knows_nothing_of_the_client_but_what_it_is_set_up_with() {
    for source in sources().iter().filter(|source| source.module.first().is_some_and(|name| name == "config"))
    {
        let uses = source.code.matches("crate::feishu").count();
        let allowed: usize =
            CONFIG_MAY_USE_OF_FEISHU.iter().map(|name| source.code.matches(name).count()).sum();
        assert_eq!(uses, allowed, "{}", source.file.display());
    }
}

#[test]
fn the_sandbox_shares_nothing_but_the_clock() {
    for source in
        sources().iter().filter(|source| source.module.first().is_some_and(|name| name == "sandbox"))
    {
        let named = source.named().into_iter().filter(|named| named.path[0] == "support");
        let named: Vec<_> =
            named.filter(|named| named.path.get(1).is_none_or(|module| module != "clock")).collect();
        assert_eq!(named, Vec::new(), "{}", source.file.display());
    }
}

#[test]
fn the_binary_only_hands_over_to_the_commands() {
    let sources = sources();
    let main = sources.iter().find(|source| source.file == Path::new("main.rs")).unwrap();
    assert_eq!(used(main), BTreeSet::from(["cli".to_owned(), "commands".to_owned()]));
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent = sources().into_iter().filter(|source| !source.text.starts_with("//! "));
    assert_eq!(silent.map(|source| source.file).collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

/// The reader of imports itself, without which the tests above would pass on anything.
#[test_case("use crate::http::Json;", &["http"]; "a plain path")]
#[test_case("use crate::{server, telemetry};", &["server", "telemetry"]; "a group")]
#[test_case("use crate::{\n    metrics::{Table, Total},\n    domain::Id,\n};", &["domain", "metrics"]; "a nested group")]
#[test_case("let x = crate::sandbox::Sandbox::new();", &["sandbox"]; "a path in an expression")]
#[test_case("pub(in crate::document) struct X;", &[]; "a visibility")]
#[test_case("use super::super::http;", &["http"]; "climbing out of the layer")]
#[test_case("use super::wire;", &[]; "climbing inside the layer")]
#[test_case("mod a;\nmod tests {\n    use super::super::wire;\n}", &[]; "climbing out of inline tests")]
#[test_case("// crate::http\n/// [`crate::http`]\n", &[]; "comments")]
fn imports_are_read(code: &str, expected: &[&str]) {
    let file = PathBuf::from("feishu/call.rs");
    let source = Source::new(file, format!("\n{code}"));
    assert_eq!(used(&source).iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
