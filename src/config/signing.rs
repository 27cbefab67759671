//! Receivers of what the gateway sends by itself, and the secrets that it is signed with.

use std::path::Path;

use secrecy::ExposeSecret as _;
use url::Url;

use super::error::ConfigError;
use super::parse::{self, Parsed};
use super::reader::{Noted, Reader};
use super::schema::Setting;
use super::secret_file;
use super::value::Raw;
use crate::support::standard_webhooks::SigningSecret;

/// What a file of secrets must hold.
const EXPECTED: &str =
    "the path of a file with signing secrets, one a line: whsec_ and then 24 to 64 random bytes in Base64";

/// The address of a web server, whatever its path and query; `example` is one, for whoever wrote something else.
pub(super) fn receiver(raw: &Raw, example: &str) -> Parsed<Url> {
    let url = raw.as_str().and_then(|text| Url::parse(text).ok());
    let url = url.filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    });
    match url {
        Some(url) => Ok(url),
        None => parse::expected(format!("an http or https address, such as {example}")),
    }
}

/// The signing secrets in the file that `setting` names, one a line.
pub(super) fn secrets(
    reader: &mut Reader,
    setting: &Setting,
    path: &Path,
) -> Result<Vec<SigningSecret>, Noted> {
    let lines = secret_file::lines(reader, setting, path)?;
    let secrets: Result<Vec<_>, _> =
        lines.iter().map(|line| SigningSecret::parse(line.expose_secret())).collect();
    secrets.map_err(|_| {
        let (origin, expected) = (reader.origin(setting), EXPECTED.to_owned());
        reader.note(ConfigError::Invalid { origin, expected, found: None, suggestion: None })
    })
}
