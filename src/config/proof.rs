//! What proves that Feishu calls, in files of the operator.

use super::parse;
use super::reader::{Noted, Reader};
use super::schema::Setting;
use super::secret_file;
use crate::callbacks::Proof;

/// Reads the files that these settings name; that of keys may be left out. `needs` goes behind the error for one of tokens that is
/// not named.
pub(super) fn read(
    reader: &mut Reader,
    token_file: &'static Setting,
    encrypt_key_file: &'static Setting,
    needs: &'static str,
) -> Result<Proof, Noted> {
    let tokens = reader
        .needed(token_file, parse::path, needs)
        .and_then(|path| secret_file::lines(reader, token_file, &path));
    let encrypt_keys = match reader.optional(encrypt_key_file, parse::path) {
        Ok(None) => Ok(Vec::new()),
        Ok(Some(path)) => secret_file::lines(reader, encrypt_key_file, &path),
        Err(noted) => Err(noted),
    };
    Ok(Proof { tokens: tokens?, encrypt_keys: encrypt_keys? })
}
