//! One hash of several texts.

use sha2::{Digest as _, Sha256};

/// SHA-256 of the parts behind a prefix, each with its length, so that no two lists of parts are one text.
pub(crate) fn hash_parts<'a>(prefix: impl AsRef<[u8]>, parts: impl IntoIterator<Item = &'a str>) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(prefix);
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
