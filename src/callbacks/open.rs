//! Whether a body comes from Feishu: decrypts it, and compares its token.

use std::borrow::Cow;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use subtle::{Choice, ConstantTimeEq as _};

use super::cipher::decrypt;
use super::settings::Proof;

/// Why a body is not read any further. The sender learns no more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is no JSON object.
    Malformed,
    /// Nothing proves that Feishu sent it.
    Unauthorized,
}

/// What is read of a body before it is known who sent it.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    encrypt: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    token: Option<Cow<'a, str>>,
    /// Where events of the second generation have their token (contract §9.2).
    #[serde(borrow, default)]
    header: Option<Header<'a>>,
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow, default)]
    token: Option<Cow<'a, str>>,
}

/// A body that Feishu sent.
#[derive(Debug)]
pub(super) struct Opened<'k> {
    /// It, in the clear.
    pub(super) text: Vec<u8>,
    /// What it was encrypted with.
    pub(super) key: Option<&'k SecretString>,
}

/// The body in the clear, when Feishu sent it: it holds one of the tokens, and is encrypted with one of the keys where there are any.
pub(super) fn open<'k>(body: &[u8], proof: &'k Proof) -> Result<Opened<'k>, Refused> {
    let Proof { tokens, encrypt_keys } = proof;
    let outer = envelope(body)?;
    if encrypt_keys.is_empty() {
        let is_plain = outer.encrypt.is_none();
        return if is_plain && has_token(&outer, tokens) {
            Ok(Opened { text: body.to_owned(), key: None })
        } else {
            Err(Refused::Unauthorized)
        };
    }
    let encrypted = outer.encrypt.ok_or(Refused::Unauthorized)?;
    encrypt_keys
        .iter()
        .filter_map(|key| Some(Opened { text: decrypt(&encrypted, key)?, key: Some(key) }))
        // What a wrong key makes of a body is refused like everything that is not Feishu's.
        .find(|opened| envelope(&opened.text).is_ok_and(|inner| has_token(&inner, tokens)))
        .ok_or(Refused::Unauthorized)
}

fn envelope(body: &[u8]) -> Result<Envelope<'_>, Refused> {
    // A list would do for serde.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refused::Malformed);
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        // A token or a text of another type is no proof.
        serde_json::error::Category::Data => Refused::Unauthorized,
        _ => Refused::Malformed,
    })
}

/// Compares with every token, each in constant time.
fn has_token(envelope: &Envelope<'_>, tokens: &[SecretString]) -> bool {
    let in_header = envelope.header.as_ref().and_then(|header| header.token.as_deref());
    let told = envelope.token.as_deref().or(in_header).unwrap_or_default().as_bytes();
    let matches = tokens.iter().map(|token| told.ct_eq(token.expose_secret().as_bytes()));
    matches.fold(Choice::from(0), |any, this| any | this).into()
}
