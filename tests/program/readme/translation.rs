//! The Chinese README is in step with the English one: the same sections, commands, answers, tables and links.

use std::iter::zip;

use super::markdown::{Document, document, quoted};

fn both() -> [Document; 2] {
    [document("README.md"), document("README.zh-CN.md")]
}

/// The lines outside of fenced blocks.
fn prose(document: &Document) -> Vec<&str> {
    let mut fenced = false;
    let outside = document.text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fence && !fenced
    });
    outside.collect()
}

/// The depth of each heading, in order.
fn depths(document: &Document) -> Vec<usize> {
    let headings = prose(document).into_iter().filter(|line| line.starts_with('#'));
    headings.map(|line| line.chars().take_while(|c| *c == '#').count()).collect()
}

/// The kind of each line that has one: heading, step, point or row of a table.
fn outline(document: &Document) -> Vec<char> {
    let kinds = prose(document).into_iter().filter_map(|line| line.chars().next());
    kinds.filter(|first| matches!(first, '#' | '-' | '|' | '!') || first.is_ascii_digit()).collect()
}

#[test]
fn both_readmes_have_the_same_sections() {
    let [english, chinese] = both();
    assert_eq!(depths(&english), depths(&chinese));
    assert_eq!(outline(&english), outline(&chinese));
}

#[test]
fn both_readmes_show_the_same_commands_and_answers() {
    let [english, chinese] = both().map(|document| document.blocks());
    assert_eq!(english.len(), chinese.len());
    for (english, chinese) in zip(english, chinese) {
        assert_eq!((&english.info, &english.text), (&chinese.info, &chinese.text), "line {}", chinese.line);
    }
}

#[test]
fn both_readmes_name_the_same_things_in_their_tables() {
    let [english, chinese] = both();
    let names = |document: &Document| -> Vec<Vec<String>> {
        let rows = prose(document).into_iter().filter(|line| line.starts_with("| `"));
        rows.map(|row| row.split('|').take(3).flat_map(quoted).map(str::to_owned).collect()).collect()
    };
    assert!(!names(&english).is_empty());
    assert_eq!(names(&english), names(&chinese));
}

#[test]
fn both_readmes_link_to_the_same_documents() {
    let links = |document: &Document| -> Vec<String> {
        let targets = document.text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let mut targets: Vec<_> = targets.map(|(target, _)| target.to_owned()).collect();
        // Each links to the other.
        targets.retain(|target| !target.starts_with("README"));
        // Pictures are in the page's own language.
        targets.iter_mut().for_each(|target| *target = target.replace(".zh-CN.", "."));
        targets.sort_unstable();
        targets
    };
    let [english, chinese] = both();
    assert_eq!(links(&english), links(&chinese));
}
