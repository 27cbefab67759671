//! Our reading of JSON against that of the JSON library.

use proptest::prelude::*;
use serde_json::Value;
use test_case::test_case;

use super::*;

/// Reads a whole document by tokens; numbers as far as they are told apart here.
fn read(json: &mut Json<'_>) -> Result<Value, NotJson> {
    Ok(match json.token()? {
        Token::Null => Value::Null,
        Token::Flag(flag) => flag.into(),
        Token::Integer(number) => number.into(),
        Token::Number => "a number".into(),
        Token::Text(text) => text.into_owned().into(),
        Token::Array => {
            let mut elements = Vec::new();
            json.each_element(|json, index| {
                assert_eq!(index, elements.len());
                elements.push(read(json)?);
                Ok(())
            })?;
            elements.into()
        }
        Token::Object => {
            let mut members = serde_json::Map::new();
            json.each_member(|json, name| {
                members.insert(name.into_owned(), read(json)?);
                Ok(())
            })?;
            members.into()
        }
    })
}

fn ours(text: &str) -> Option<Value> {
    let mut json = Json::new(text);
    let value = read(&mut json).ok()?;
    json.end().ok()?;
    Some(value)
}

fn theirs(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().map(simplified)
}

fn simplified(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_i64().map_or_else(|| "a number".into(), Value::from),
        Value::Array(elements) => elements.into_iter().map(simplified).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, simplified(value))).collect())
        }
        other => other,
    }
}

fn skipped(text: &str) -> bool {
    let mut json = Json::new(text);
    json.skip().is_ok() && json.end().is_ok()
}

/// Texts that are JSON or nearly so.
fn nearly_json() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u",
        "d83d",
        "\\ud83d\\ude00",
        "\"a\"",
        "\"\\n\"",
        "0",
        "-",
        "-1",
        "12",
        "01",
        ".5",
        "1.5",
        "e3",
        "1e+2",
        "99999999999999999999",
        "true",
        "false",
        "null",
        "nul",
        " ",
        "\n",
        "中",
        "\u{1}",
        "\"b\":",
        "[]",
        "{}",
        "\"名\"",
    ]);
    prop::collection::vec(part, 0..9).prop_map(|parts| parts.concat())
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn what_is_nearly_json_is_read_alike(text in nearly_json()) {
        // To us a number may be of any size.
        let beyond_range = serde_json::from_str::<Value>(&text).is_err_and(|e| e.to_string().starts_with("number out"));
        prop_assert!(beyond_range || ours(&text) == theirs(&text), "{}", text);
        let grammar = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(skipped(&text), grammar, "{}", text);
    }
}

proptest! {
    #[test]
    fn what_is_json_is_read_alike(value in json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert_eq!(ours(&text), theirs(&text));
            prop_assert!(skipped(&text));
        }
    }
}

#[test]
fn a_number_beyond_every_range_is_a_number() {
    assert_eq!(ours("[1e400,-1e400]"), Some(["a number", "a number"].into_iter().collect()));
}

#[test]
fn the_text_of_an_object_is_handed_out() {
    let mut json = Json::new(r#" {"a" : [ 1.50, {} ]} ,"#);
    assert_eq!(json.token(), Ok(Token::Object));
    assert_eq!(json.raw_object(), Ok(r#"{"a" : [ 1.50, {} ]}"#));
}

#[test]
fn nesting_is_skipped_however_deep_it_is() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    assert!(skipped(&deep));
    assert!(!skipped(&deep[1..]));
}

#[test_case("{\"a\" 1}" => "expected `:` at line 1 column 6"; "no colon")]
#[test_case("" => "EOF while parsing a value at line 1 column 0"; "nothing")]
#[test_case("[\"\\ud800\"]" => "unexpected end of hex escape at line 1 column 9"; "half of a pair")]
fn what_is_wrong_is_said_in_words(text: &str) -> String {
    assert_eq!(ours(text), None);
    NotJson.in_words(text)
}
