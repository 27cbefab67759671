//! Files that hold one secret and nothing else.

use std::path::Path;

use secrecy::SecretString;

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
