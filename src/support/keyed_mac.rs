//! Codes of authentication (HMAC-SHA-256) with which the gateway seals what it hands out and gets back.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Bytes of a code that are kept; 128 bits cannot be guessed.
pub(crate) const SEAL_BYTES: usize = 16;

/// A code of authentication with this key, which may have any length.
pub(crate) fn keyed_mac(key: &[u8]) -> Hmac<Sha256> {
    match Hmac::new_from_slice(key) {
        Ok(mac) => mac,
        // HMAC takes keys of every length, so this is never reached.
        Err(_) => Hmac::new(&Default::default()),
    }
}

/// The part of a finished code that is kept.
pub(crate) fn seal(mac: Hmac<Sha256>) -> [u8; SEAL_BYTES] {
    let mut seal = [0; SEAL_BYTES];
    seal.copy_from_slice(&mac.finalize().into_bytes()[..SEAL_BYTES]);
    seal
}
