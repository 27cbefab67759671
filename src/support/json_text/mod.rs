//! How far the text of a JSON string goes on without anything special, sixteen bytes at a time; and where objects end.
//!
//! Reader and writer spend most of their time here.

mod nesting;

use wide::u8x16;

pub(crate) use nesting::nested_end;

/// Bytes that are looked at together.
const BLOCK: usize = 16;

/// Where the first quote, backslash or control character is, from `at` on; the end when there is none.
///
/// In UTF-8 none of the three can be part of another character.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    // Most texts end in their first blocks: counting the blocks beforehand costs as much as looking at one.
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(block) = rest.first_chunk() else { return at + plain_end_of_rest(rest) };
        let special = special(*block);
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += BLOCK;
    }
}

/// [`plain_end`] of less than a block. Never inlined: a reader comes here at the end of its document only.
#[inline(never)]
fn plain_end_of_rest(rest: &[u8]) -> usize {
    // The zeros behind the rest are control characters.
    special(packed(rest).to_le_bytes()).trailing_zeros() as usize
}

/// Fewer bytes than a block as a number, the first one lowest, with zeros behind them.
///
/// Put together in registers: what was just written to memory in parts is slow to read as a whole.
#[inline]
fn packed(rest: &[u8]) -> u128 {
    // The first bytes and the last ones, which may overlap.
    let shift = |last: usize| 8 * (rest.len() - last);
    if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
        return u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last)) << shift(8);
    }
    if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
        let packed = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << shift(4);
        return packed.into();
    }
    rest.iter().rev().fold(0_u32, |packed, byte| packed << 8 | u32::from(*byte)).into()
}

/// One bit for each byte of a block, the first byte's lowest: whether it is special.
#[inline]
fn special(block: [u8; BLOCK]) -> u32 {
    let block = u8x16::new(block);
    let is = |byte| block.simd_eq(u8x16::splat(byte));
    let is_control = block.min(u8x16::splat(0x1F)).simd_eq(block);
    (is(b'"') | is(b'\\') | is_control).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_where_a_byte_by_byte_reader_stops() {
        // Two blocks and a rest of every length, with every byte in every place.
        for length in 0..=BLOCK * 2 + 2 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'a'; length];
                    bytes[place] = byte;
                    for at in 0..=place.min(1) {
                        let is_special = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
                        let expected = bytes[at..].iter().position(is_special);
                        assert_eq!(
                            plain_end(&bytes, at),
                            expected.map_or(length, |found| at + found),
                            "{bytes:?} {at}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn behind_the_end_there_is_nothing() {
        assert_eq!(plain_end(b"", 0), 0);
        assert_eq!(plain_end(b"text", 4), 4);
    }
}
