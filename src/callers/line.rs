//! One line of a key file: `name sha256-hex [app=NAME] [scope=read,write,operate]`.

use super::{Caller, Scopes};
use crate::domain::AppName;

/// Longest name of a caller, in characters; names appear in log lines.
const LONGEST_NAME: usize = 64;

/// Length of a SHA-256 hash in bytes.
pub(super) const HASH_BYTES: usize = 32;

/// What is wrong with a line of a key file; never shows what the line holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not a name and a hash.
    #[error("expected a name and a hash, separated by a blank")]
    Shape,
    /// A name with other characters, or a longer one.
    #[error("a name has 1 to {LONGEST_NAME} letters, digits, '.', '_' or '-'")]
    Name,
    /// Not a SHA-256 hash.
    #[error("a hash is the SHA-256 of the key, as 64 hexadecimal digits")]
    Hash,
    /// Further words that are no options, or one option twice.
    #[error("after the hash only app=NAME and scope=read,write,operate may follow, each once")]
    Option,
    /// Not a list of scopes.
    #[error("a scope is read, write, operate, or several of them with commas")]
    Scope,
    /// An app that is not configured.
    #[error("app= must name one of the apps that are configured: {known}")]
    App {
        /// Their names.
        known: String,
    },
    /// No app is named, and none is called `default`.
    #[error("write app=NAME, because no app is called default; the apps that are configured: {known}")]
    NoApp {
        /// Their names.
        known: String,
    },
    /// One key for two lines, so that its caller would be ambiguous.
    #[error("the same key already stands in line {first}")]
    Repeated {
        /// The earlier line.
        first: usize,
    },
}

/// Reads a line that is neither blank nor a comment.
pub(super) fn parse(line: &str, apps: &[AppName]) -> Result<([u8; HASH_BYTES], Caller), LineError> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(hash)) = (words.next(), words.next()) else { return Err(LineError::Shape) };
    let is_name_character = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.len() > LONGEST_NAME || !name.chars().all(is_name_character) {
        return Err(LineError::Name);
    }
    let mut bytes = [0; HASH_BYTES];
    hex::decode_to_slice(hash, &mut bytes).map_err(|_| LineError::Hash)?;
    let (mut app, mut scopes) = (None, None);
    for word in words {
        let given_twice = match word.split_once('=') {
            Some(("app", name)) => app.replace(name).is_some(),
            Some(("scope", list)) => scopes.replace(Scopes::parse(list).ok_or(LineError::Scope)?).is_some(),
            _ => return Err(LineError::Option),
        };
        if given_twice {
            return Err(LineError::Option);
        }
    }
    let caller =
        Caller { name: Some(name.into()), app: app_of(app, apps)?, scopes: scopes.unwrap_or(Scopes::USUAL) };
    Ok((bytes, caller))
}

fn app_of(named: Option<&str>, apps: &[AppName]) -> Result<AppName, LineError> {
    let default = AppName::default();
    let wanted = named.unwrap_or(default.as_str());
    match apps.iter().find(|app| app.as_str() == wanted) {
        Some(app) => Ok(app.clone()),
        None => {
            let known = apps.iter().map(AppName::as_str).collect::<Vec<_>>().join(", ");
            Err(if named.is_some() { LineError::App { known } } else { LineError::NoApp { known } })
        }
    }
}
