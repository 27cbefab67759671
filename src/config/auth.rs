//! Who may call: the rule that no other machine gets in without a key unless somebody said so.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::error::ConfigError;
use super::parse;
use super::reader::{Noted, Reader};
use super::schema::{ALLOW_ANONYMOUS, KEYS_FILE};
use super::sources::Purpose;
use crate::callers::KeyFile;
use crate::domain::AppName;

/// Who may call the API.
#[derive(Debug, Clone)]
pub struct Auth {
    /// The file of caller keys.
    pub keys_file: Option<PathBuf>,
    /// The keys in that file; `None` without a file, and when it was not read to [serve](Purpose::serves).
    pub keys: Option<KeyFile>,
    /// Whether calls without a key are served as well.
    pub allow_anonymous: bool,
}

pub(super) fn read(
    reader: &mut Reader,
    purpose: Purpose,
    listen: Result<SocketAddr, Noted>,
    apps: &[AppName],
) -> Result<Auth, Noted> {
    let keys_file = reader.optional(&KEYS_FILE, parse::path);
    let allow_anonymous = reader.optional(&ALLOW_ANONYMOUS, parse::truth);
    let (keys_file, allow_anonymous) = (keys_file?, allow_anonymous?);
    if !purpose.serves() {
        return Ok(Auth { keys_file, keys: None, allow_anonymous: allow_anonymous.unwrap_or(false) });
    }
    let keys = match &keys_file {
        None => None,
        Some(path) => match KeyFile::load(path, apps) {
            Ok(keys) => Some(keys),
            Err(source) => {
                let origin = reader.origin(&KEYS_FILE);
                return Err(reader.note(ConfigError::Keys { origin, source }));
            }
        },
    };
    let allow_anonymous = match keys {
        Some(_) => allow_anonymous.unwrap_or(false),
        None => without_keys(reader, listen?, allow_anonymous)?,
    };
    match apps.first() {
        Some(first) if allow_anonymous && !first.is_default() => {
            Err(reader.note(ConfigError::NoDefaultApp { first: first.clone() }))
        }
        _ => Ok(Auth { keys_file, keys, allow_anonymous }),
    }
}

/// Whether anonymous callers are served where there are no keys; if not, nobody could call at all.
fn without_keys(reader: &mut Reader, listen: SocketAddr, allowed: Option<bool>) -> Result<bool, Noted> {
    match allowed {
        Some(true) => Ok(true),
        Some(false) => {
            let origin = reader.origin(&ALLOW_ANONYMOUS);
            Err(reader.note(ConfigError::ClosedToAll { origin }))
        }
        None if listen.ip().to_canonical().is_loopback() => Ok(true),
        None => Err(reader.note(ConfigError::OpenToAll { listen })),
    }
}
