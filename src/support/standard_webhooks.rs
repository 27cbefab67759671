//! Signed requests as Standard Webhooks says, by which receivers know who sends and that nothing was changed.
//!
//! The published library signs with one key only; while keys are rotated, two sign.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::Sha256;
use url::Url;

/// What secrets begin with, in files and libraries.
const PREFIX: &str = "whsec_";

/// Bounds (bytes) of a key, from the specification.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret that sender and receiver share.
#[derive(Debug, Clone)]
pub struct SigningSecret(SecretSlice<u8>);

/// A text that is no secret; says what one looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is whsec_ and then 24 to 64 random bytes in Base64")]
pub struct NoSigningSecret;

impl SigningSecret {
    /// Reads a secret as people write it: `whsec_` and Base64.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, NoSigningSecret> {
        let key = text.strip_prefix(PREFIX).and_then(|key| BASE64_STANDARD.decode(key).ok());
        let key = key.filter(|key| KEY_BYTES.contains(&key.len())).ok_or(NoSigningSecret)?;
        Ok(Self(key.into()))
    }

    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        // Keys of any length are taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()) else {
            return String::new();
        };
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The request that sends a JSON body under an id, at a time in seconds since 1970, signed with all secrets.
pub fn request(
    client: &Client,
    url: &Url,
    secrets: &[SigningSecret],
    id: &str,
    timestamp: i64,
    body: Bytes,
) -> RequestBuilder {
    client
        .post(url.clone())
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature(secrets, id, timestamp, &body))
        .body(body)
}

/// The value of `webhook-signature`: a signature of each secret, with blanks between them.
pub fn signature(secrets: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signatures: Vec<_> = secrets.iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    /// The example of the specification and of its libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secret(text: &str) -> SigningSecret {
        SigningSecret::parse(text).unwrap()
    }

    #[test]
    fn signs_as_the_specification_does() {
        let signed = signature(
            &[secret(SECRET)],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            b"{\"test\": 2432232314}",
        );
        assert_eq!(signed, SIGNATURE);
    }

    #[test]
    fn every_secret_signs() {
        let other = secret("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        let signed = signature(&[secret(SECRET), other.clone()], "id", 1, b"body");
        let (first, second) = signed.split_once(' ').unwrap();
        assert_eq!(first, signature(&[secret(SECRET)], "id", 1, b"body"));
        assert_eq!(second, signature(&[other], "id", 1, b"body"));
    }

    #[test_case("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"; "no prefix")]
    #[test_case("whsec_"; "no key")]
    #[test_case("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La"; "a short key")]
    #[test_case("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa?w"; "no Base64")]
    fn what_is_no_secret_is_refused(text: &str) {
        assert_eq!(SigningSecret::parse(text).unwrap_err(), NoSigningSecret);
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert!(!format!("{:?}", secret(SECRET)).contains("MfKQ"));
    }
}
