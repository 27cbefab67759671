//! The tables of fields in docs/instance.md and docs/definition.md are those that the gateway reads.

use approval_gateway::domain::{
    CachePolicy, CompleteReason, DepartmentIdType, DisplayMethod, GenerateType, InstanceStatus, Locale,
    Reason, TaskStatus, UserIdType, Word,
};
use test_case::test_case;

use super::markdown::{document, quoted};

/// The schema itself: its objects declare one member a line, in order.
const SCHEMA: &str = concat!(
    include_str!("../../../src/document/requests/instance.rs"),
    include_str!("../../../src/document/requests/definition.rs")
);

fn fields(structure: &str) -> Vec<&'static str> {
    let (_, rest) = SCHEMA.split_once(&format!("struct {structure}<'a> as ")).unwrap();
    let (members, _) = rest.split_once("\n    }\n").unwrap();
    let declared = members.lines().skip(1).filter_map(|line| line.strip_prefix("        "));
    let declared = declared.filter(|line| !line.starts_with("///"));
    declared.filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect()
}

#[test_case("docs/instance.md", "The document", "RawInstance")]
#[test_case("docs/instance.md", "form[]", "RawRow")]
#[test_case("docs/instance.md", "tasks[]", "RawTask")]
#[test_case("docs/instance.md", "tasks[].actions[]", "RawAction")]
#[test_case("docs/instance.md", "cc[]", "RawCc")]
#[test_case("docs/instance.md", "trusteeship", "RawTrusteeship")]
#[test_case("docs/definition.md", "The document", "RawDefinition")]
#[test_case("docs/definition.md", "viewers", "RawViewers")]
fn every_field_is_explained(name: &str, heading: &str, structure: &str) {
    let table = document(name).table_below(heading);
    let shown: Vec<_> = table.iter().flat_map(|row| quoted(&row[0])).collect();
    assert_eq!(shown, fields(structure));
}

fn words<W: Word>() -> Vec<&'static str> {
    W::ALL.iter().map(|word| word.as_str()).collect()
}

#[test_case("docs/instance.md", "The document", "status", &words::<InstanceStatus>())]
#[test_case("docs/instance.md", "The document", "display_method", &words::<DisplayMethod>())]
#[test_case("docs/instance.md", "tasks[]", "status", &words::<TaskStatus>())]
#[test_case("docs/instance.md", "tasks[]", "generate_type", &words::<GenerateType>())]
#[test_case("docs/instance.md", "tasks[]", "complete_reason", &words::<CompleteReason>())]
#[test_case("docs/instance.md", "tasks[].actions[]", "reason", &words::<Reason>())]
#[test_case("docs/instance.md", "trusteeship", "cache_policy", &words::<CachePolicy>())]
#[test_case("docs/definition.md", "The document", "user_id_type", &words::<UserIdType>())]
fn every_word_is_listed_in_order(name: &str, heading: &str, field: &str, expected: &[&str]) {
    let table = document(name).table_below(heading);
    let row = table.iter().find(|row| row[0] == format!("`{field}`")).unwrap();
    let listed: Vec<_> = quoted(&row[3]).take(expected.len()).collect();
    assert_eq!(listed, expected);
}

#[test]
fn both_kinds_of_department_ids_are_listed() {
    let table = document("docs/definition.md").table_below("The document");
    let row = table.iter().find(|row| row[0] == "`department_id_type`").unwrap();
    let mut listed: Vec<_> = quoted(&row[3]).collect();
    listed.sort_unstable();
    assert_eq!(listed, words::<DepartmentIdType>());
}

#[test]
fn every_locale_is_listed_in_order() {
    let text = document("docs/instance.md").text;
    let (_, list) = text.split_once("The locales are ").unwrap();
    let (list, _) = list.split_once(". ").unwrap();
    assert_eq!(quoted(list).collect::<Vec<_>>(), Locale::all().map(Locale::as_str).collect::<Vec<_>>());
}
