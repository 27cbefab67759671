//! The keys that stand where a visible text belongs (contract §1.5).

/// Bytes of a key: the prefix that Feishu demands and 24 characters of five bits each.
const LENGTH: usize = PREFIX.len() + 24;

/// Contract §1.5: keys must start so.
const PREFIX: &str = "@i18n@";

/// Five bits a character; lower case and digits survive every reader.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The key of a text.
#[derive(Clone, Copy)]
pub struct I18nKey([u8; LENGTH]);

impl I18nKey {
    /// A key from a hash; 120 bits of it are used, well above the 96 that the design asks for.
    pub fn from_hash(hash: [u8; 15]) -> Self {
        let mut key = [0; LENGTH];
        key[..PREFIX.len()].copy_from_slice(PREFIX.as_bytes());
        for (group, chars) in hash.as_chunks::<5>().0.iter().zip(key[PREFIX.len()..].as_chunks_mut::<8>().0) {
            let bits = group.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
            for (position, character) in chars.iter_mut().enumerate() {
                *character = ALPHABET[((bits >> (35 - 5 * position)) & 31) as usize];
            }
        }
        Self(key)
    }

    /// Its characters; none of them needs an escape in JSON.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_prefix_and_the_hash_in_base_32() {
        let mut hash = [0; 15];
        hash[14] = 1;
        assert_eq!(I18nKey::from_hash(hash).0, *b"@i18n@aaaaaaaaaaaaaaaaaaaaaaab");
        assert_eq!(I18nKey::from_hash([255; 15]).0, *b"@i18n@777777777777777777777777");
    }
}
