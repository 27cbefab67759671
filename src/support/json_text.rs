//! Finds special characters in JSON strings, and the ends of objects and arrays.

/// Where the first quote, backslash or control character is, from `at` on; the end when there is none.
///
/// In UTF-8 none of the three can be part of another character. Eight bytes at a time: every byte of a document, of its
/// payload and of the echo in its answer comes by here.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += size_of::<u64>();
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let special = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
    at + special.unwrap_or(rest.len())
}

/// The highest bit of each byte that is a quote, a backslash or a control character.
///
/// Exact up to the first of them; bytes behind it may be marked wrongly, as subtraction borrows from them.
#[inline]
fn special(word: u64) -> u64 {
    let of_all = |byte: u8| u64::from_le_bytes([byte; 8]);
    let is_less = |word: u64, than: u8| word.wrapping_sub(of_all(than)) & !word;
    let is = |byte: u8| is_less(word ^ of_all(byte), 1);
    (is(b'"') | is(b'\\') | is_less(word, 0x20)) & of_all(0x80)
}

/// Behind the end of the object or array that begins `bytes`; `None` when it does not end.
///
/// Only quotes and brackets are looked at: what stands between need not be JSON, and `[}` counts as an array.
pub(crate) fn nested_end(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = string_end(bytes, at + 1)?;
                continue;
            }
            b'\\' => at += 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Behind the quote that ends the string whose text begins at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
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

    #[test]
    fn it_stops_where_a_byte_by_byte_reader_stops() {
        // A word, a rest of every length, and every byte in every place, alone and before others that are special.
        for (length, behind) in (0..20).flat_map(|length| [(length, b'a'), (length, b'"'), (length, 0x80)]) {
            for (place, byte) in (0..length).flat_map(|place| (0..=u8::MAX).map(move |byte| (place, byte))) {
                let mut bytes = vec![b'a'; length];
                bytes[place..].fill(behind);
                bytes[place] = byte;
                let is_special = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
                let expected = bytes.iter().position(is_special).unwrap_or(length);
                assert_eq!(plain_end(&bytes, 0), expected, "{bytes:?}");
            }
        }
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
