//! Whether a body comes from Feishu: decrypts it, and compares its token.

use std::borrow::Cow;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use subtle::{Choice, ConstantTimeEq as _};

use super::cipher::decrypt;
use super::settings::CallbackSettings;

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
}

/// The body in the clear, when Feishu sent it.
pub(super) fn open(body: &[u8], settings: &CallbackSettings) -> Result<Vec<u8>, Refused> {
    let outer = envelope(body)?;
    if settings.encrypt_keys.is_empty() {
        let is_plain = outer.encrypt.is_none();
        return if is_plain && has_token(&outer, &settings.tokens) {
            Ok(body.to_owned())
        } else {
            Err(Refused::Unauthorized)
        };
    }
    let encrypted = outer.encrypt.ok_or(Refused::Unauthorized)?;
    settings
        .encrypt_keys
        .iter()
        .filter_map(|key| decrypt(&encrypted, key))
        // What a wrong key makes of a body is refused like everything that is not Feishu's.
        .find(|text| envelope(text).is_ok_and(|inner| has_token(&inner, &settings.tokens)))
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
    let told = envelope.token.as_deref().unwrap_or_default().as_bytes();
    let matches = tokens.iter().map(|token| told.ct_eq(token.expose_secret().as_bytes()));
    matches.fold(Choice::from(0), |any, this| any | this).into()
}
