//! Who may call: the rule that no other machine gets in without a key unless somebody said so.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::error::ConfigError;
use super::keys::CallerKeys;
use super::parse;
use super::reader::{Noted, Reader};
use super::schema::{ALLOW_ANONYMOUS, KEYS_FILE};
use super::sources::Purpose;

/// Who may call the API.
#[derive(Debug, Clone)]
pub struct Auth {
    /// The file of caller keys.
    pub keys_file: Option<PathBuf>,
    /// The keys in that file; `None` without a file, and when the configuration was read for [`Purpose::Offline`].
    pub keys: Option<CallerKeys>,
    /// Whether calls without a key are served as well.
    pub allow_anonymous: bool,
}

pub(super) fn read(
    reader: &mut Reader,
    purpose: Purpose,
    listen: Result<SocketAddr, Noted>,
) -> Result<Auth, Noted> {
    let keys_file = reader.optional(&KEYS_FILE, parse::path);
    let allow_anonymous = reader.optional(&ALLOW_ANONYMOUS, parse::truth);
    let (keys_file, allow_anonymous) = (keys_file?, allow_anonymous?);
    if purpose == Purpose::Offline {
        return Ok(Auth { keys_file, keys: None, allow_anonymous: allow_anonymous.unwrap_or(false) });
    }
    let Some(path) = keys_file else {
        let allow_anonymous = without_keys(reader, listen?, allow_anonymous)?;
        return Ok(Auth { keys_file: None, keys: None, allow_anonymous });
    };
    match CallerKeys::load(&path) {
        Ok(keys) => Ok(Auth {
            keys_file: Some(path),
            keys: Some(keys),
            allow_anonymous: allow_anonymous.unwrap_or(false),
        }),
        Err(source) => {
            let origin = reader.origin(&KEYS_FILE);
            Err(reader.note(ConfigError::Keys { origin, source }))
        }
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
