//! Bodies as Feishu encrypts them: AES-256-CBC, the key a SHA-256, the IV in front (contract §8.1, §9.3).

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// Bytes of the IV.
const IV_BYTES: usize = 16;

/// The text behind `encrypt`, if it was encrypted with this key.
pub(super) fn decrypt(encrypted: &str, key: &SecretString) -> Option<Vec<u8>> {
    let bytes = BASE64_STANDARD.decode(encrypted).ok()?;
    let (iv, body) = bytes.split_first_chunk::<IV_BYTES>()?;
    let key = Sha256::digest(key.expose_secret().as_bytes());
    cbc::Decryptor::<aes::Aes256>::new(&key, &(*iv).into()).decrypt_padded_vec::<Pkcs7>(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    /// Published by Feishu.
    const VECTOR: &str = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=";

    fn decrypted(encrypted: &str, key: &str) -> Option<String> {
        decrypt(encrypted, &key.into()).map(|text| String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn the_official_vector_is_decrypted() {
        assert_eq!(decrypted(VECTOR, "test key").as_deref(), Some("hello world"));
    }

    #[test_case(VECTOR, "another key"; "another key")]
    #[test_case("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghg=", "test key"; "wrong padding")]
    #[test_case("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEz", "test key"; "a part of a block")]
    #[test_case("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk", "test key"; "truncated base64")]
    #[test_case("P37w+VZImNgPEO1RBhJ6Rg==", "test key"; "nothing behind the IV")]
    #[test_case("P37w", "test key"; "less than an IV")]
    #[test_case("", "test key"; "nothing")]
    #[test_case("§", "test key"; "no base64")]
    fn anything_else_is_not(encrypted: &str, key: &str) {
        assert_eq!(decrypted(encrypted, key), None);
    }
}
