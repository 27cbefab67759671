//! How far the text of a JSON string goes on without anything special, eight bytes at a time.
//!
//! Reader and writer spend most of their time here.

/// A byte in each place of a word.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Where the first quote, backslash or control character is, from `at` on; the end when there is none.
///
/// In UTF-8 none of the three can be part of another character.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
        at += 1;
    }
    at
}

/// Marks special bytes with their highest bit. The lowest mark is right; borrowing may set wrong ones above it.
#[inline]
fn special(word: u64) -> u64 {
    // A byte that is below the limit borrows, which sets its highest bit.
    let below = |limit: u8, word: u64| word.wrapping_sub(all(limit));
    let control = below(0x20, word);
    let quote = below(1, word ^ all(b'"'));
    let backslash = below(1, word ^ all(b'\\'));
    // Bytes that had that bit before are parts of other characters.
    (control | quote | backslash) & !word & all(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_stops_where_a_byte_by_byte_reader_stops(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let expected = bytes.iter().position(|byte| *byte == b'"' || *byte == b'\\' || *byte < 0x20);
            prop_assert_eq!(plain_end(&bytes, 0), expected.unwrap_or(bytes.len()));
        }
    }
}
