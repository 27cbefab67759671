//! Where an object or array ends, for somebody who does not want to know what is in it.

use wide::u8x16;

/// Bytes that are looked at together: one for each bit of the words below.
const BLOCK: usize = 64;

/// Behind the end of the object or array that begins `bytes`, as somebody has looked already; `None` when it does not end.
///
/// Only quotes and brackets are looked at, a bit for each of them: what stands between need not be JSON, and `[}` counts as
/// an array. What begins and ends as JSON does is passed over in a tenth of the time that reading it would take.
pub(crate) fn nested_end(bytes: &[u8]) -> Option<usize> {
    let mut nesting = Nesting::default();
    let (blocks, rest) = bytes.as_chunks();
    for (index, block) in blocks.iter().enumerate() {
        if let Some(end) = nesting.end_in(block)? {
            return Some(index * BLOCK + end);
        }
    }
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    nesting.end_in(&block)?.map(|end| blocks.len() * BLOCK + end)
}

/// What goes on from block to block.
#[derive(Debug, Default)]
struct Nesting {
    /// Brackets that are open.
    depth: usize,
    /// All bits set in a string, none outside.
    in_string: u64,
    /// One when a backslash at the end of the last block escapes the first byte.
    escaped: u64,
}

impl Nesting {
    /// Behind the bracket that closes the first one, when it is in this block; `None` when there is none to close.
    fn end_in(&mut self, block: &[u8; BLOCK]) -> Option<Option<usize>> {
        let mut bits = Bits::of(block);
        let quotes = bits.quotes & !self.escapes(bits.backslashes);
        // Every bit is turned over by every quote up to it, so those between two quotes are set.
        let in_string = prefix_xor(quotes) ^ self.in_string;
        self.in_string = if in_string >> 63 == 1 { u64::MAX } else { 0 };
        bits.opening &= !in_string;
        let mut brackets = bits.opening | bits.closing & !in_string;
        while brackets != 0 {
            let bracket = brackets & brackets.wrapping_neg();
            brackets ^= bracket;
            if bits.opening & bracket != 0 {
                self.depth += 1;
                continue;
            }
            self.depth = self.depth.checked_sub(1)?;
            if self.depth == 0 {
                return Some(Some(bracket.trailing_zeros() as usize + 1));
            }
        }
        Some(None)
    }

    /// The bytes that a backslash stands before which does not stand behind another one.
    fn escapes(&mut self, mut backslashes: u64) -> u64 {
        let mut escaped = std::mem::take(&mut self.escaped);
        backslashes &= !escaped;
        while backslashes != 0 {
            let backslash = backslashes & backslashes.wrapping_neg();
            let next = backslash << 1;
            escaped |= next;
            backslashes &= !(backslash | next);
            self.escaped = backslash >> (BLOCK - 1);
        }
        escaped
    }
}

/// Where the bytes that matter are in a block, the first byte's bit lowest.
struct Bits {
    quotes: u64,
    backslashes: u64,
    opening: u64,
    closing: u64,
}

impl Bits {
    fn of(block: &[u8; BLOCK]) -> Self {
        let parts = block.as_chunks().0;
        let is = |byte: u8, lower_case: u8| {
            parts.iter().rev().fold(0, |bits, part| {
                let part = u8x16::new(*part) | u8x16::splat(lower_case);
                bits << part.as_array().len() | u64::from(part.simd_eq(u8x16::splat(byte)).to_bitmask())
            })
        };
        // Square brackets are curly ones without this bit.
        let curly = b'{' ^ b'[';
        Self {
            quotes: is(b'"', 0),
            backslashes: is(b'\\', 0),
            opening: is(b'{', curly),
            closing: is(b'}', curly),
        }
    }
}

/// Each bit becomes whether it and all below it are odd in number.
fn prefix_xor(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, distance| bits ^ bits << distance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, prop_oneof, proptest};
    use proptest::strategy::{Just, Strategy};
    use serde_json::Value;

    /// One byte after another.
    fn by_bytes(bytes: &[u8]) -> Option<usize> {
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        for (at, byte) in bytes.iter().enumerate() {
            let is_escaped = std::mem::take(&mut escaped);
            match byte {
                b'\\' if !is_escaped => escaped = true,
                b'"' if !is_escaped => in_string = !in_string,
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

        #[test]
        fn any_bytes_end_where_a_byte_by_byte_reader_ends(
            bytes in prop::collection::vec(prop::sample::select(b"{}[]\"\\a".to_vec()), 0..300),
        ) {
            prop_assert_eq!(nested_end(&bytes), by_bytes(&bytes), "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn what_does_not_end_has_no_end() {
        for text in ["", "{", "[\"]", "{\"a\":[}", "]", "}{", "\"{}"] {
            assert_eq!(nested_end(text.as_bytes()), None, "{text}");
        }
    }
}
