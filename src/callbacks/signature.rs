//! The signature of an event: who knows the encryption key has seen exactly this body (contract §9.3).

use axum::http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

const TIMESTAMP: &str = "x-lark-request-timestamp";
const NONCE: &str = "x-lark-request-nonce";
const SIGNATURE: &str = "x-lark-signature";

/// Whether the headers hold the signature of the body as it came, by this key; compared in constant time.
pub(super) fn is_signed(headers: &HeaderMap, body: &[u8], key: &SecretString) -> bool {
    let header = |name| headers.get(name).map(axum::http::HeaderValue::as_bytes);
    let (Some(timestamp), Some(nonce), Some(told)) = (header(TIMESTAMP), header(NONCE), header(SIGNATURE))
    else {
        return false;
    };
    let mut digest = Sha256::new();
    for part in [timestamp, nonce, key.expose_secret().as_bytes(), body] {
        digest.update(part);
    }
    let expected = hex::encode(digest.finalize());
    // One official sample writes capitals.
    told.to_ascii_lowercase().ct_eq(expected.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    /// By `printf %s '1700000000noncekey{"encrypt":"x"}' | sha256sum`.
    const SIGNED: &str = "a0da8984906125159a1aa1ba99ed5eca925326fdb770863573dbd5e2f24dd679";
    const BODY: &[u8] = br#"{"encrypt":"x"}"#;

    fn headers(timestamp: &str, nonce: &str, signature: &str) -> HeaderMap {
        let told = [(TIMESTAMP, timestamp), (NONCE, nonce), (SIGNATURE, signature)];
        let told = told.into_iter().filter(|(_, value)| !value.is_empty());
        told.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test_case("1700000000", "nonce", SIGNED, BODY, "key" => true)]
    #[test_case("1700000000", "nonce", &SIGNED.to_uppercase(), BODY, "key" => true; "capitals")]
    #[test_case("1700000000", "nonce", SIGNED, b"{\"encrypt\": \"x\"}", "key" => false; "another body")]
    #[test_case("1700000000", "nonce", SIGNED, BODY, "kez" => false; "another key")]
    #[test_case("1700000001", "nonce", SIGNED, BODY, "key" => false; "another time")]
    #[test_case("1700000000", "nonc", SIGNED, BODY, "key" => false; "another nonce")]
    #[test_case("1700000000", "nonce", &SIGNED[..63], BODY, "key" => false; "a part of it")]
    #[test_case("1700000000", "nonce", "", BODY, "key" => false; "no signature")]
    #[test_case("", "nonce", SIGNED, BODY, "key" => false; "no time")]
    #[test_case("1700000000", "", SIGNED, BODY, "key" => false; "no nonce")]
    fn signed(timestamp: &str, nonce: &str, signature: &str, body: &[u8], key: &str) -> bool {
        is_signed(&headers(timestamp, nonce, signature), body, &key.into())
    }
}
