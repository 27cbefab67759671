//! The app's id and secret, the secret from a variable or from a file of its own.

use secrecy::SecretString;

use super::error::ConfigError;
use super::parse;
use super::reader::{Noted, Reader};
use super::schema::{APP_ID, APP_SECRET, APP_SECRET_FILE};
use super::secret_file;
use crate::feishu::Credentials;

/// Where somebody without credentials can still go.
const SANDBOX: &str = "; to try the gateway without credentials, start `serve --sandbox`";

pub(super) fn read(reader: &mut Reader) -> Result<Credentials, Noted> {
    let app_id = match reader.optional(&APP_ID, parse::one_word) {
        Ok(None) => Err(reader.missing(&[&APP_ID], SANDBOX)),
        Ok(Some(app_id)) => Ok(app_id),
        Err(noted) => Err(noted),
    };
    let app_secret = secret(reader);
    Ok(Credentials { app_id: app_id?, app_secret: app_secret? })
}

fn secret(reader: &mut Reader) -> Result<SecretString, Noted> {
    if reader.is_given(&APP_SECRET) && reader.is_given(&APP_SECRET_FILE) {
        let (first, second) = (reader.origin(&APP_SECRET), reader.origin(&APP_SECRET_FILE));
        return Err(reader.note(ConfigError::Conflict { first, second }));
    }
    if let Some(secret) = reader.optional(&APP_SECRET, parse::text)? {
        return Ok(secret.into());
    }
    match reader.optional(&APP_SECRET_FILE, parse::path)? {
        Some(path) => secret_file::read(reader, &APP_SECRET_FILE, &path),
        None => Err(reader.missing(&[&APP_SECRET_FILE, &APP_SECRET], SANDBOX)),
    }
}
