//! Every link inside the repository leads somewhere.

use std::path::Path;

use test_case::test_case;

use super::markdown::documents;

/// What stands between `](` and `)`, addresses on the web left out.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    targets.filter(|target| !target.contains("://"))
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn has_anchor(path: &Path, wanted: &str) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).any(|anchor| anchor == wanted)
}

#[test]
fn every_link_leads_somewhere() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut broken = Vec::new();
    for document in documents() {
        let own = top.join(&document.name);
        for target in targets(&document.text) {
            let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { own.clone() } else { own.parent().unwrap().join(file) };
            if !path.exists() || !fragment.is_empty() && !has_anchor(&path, fragment) {
                broken.push(format!("{}: {target}", document.name));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test_case("tasks[].actions[]" => "tasksactions")]
#[test_case("The applicant" => "the-applicant")]
#[test_case("Rules for all fields" => "rules-for-all-fields")]
fn anchor_of(heading: &str) -> String {
    anchor(heading)
}
