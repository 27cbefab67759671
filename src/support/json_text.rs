//! Finds special characters in JSON strings, and the ends of objects and arrays.

/// Where the first quote, backslash or control character is, from `at` on; the end when there is none.
///
/// In UTF-8 none of the three can be part of another character.
pub(crate) fn plain_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let special = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
    at + special.unwrap_or(rest.len())
}

/// Behind the end of the object or array that begins `bytes`; `None` when it does not end.
///
/// Only quotes and brackets are looked at: what stands between need not be JSON, and `[}` counts as an array.
pub(crate) fn nested_end(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, prop_oneof, proptest};
    use proptest::strategy::{Just, Strategy};
    use serde_json::Value;
    use test_case::test_case;

    #[test_case(b"a\"b", 0 => 1; "a quote")]
    #[test_case(b"a\\b", 0 => 1; "a backslash")]
    #[test_case(b"a\x1Fb", 0 => 1; "a control character")]
    #[test_case(b"a b\x7F", 0 => 4; "nothing special")]
    #[test_case("é\"".as_bytes(), 0 => 2; "behind a character of two bytes")]
    #[test_case(b"\"a\"", 1 => 2; "from a place on")]
    #[test_case(b"", 0 => 0; "nothing")]
    #[test_case(b"text", 4 => 4; "behind the end")]
    fn plain(bytes: &[u8], at: usize) -> usize {
        plain_end(bytes, at)
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "[a\"\\\\\\[\\]{}é]{0,70}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map("[\"\\\\{}a]{0,9}", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_array_ends_where_it_was_written_to_end(
            values in prop::collection::vec(value(), 0..8),
            behind in "[\\]}\"\\\\ ,]{0,70}",
        ) {
            let array = Value::from(values).to_string();
            prop_assert_eq!(nested_end(format!("{array}{behind}").as_bytes()), Some(array.len()));
        }
    }

    #[test]
    fn what_does_not_end_has_no_end() {
        for text in ["", "{", "[\"]", "{\"a\":[}", "]", "}{", "\"{}"] {
            assert_eq!(nested_end(text.as_bytes()), None, "{text}");
        }
    }
}
