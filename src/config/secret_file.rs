//! Files that hold secrets and nothing else.

use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use super::error::ConfigError;
use super::reader::{Noted, Reader};
use super::schema::Setting;
use crate::support::file_reader::FileReader;

/// The secret in the file that `setting` names.
pub(super) fn read(reader: &mut Reader, setting: &Setting, path: &Path) -> Result<SecretString, Noted> {
    let origin = reader.origin(setting);
    let path = path.to_owned();
    match FileReader::new(&path).read_text() {
        Err(source) => Err(reader.note(ConfigError::SecretUnreadable { origin, path, source })),
        // Editors and `echo` end a file with a line break that is no part of the secret.
        Ok(content) => match content.trim_end_matches(['\r', '\n']) {
            "" => Err(reader.note(ConfigError::SecretEmpty { origin, path })),
            secret => Ok(secret.into()),
        },
    }
}

/// The secrets in the file that `setting` names, one a line; at least one.
pub(super) fn lines(reader: &mut Reader, setting: &Setting, path: &Path) -> Result<Vec<SecretString>, Noted> {
    let content = read(reader, setting, path)?;
    let lines = content.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty());
    let secrets: Vec<SecretString> = lines.map(SecretString::from).collect();
    if secrets.is_empty() {
        let (origin, path) = (reader.origin(setting), path.to_owned());
        return Err(reader.note(ConfigError::SecretEmpty { origin, path }));
    }
    Ok(secrets)
}
