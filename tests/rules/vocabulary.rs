//! Each thing has one name: names that were given up do not come back, in code, tests or documents.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use test_case::test_case;

/// Names that are not used, each with what is said instead; several words of a name one after another.
const NOT: [(&[&str], &str); 18] = [
    (&["guest"], "client, caller"),
    (&["stranger"], "client, caller"),
    (&["journal"], "request context"),
    (&["nearest"], "suggestion"),
    (&["surrounded"], "middleware"),
    (&["intake"], "load shedder"),
    (&["crowded"], "load shedder"),
    (&["remedy"], "retry decision"),
    (&["verdict"], "breaker outcome"),
    (&["judge"], "classify"),
    (&["judges"], "classify"),
    (&["judged"], "classify"),
    (&["visit"], "ticket, turn"),
    (&["answer", "room"], "response budget"),
    (&["answer", "time"], "latency estimator"),
    (&["leave", "to"], "permit"),
    (&["give", "up", "old"], "evict"),
    (&["patience"], "a name that says what is limited"),
];

/// Where such a word means something else, by how the path begins, and why. What other crates name needs none: see
/// [`FOREIGN`].
const ALLOWED: [(&str, &str, &str); 3] = [
    ("src/ledger/sqlite/queries.rs", "nearest", "a distance in a list"),
    ("src/ledger/sqlite/tests/power_loss.rs", "verdict", "about all states of a disk, and no call"),
    ("tests/rules/openapi.rs", "visit", "what a walk does with each value"),
];

/// Names of other crates and of SQLite.
const FOREIGN: [&str; 4] = ["visit_", "-journal", "journal_mode", "journal_size"];

/// This table itself.
const SELF: &str = "tests/rules/vocabulary.rs";

/// Every file that people read, by its path.
fn files() -> Vec<PathBuf> {
    let mut pending: Vec<PathBuf> =
        ["src", "tests", "benches", "fuzz/src", "docs", "README.md", "CHANGELOG.md"]
            .map(PathBuf::from)
            .into();
    let mut found = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
            found.push(path);
        }
    }
    found.retain(|path| path != Path::new(SELF));
    found
}

/// The words of a line in lower case; a name is taken apart at `_` and at capitals. What stands between phrases is a word, too.
fn words(line: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut was_lower = false;
    for letter in line.chars() {
        if letter.is_ascii_uppercase() && was_lower {
            spaced.push(' ');
        }
        was_lower = letter.is_ascii_lowercase();
        match letter {
            'a'..='z' | 'A'..='Z' => spaced.push(letter.to_ascii_lowercase()),
            ' ' | '_' => spaced.push(' '),
            _ => spaced.push_str(" ; "),
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// Names in a line that are not used.
fn wrong(path: &str, line: &str) -> Vec<String> {
    let line = FOREIGN.iter().fold(line.to_owned(), |line, foreign| line.replace(foreign, " ; "));
    let words = words(&line);
    let is_allowed =
        |name: &str| ALLOWED.iter().any(|(place, word, _)| path.starts_with(place) && *word == name);
    let found = NOT.iter().filter(|(name, _)| words.windows(name.len()).any(|place| place == *name));
    let found = found.filter(|(name, _)| !is_allowed(&name.join(" ")));
    found.map(|(name, say)| format!("{path}: {:?}; say {say}", name.join(" "))).collect()
}

#[test]
fn names_that_were_given_up_do_not_come_back() {
    let mut found = Vec::new();
    for path in files() {
        let (text, path) = (fs::read_to_string(&path).unwrap(), path.to_string_lossy().into_owned());
        found.extend(text.lines().flat_map(|line| wrong(&path, line)));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_exception_is_needed() {
    for (place, word, reason) in ALLOWED {
        let text = fs::read_to_string(place).unwrap();
        assert!(text.lines().any(|line| words(line).iter().any(|found| found == word)), "{word}: {reason}");
    }
}

#[test_case("src/a.rs", "const PATIENCE: Duration" => 1; "a constant")]
#[test_case("src/a.rs", "struct BreakerVerdict;" => 1; "a part of a name")]
#[test_case("docs/a.md", "| answer_time | and the guest |" => 2; "a document")]
#[test_case("src/a.rs", "fn visit_map(); let judgement;" => 0; "names of others, and other words")]
#[test_case("tests/rules/openapi.rs", "visit(path)" => 0; "an exception")]
fn names_are_found(path: &str, line: &str) -> usize {
    wrong(path, line).len()
}
