//! Modules of one folder do not use each other in circles.
//!
//! The nodes are what lies in a folder: its files, its subfolders, and `mod.rs`. One uses another when a file in it names a path
//! that leads into the other one: `use`, or `crate::`, `self::` and `super::` in an expression, a macro or a type. What
//! a `mod.rs` hands on with `pub use` counts as if it had been named where it is defined. Tests may look anywhere.
//!
//! `mod.rs` is a node because what it defines for the modules beside it is a layer, too: it lies above those that it uses, or
//! beneath those that use it, and not both.

use std::collections::{BTreeMap, BTreeSet};

use test_case::test_case;

use super::source::{ModulePath, Named, Source, sources, test_modules};

/// The node of a folder's own `mod.rs`.
const OWN: &str = "mod.rs";

/// Which node of a folder uses which other one, and the file that shows it.
type Uses = BTreeMap<(String, String), String>;

/// Every file's module with the paths that it names.
struct Crate {
    modules: BTreeSet<ModulePath>,
    named: BTreeMap<ModulePath, Vec<Named>>,
}

impl Crate {
    fn new(sources: &[Source]) -> Self {
        let tests = test_modules(sources);
        let is_test = |module: &ModulePath| (1..=module.len()).any(|depth| tests.contains(&module[..depth]));
        let kept = || sources.iter().filter(|source| !is_test(&source.module));
        let modules =
            kept().flat_map(|source| (0..=source.module.len()).map(|depth| source.module[..depth].to_vec()));
        Self {
            modules: modules.collect(),
            named: kept().map(|source| (source.module.clone(), source.named())).collect(),
        }
    }

    /// The module that defines what a path leads to, as far as it is of this crate.
    fn definer(&self, path: &[String]) -> Option<ModulePath> {
        self.follow(path, 0)
    }

    fn follow(&self, path: &[String], hops: usize) -> Option<ModulePath> {
        let depth = (0..=path.len()).rev().find(|depth| self.modules.contains(&path[..*depth]))?;
        let module = &path[..depth];
        let Some(item) = path.get(depth) else { return Some(module.to_vec()) };
        let imported = self.named.get(module).into_iter().flatten();
        let imported = imported.filter(|named| named.path != *path);
        for named in imported {
            if named.alias.as_ref() == Some(item) && hops < 8 && self.is_ours(named, module) {
                return self.follow(&named.path, hops + 1);
            }
        }
        Some(module.to_vec())
    }

    /// Whether a path leads to another module than where it is named, and not to another crate.
    fn is_ours(&self, named: &Named, module: &[String]) -> bool {
        let depth = (0..=named.path.len()).rev().find(|depth| self.modules.contains(&named.path[..*depth]));
        depth.is_some_and(|depth| named.path[..depth] != *module)
    }

    /// Who uses whom, for each folder by its path.
    fn uses(&self) -> BTreeMap<ModulePath, Uses> {
        let mut folders: BTreeMap<ModulePath, Uses> = BTreeMap::new();
        for (module, named) in &self.named {
            for named in named.iter().filter(|named| !named.is_reexport) {
                let Some(target) = self.definer(&named.path) else { continue };
                let common = module.iter().zip(&target).take_while(|(a, b)| a == b).count();
                let node = |path: &ModulePath| path.get(common).cloned().unwrap_or_else(|| OWN.to_owned());
                let edge = (node(module), node(&target));
                if edge.0 != edge.1 {
                    let uses = folders.entry(module[..common].to_vec()).or_default();
                    uses.entry(edge)
                        .or_insert_with(|| format!("{} names {}", module.join("::"), named.path.join("::")));
                }
            }
        }
        folders
    }
}

