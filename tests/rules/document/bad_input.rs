//! Bytes that nobody should send, all of which are answered.

use approval_gateway::document::Rejection;
use test_case::test_case;

use crate::document::support::{PUSH, definition, edited, instance, short, upsert, violations};

/// Deep enough to break any reader that recurses.
const DEEP: usize = 100_000;

fn brackets() -> String {
    "[".repeat(DEEP) + &"]".repeat(DEEP)
}

/// The usual instance with one more member, written as text.
fn with(member: &str) -> String {
    edited(instance(), &[]).replacen('{', &format!("{{{member},"), 1)
}

/// The violations, or `no JSON`.
fn answer(body: &[u8]) -> Vec<String> {
    match PUSH.payload(body) {
        Err(Rejection::NotJson(detail)) => {
            assert!(!detail.is_empty());
            vec!["no JSON".to_owned()]
        }
        other => short(&violations(other)),
    }
}

#[test_case(b""; "nothing")]
#[test_case(b" \n"; "white space")]
#[test_case(b"{"; "an open object")]
#[test_case(b"{}}"; "a bracket too many")]
#[test_case(b"{} x"; "garbage behind")]
#[test_case(b"{}{}"; "two documents")]
#[test_case(b"\xef\xbb\xbf\xef\xbb\xbf{}"; "two byte order marks")]
#[test_case(b"{}\xef\xbb\xbf"; "a byte order mark at the end")]
#[test_case(b"\xff\xfe{\0}\0"; "UTF-16")]
#[test_case(b"{\"title\":\"\xe5\x87\"}"; "a cut character")]
#[test_case(b"{\"title\":\"\xed\xa0\x80\"}"; "a surrogate in UTF-8")]
#[test_case(br#"{"name":"x","locale":"\ud800"}"#; "a lone surrogate")]
#[test_case(br#"{"name":"x","locale":"\ud800\u0041"}"#; "half a pair")]
#[test_case(br#"{"\udfff":1}"#; "a lone surrogate in a name")]
#[test_case(b"{\"title\":\"a\nb\"}"; "a bare line break in a string")]
#[test_case(br#"{"extra":{"a":NaN}}"#; "not a number")]
#[test_case(br#"{"title":Infinity}"#; "infinity")]
#[test_case(br#"{"extra":{"a":01}}"#; "a leading zero")]
#[test_case(br#"{"tasks":[1,]}"#; "a comma too many")]
#[test_case(b"{'title':1}"; "single quotes")]
#[test_case(b"{title:1}"; "a bare name")]
#[test_case(b"{} // x"; "a comment")]
fn it_is_no_json(body: &[u8]) {
    assert_eq!(answer(body), ["no JSON"]);
    assert!(matches!(upsert(body), Err(Rejection::NotJson(_))));
}

#[test]
fn a_byte_order_mark_before_the_document_is_skipped() {
    let marked = format!("\u{feff}{}", edited(instance(), &[]));
    assert_eq!(PUSH.payload(marked.as_bytes()), PUSH.payload(edited(instance(), &[]).as_bytes()));
}

#[test]
fn utf_16_is_named() {
    let Err(Rejection::NotJson(detail)) = PUSH.payload(b"\xff\xfe{\0}\0") else { panic!("taken") };
    assert!(detail.contains("UTF-16"), "{detail}");
}

#[test_case(r#"/instance_id = "i-1\u0000""# => vec!["/instance_id control_character"]; "instance")]
#[test_case(r#"/approval_code = "a\u0000b""# => vec!["/approval_code control_character"]; "definition")]
#[test_case(r#"/applicant_user_id = "u\n""# => vec!["/applicant_user_id control_character"]; "applicant's user_id")]
#[test_case(r#"/applicant_open_id = "\u001f""# => vec!["/applicant_open_id control_character"]; "applicant's open_id")]
#[test_case(r#"/department_id = "od\t1""# => vec!["/department_id control_character"]; "department")]
#[test_case(r#"/tasks/0/task_id = "t\u007f""# => vec!["/tasks/0/task_id control_character"]; "DEL in a task")]
#[test_case(r#"/tasks/0/user_id = "u\u0085""# => vec!["/tasks/0/user_id control_character"]; "C1 in an approver")]
#[test_case(r#"/tasks/0/node_id = "\u0000""# => vec!["/tasks/0/node_id control_character"]; "node")]
#[test_case(r#"/cc/0/cc_id = "c\r""# => vec!["/cc/0/cc_id control_character"]; "copy")]
#[test_case(r#"/cc/0/open_id = "ou_\u0000""# => vec!["/cc/0/open_id control_character"]; "reader")]
fn a_control_character_in_an_id_of(edit: &str) -> Vec<String> {
    PUSH.refusal(&[edit])
}

#[test]
fn a_control_character_in_an_id_of_a_definition_is_refused() {
    let edits = [
        r#"/definition_key = "a\u0000""#,
        r#"/group_key = "\u0001""#,
        r#"/managers = ["a", "b\u007f"]"#,
        r#"/viewers = {"scope": "selected", "user_ids": ["u\n"]}"#,
    ];
    let mut found = short(&violations(upsert(edited(definition(), &edits).as_bytes())));
    found.sort();
    let places = ["/definition_key", "/group_key", "/managers/1", "/viewers/user_ids/0"];
    assert_eq!(found, places.map(|place| format!("{place} control_character")));
}

