//! Reads the sources of this crate: which modules there are, and which paths each of them names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The path of a module or item below the crate's root, one name a step.
pub(super) type ModulePath = Vec<String>;

/// One source file.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path below `src`.
    pub(super) file: PathBuf,
    /// `feishu/token/mod.rs` is `feishu::token`; the crate's two roots have no path.
    pub(super) module: ModulePath,
    /// All of it.
    pub(super) text: String,
    /// What is compiled without tests: no comments, nothing from `mod tests` on.
    pub(super) code: String,
    /// Inline tests.
    pub(super) tests: String,
}

/// A path that a file names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// Where it leads, from the crate's root.
    pub(super) path: ModulePath,
    /// What it is called here, when a `use` brought it in.
    pub(super) alias: Option<String>,
    /// Whether it is only handed on, by a `pub use`.
    pub(super) is_reexport: bool,
}

/// All files below `src`, by their paths.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut pending = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let file = path.strip_prefix(&root).unwrap().to_owned();
                found.push(Source::new(file, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort_by(|a, b| a.file.cmp(&b.file));
    found
}

/// The modules that are compiled for tests only, by `#[cfg(test)] mod name;`.
pub(super) fn test_modules(sources: &[Source]) -> BTreeSet<ModulePath> {
    let mut modules = BTreeSet::new();
    for source in sources {
        for declared in source.text.split("#[cfg(test)]\nmod ").skip(1) {
            modules.insert([source.module.clone(), vec![identifier(declared)]].concat());
        }
    }
    modules
}

impl Source {
    pub(super) fn new(file: PathBuf, text: String) -> Self {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: String = lines.map(|line| format!("{line}\n")).collect();
        let (code, tests) = code.split_once("\nmod tests {").unwrap_or((&code, ""));
        let parts = file.with_extension("");
        let parts = parts.iter().map(|part| part.to_str().unwrap().to_owned());
        let module = parts.filter(|part| !matches!(part.as_str(), "mod" | "lib" | "main")).collect();
        Self { module, code: code.to_owned(), tests: tests.to_owned(), file, text }
    }

    /// The paths that begin with `crate`, `self` or `super` in what is compiled without tests.
    pub(super) fn named(&self) -> Vec<Named> {
        named(&self.code, &self.module)
    }

    /// The same of the inline tests, which stand one module deeper.
    pub(super) fn named_in_tests(&self) -> Vec<Named> {
        named(&self.tests, &[self.module.clone(), vec!["tests".to_owned()]].concat())
    }
}

fn named(code: &str, module: &[String]) -> Vec<Named> {
    let mut found = Vec::new();
    let mut rest = code;
    let mut before = "";
    while let Some(at) = rest.find("::") {
        let root = rest[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let start = at - root.len();
        if root.is_empty() {
            // Behind a generic type, as in `Vec::<T>::new`.
            rest = &rest[at + 2..];
            before = "";
            continue;
        }
        let line = [before, &rest[..start]].concat();
        let line = line.rsplit(['\n', ';', '{']).next().unwrap_or_default().trim().to_owned();
        let (base, mut behind) = match root {
            "crate" => (Some(Vec::new()), &rest[at + 2..]),
            // The binary names the library so.
            "approval_gateway" if module.is_empty() => (Some(Vec::new()), &rest[at + 2..]),
            "self" => (Some(module.to_vec()), &rest[at + 2..]),
            "super" => {
                let mut behind = &rest[at + 2..];
                let mut climbed = 1;
                while let Some(above) = behind.strip_prefix("super::") {
                    (behind, climbed) = (above, climbed + 1);
                }
                (module.len().checked_sub(climbed).map(|depth| module[..depth].to_vec()), behind)
            }
            // A module below this one, or another crate: whoever looks at the path finds out.
            _ => (Some(module.to_vec()), &rest[start..]),
        };
        let Some(base) = base else { break };
        let is_use = line == "use" || line.ends_with(" use");
        let mut paths = Vec::new();
        behind = tree(behind, base, &mut paths);
        // A visibility is no use.
        if !line.ends_with("(in") {
            found.extend(paths.into_iter().map(|(path, alias)| Named {
                alias: is_use.then_some(alias),
                is_reexport: is_use && line.starts_with("pub"),
                path,
            }));
        }
        before = &rest[..rest.len() - behind.len()];
        rest = behind;
    }
    found
}

/// Reads `a::b`, `a::{b, c as d}` and the like behind `base`; hands out what comes then.
fn tree<'c>(mut code: &'c str, mut base: ModulePath, found: &mut Vec<(ModulePath, String)>) -> &'c str {
    loop {
        code = code.trim_start();
        if let Some(group) = code.strip_prefix('{') {
            code = group.trim_start();
            while !code.is_empty() && !code.starts_with('}') {
                let behind = tree(code, base.clone(), found).trim_start();
                let behind = behind.strip_prefix(',').unwrap_or(behind).trim_start();
                if behind.len() == code.len() {
                    break;
                }
                code = behind;
            }
            return code.strip_prefix('}').unwrap_or(code);
        }
        let name = identifier(code);
        code = &code[name.len()..];
        if name.is_empty() {
            found.push((base.clone(), base.last().cloned().unwrap_or_default()));
            return code;
        }
        if name != "self" {
            base.push(name);
        }
        if let Some(deeper) = code.strip_prefix("::") {
            code = deeper;
            continue;
        }
        let mut alias = base.last().cloned().unwrap_or_default();
        if let Some(other) = code.strip_prefix(" as ") {
            alias = identifier(other);
            code = &other[alias.len()..];
        }
        found.push((base, alias));
        return code;
    }
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