/// The sets of nodes that can all be reached from each other, with more than one node.
fn circles(uses: &Uses) -> Vec<BTreeSet<String>> {
    let nodes: BTreeSet<&String> = uses.keys().flat_map(|(from, to)| [from, to]).collect();
    let reached = |start: &String| {
        let mut reached: BTreeSet<&String> = BTreeSet::new();
        let mut pending = vec![start];
        while let Some(node) = pending.pop() {
            for (_, to) in uses.keys().filter(|(from, _)| from == node) {
                if reached.insert(to) {
                    pending.push(to);
                }
            }
        }
        reached.into_iter().cloned().collect::<BTreeSet<String>>()
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        nodes.iter().map(|node| (*node, reached(node))).collect();
    let circle = |node: &String| -> BTreeSet<String> {
        reached[node].iter().filter(|other| reached[*other].contains(node)).cloned().collect()
    };
    let found: BTreeSet<_> =
        nodes.iter().map(|node| circle(node)).filter(|circle| circle.len() > 1).collect();
    found.into_iter().collect()
}

#[test]
fn modules_of_a_folder_do_not_use_each_other_in_circles() {
    let mut found = String::new();
    for (folder, uses) in Crate::new(&sources()).uses() {
        let folder = folder.join("/");
        for circle in circles(&uses) {
            found += &format!("src/{folder}: {circle:?}\n");
            for ((from, to), example) in &uses {
                if circle.contains(from) && circle.contains(to) {
                    found += &format!("    {from} uses {to}: {example}\n");
                }
            }
        }
    }
    assert!(found.is_empty(), "modules that use each other in circles:\n{found}");
}

/// A crate of these files, by their paths below `src`.
fn written(files: &[(&str, &str)]) -> Crate {
    let files = files.iter().map(|(file, text)| Source::new(file.into(), format!("\n{text}\n")));
    Crate::new(&files.collect::<Vec<_>>())
}

/// The circles in `folder`, each as its nodes.
fn circles_of(files: &[(&str, &str)], folder: &[&str]) -> Vec<String> {
    let folder: ModulePath = folder.iter().map(|&name| name.to_owned()).collect();
    let uses = written(files).uses().remove(&folder).unwrap_or_default();
    circles(&uses).iter().map(|circle| circle.iter().cloned().collect::<Vec<_>>().join(" ")).collect()
}

#[test_case(&[("a.rs", "use super::b::B;"), ("b.rs", "use crate::a::A;")] => vec!["a b"]; "two files")]
#[test_case(&[("a.rs", "use crate::b::B;"), ("b.rs", "fn f() { super::c::g() }"), ("c.rs", "x!($crate::a::A)")] => vec!["a b c"]; "by way of a third")]
#[test_case(&[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;"), ("c.rs", "")] => Vec::<String>::new(); "a row")]
#[test_case(&[("a/x.rs", "use crate::b::B;"), ("b.rs", "use crate::{\n    a::{y::Y},\n};"), ("a/y.rs", "")] => vec!["a b"]; "different files of a folder")]
#[test_case(&[("a.rs", "use super::B;"), ("b.rs", "use crate::a::A;"), ("lib.rs", "pub use b::{self as c, B};")] => vec!["a b"]; "a name that the parent hands on")]
#[test_case(&[("a.rs", "use super::X;"), ("lib.rs", "mod a;\nstruct X;\nfn f() { a::g() }")] => vec!["a mod.rs"]; "parent and child")]
#[test_case(&[("a.rs", "use super::X;"), ("lib.rs", "pub use a::A;\nstruct X;")] => Vec::<String>::new(); "a parent that only hands on")]
#[test_case(&[("a.rs", "use crate::b::B;"), ("b.rs", "fn b() {}\nmod tests {\n    use crate::a::A;\n}")] => Vec::<String>::new(); "tests")]
#[test_case(&[("a.rs", "use crate::b::B;"), ("b.rs", "#[cfg(test)]\nmod t;"), ("b/t.rs", "use crate::a::A;")] => Vec::<String>::new(); "a file of tests")]
fn circles_are_seen(files: &[(&str, &str)]) -> Vec<String> {
    circles_of(files, &[])
}

#[test]
fn circles_are_seen_below_the_root() {
    let files = [("a/x/mod.rs", "use super::y;"), ("a/y.rs", "pub(in crate::a) use super::super::a::x::X;")];
    assert_eq!(circles_of(&files, &["a"]), Vec::<String>::new(), "what is only handed on");
    let files = [("a/x/mod.rs", "use super::y;"), ("a/y.rs", "use super::super::a::x::X;")];
    assert_eq!(circles_of(&files, &["a"]), ["x y"]);
}