#[test_case("null")]
#[test_case("[]")]
#[test_case("\"{}\"")]
#[test_case("7")]
#[test_case("true")]
fn a_document_that_is_no_object_is_refused_as_a_whole(body: &str) {
    assert_eq!(answer(body.as_bytes()), [" type"]);
    assert_eq!(short(&violations(upsert(body.as_bytes()))), [" type"]);
}

#[test]
fn deep_nesting_at_the_top_is_answered() {
    assert_eq!(answer(brackets().as_bytes()), [" type"]);
    assert_eq!(answer("[".repeat(DEEP).as_bytes()), ["no JSON"]);
    assert_eq!(answer("{\"a\":".repeat(DEEP).as_bytes()), ["no JSON"]);
}

#[test_case("unknown" => vec!["/unknown unknown_field"]; "an unknown field")]
#[test_case("title" => vec!["/title type"]; "a string")]
#[test_case("started" => vec!["/started unknown_field"]; "a misspelt time")]
#[test_case("trusteeship" => vec!["/trusteeship type"]; "an object")]
#[test_case("extra" => vec!["/extra type"]; "free data")]
#[test_case("translations" => vec!["/translations type"]; "translations")]
fn deep_nesting_in_place_of(name: &str) -> Vec<String> {
    answer(with(&format!("\"{name}\":{}", brackets())).as_bytes())
}

#[test]
fn deep_nesting_inside_free_data_is_refused_there() {
    let body = with(&format!("\"extra\":{{\"a\":{}}}", brackets()));
    assert_eq!(answer(body.as_bytes()), ["/extra too_deep"]);
}

#[test]
fn deep_nesting_inside_a_list_is_refused_there() {
    let body = edited(instance(), &["/tasks"]).replacen('{', &format!("{{\"tasks\":[{}],", brackets()), 1);
    assert_eq!(answer(body.as_bytes()), ["/tasks/0 type"]);
}

#[test]
fn deep_nesting_inside_a_catalogue_is_refused_there() {
    let body = with(&format!(r#""translations":{{"en-US":{{"a":{}}}}}"#, brackets()));
    assert_eq!(answer(body.as_bytes()), ["/translations/en-US/a type"]);
}

#[test]
fn a_long_unknown_name_is_not_repeated_in_full() {
    let found = answer(with(&format!("\"{}\":1", "n".repeat(100_000))).as_bytes());
    assert_eq!(found.len(), 1);
    assert!(found[0].len() < 1_000);
}

#[test]
fn a_flood_of_violations_is_cut() {
    let members: Vec<_> = (0..50_000).map(|index| format!("\"unknown-{index}\":1")).collect();
    let found = answer(with(&members.join(",")).as_bytes());
    assert!(found.len() <= 1_001, "{} violations", found.len());
    assert_eq!(found.last().unwrap(), " more_violations");
}

#[test]
fn what_is_wrong_with_the_document_is_listed_in_a_flood_of_elements_that_are_wrong() {
    let elements = vec!["{}"; 400].join(",");
    let found = answer(format!(r#"{{"tasks":[{elements}],"cc":[{elements}]}}"#).as_bytes());
    for own in ["/approval_code required", "/status required", "/tasks too_many", "/cc too_many"] {
        assert!(
            found.iter().any(|violation| violation == own),
            "{own} is not among {} violations",
            found.len()
        );
    }
    assert_eq!(found.last().unwrap(), " more_violations");
}

#[test]
fn numbers_beyond_any_machine_type_travel_inside_free_data() {
    let payload =
        PUSH.payload(with(r#""extra":{"a":1e400,"b":-0.10,"c":123456789012345678901234567890}"#).as_bytes());
    let expected = r#"{"a":1e400,"b":-0.10,"c":123456789012345678901234567890}"#;
    assert_eq!(payload.unwrap()["extra"], expected);
}

#[test_case("title" => vec!["/title type"]; "a string")]
#[test_case("started_at" => vec!["/started_at type"]; "a time")]
#[test_case("trusteeship" => vec!["/trusteeship type"]; "an object")]
fn a_number_beyond_any_machine_type_is_json_in_place_of(name: &str) -> Vec<String> {
    let document = edited(instance(), &[&format!("/{name} = \"HERE\"")]);
    answer(document.replace("\"HERE\"", "1e400").as_bytes())
}

#[test_case(r#"{"a":"\ud800"}"#; "in a value")]
#[test_case(r#"{"\ud800":1}"#; "in a name")]
#[test_case(r#"{"a":[{"b":"\ude00\ud83d"}]}"#; "in the wrong order")]
fn a_lone_surrogate_does_not_travel_inside_free_data(extra: &str) {
    assert!(PUSH.payload(with(&format!("\"extra\":{extra}")).as_bytes()).is_err());
}
