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

/// The address of a web server, whatever its path and query.
pub(super) fn receiver(raw: &Raw) -> Parsed<Url> {
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
        None => parse::expected("an http or https address, such as https://oa.example.com/feishu/events"),
    }
}

/// The signing secrets in the file that `setting` names, one a line.
pub(super) fn secrets(
    reader: &mut Reader,
    setting: &Setting,
    path: &Path,
) -> Result<Vec<SigningSecret>, Noted> {
    let content = secret_file::read(reader, setting, path)?;
    let lines = content.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.map(SigningSecret::parse).collect::<Result<Vec<_>, _>>() {
        Ok(secrets) if !secrets.is_empty() => Ok(secrets),
        _ => {
            let (origin, expected) = (reader.origin(setting), EXPECTED.to_owned());
            Err(reader.note(ConfigError::Invalid { origin, expected, found: None, suggestion: None }))
        }
    }
}
