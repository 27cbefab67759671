//! The code keeps its shape: layers look down only, files stay small, every module says what it is for.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use test_case::test_case;

/// What each top-level module may use of this crate; `docs/architecture.md` draws the same picture.
const MAY_USE: [(&str, &[&str]); 18] = [
    // The layers, from the bottom up.
    ("support", &[]),
    ("connections", &[]),
    ("pieces", &[]),
    ("metrics", &[]),
    ("journal", &["domain"]),
    ("domain", &[]),
    ("callers", &["domain"]),
    ("schema", &["domain"]),
    ("document", &["domain", "schema", "support"]),
    ("feishu", &["connections", "domain", "journal", "metrics", "pieces", "support"]),
    ("http", &["callers", "document", "domain", "feishu", "journal", "metrics", "schema", "support"]),
    // The second reading of the contract shares nothing that could carry an error over.
    ("sandbox", &["support"]),
    // What composes them.
    ("config", &["callers", "domain", "feishu", "support"]),
    ("telemetry", &["config", "connections", "metrics", "support"]),
    ("cli", &["config"]),
    ("server", &["http"]),
    (
        "app",
        &[
            "callers",
            "config",
            "connections",
            "document",
            "domain",
            "feishu",
            "http",
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
            "connections",
            "document",
            "domain",
            "feishu",
            "http",
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

/// One source file: its path below `src`, its module path, and its text without comments.
struct Source {
    file: PathBuf,
    module: Vec<String>,
    text: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut pending = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let file = path.strip_prefix(&root).unwrap().to_owned();
                let code = without_comments(&text);
                found.push(Source { module: module_path(&file), file, text, code });
            }
        }
    }
    found.sort_by(|a, b| a.file.cmp(&b.file));
    found
}

/// `feishu/token/mod.rs` is `feishu::token`; the crate's two roots have no path.
fn module_path(file: &Path) -> Vec<String> {
    let parts = file.with_extension("");
    let parts = parts.iter().map(|part| part.to_str().unwrap().to_owned());
    parts.filter(|part| !matches!(part.as_str(), "mod" | "lib" | "main")).collect()
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The modules at the top of this crate that a file names.
fn used(source: &Source) -> BTreeSet<String> {
    let own_crate = if source.file == Path::new("main.rs") { "approval_gateway::" } else { "crate::" };
    let mut modules: BTreeSet<String> =
        source.code.split(own_crate).skip(1).flat_map(first_segments).collect();
    modules.extend(used_by_climbing(source));
    modules
}

/// The names right behind `crate::`: one, or those between braces.
fn first_segments(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else { return vec![identifier(rest)] };
    let mut depth = 0;
    let mut names = vec![identifier(group)];
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(identifier(&group[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Modules reached by so many `super::` that the path leaves the file's own layer.
fn used_by_climbing(source: &Source) -> Vec<String> {
    let mut modules = Vec::new();
    let (code, tests) = source.code.split_once("\nmod tests {").unwrap_or((&source.code, ""));
    for (code, depth) in [(code, source.module.len()), (tests, source.module.len() + 1)] {
        let mut rest = code;
        while let Some(at) = rest.find("super::") {
            rest = &rest[at..];
            let mut climbed = 0;
            while let Some(above) = rest.strip_prefix("super::") {
                climbed += 1;
                rest = above;
            }
            if climbed >= depth {
                modules.extend(first_segments(rest));
            }
        }
    }
    modules
}

fn identifier(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn layers_look_down_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(layer) = source.module.first() else { continue };
        let (_, allowed) = MAY_USE.iter().find(|(name, _)| name == layer).unwrap_or(&("", &[]));
        let upward =
            used(&source).into_iter().filter(|name| name != layer && !allowed.contains(&name.as_str()));
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

#[test]
fn no_file_has_more_than_400_lines() {
    let sources = sources();
    let long = sources.iter().filter(|source| source.text.lines().count() > 400).map(|source| &source.file);
    assert_eq!(long.collect::<Vec<_>>(), Vec::<&PathBuf>::new());
}

#[test]
fn half_of_the_files_have_fewer_than_150_lines() {
    let sources = sources();
    let small = sources.iter().filter(|source| source.text.lines().count() < 150).count();
    assert!(small * 2 >= sources.len(), "only {small} of {} files", sources.len());
}

/// The reader of imports itself, without which the tests above would pass on anything.
#[test_case("use crate::http::Json;", &["http"]; "a plain path")]
#[test_case("use crate::{server, telemetry};", &["server", "telemetry"]; "a group")]
#[test_case("use crate::{\n    feishu::{Api, Class},\n    domain::Id,\n};", &["domain", "feishu"]; "a nested group")]
#[test_case("let x = crate::sandbox::Sandbox::new();", &["sandbox"]; "a path in an expression")]
#[test_case("pub(in crate::document) struct X;", &["document"]; "a visibility")]
#[test_case("use super::super::http;", &["http"]; "climbing out of the layer")]
#[test_case("use super::wire;", &[]; "climbing inside the layer")]
#[test_case("mod a;\nmod tests {\n    use super::super::wire;\n}", &[]; "climbing out of inline tests")]
#[test_case("// crate::http\n/// [`crate::http`]\n", &[]; "comments")]
fn imports_are_read(code: &str, expected: &[&str]) {
    let file = PathBuf::from("feishu/call.rs");
    let source = Source {
        module: module_path(&file),
        file,
        text: String::new(),
        code: without_comments(&format!("\n{code}")),
    };
    assert_eq!(used(&source).iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
