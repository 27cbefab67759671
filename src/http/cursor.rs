//! Cursors: opaque, tamper-evident, good for one operation with one set of filters.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use crate::feishu::Credentials;
use crate::support::keyed_mac::{SEAL_BYTES, keyed_mac, seal};

/// Longest cursor that is looked at, in characters; ours have some hundred.
pub(super) const LONGEST_CURSOR: usize = 4096;

/// Key that seals cursors. Derived from the app's secret, so that cursors survive a restart and fit no other app.
#[derive(Clone)]
pub struct CursorKey(Hmac<Sha256>);

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey(..)")
    }
}

impl CursorKey {
    /// The key that belongs to an app, and to one of its tenants where it has several.
    pub fn derive(credentials: &Credentials, tenant_key: Option<&str>) -> Self {
        let mut key = keyed_mac(credentials.app_secret.expose_secret().as_bytes());
        key.update(b"approval-gateway cursor 2");
        key.update(credentials.app_id.as_bytes());
        if let Some(tenant_key) = tenant_key {
            key.update(b" of ");
            key.update(tenant_key.as_bytes());
        }
        Self(keyed_mac(&key.finalize().into_bytes()))
    }

    /// The cursor for a position in the list that `binding` describes.
    pub(super) fn seal(&self, binding: &str, position: &impl Serialize) -> String {
        // Numbers and strings always have a JSON form.
        let mut bytes = serde_json::to_vec(position).unwrap_or_default();
        bytes.extend_from_slice(&seal(self.started(binding, &bytes)));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position behind a cursor; none when it was not sealed for this list.
    pub(super) fn open<P: DeserializeOwned>(&self, binding: &str, cursor: &str) -> Option<P> {
        let bytes = Some(cursor).filter(|cursor| cursor.len() <= LONGEST_CURSOR)?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).ok()?;
        let (position, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL_BYTES)?)?;
        self.started(binding, position).verify_truncated_left(seal).ok()?;
        serde_json::from_slice(position).ok()
    }

    fn started(&self, binding: &str, position: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(&(binding.len() as u64).to_le_bytes());
        mac.update(binding.as_bytes());
        mac.update(position);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feishu::Position;

    fn key(app_id: &str, app_secret: &str) -> CursorKey {
        CursorKey::derive(&Credentials { app_id: app_id.to_owned(), app_secret: app_secret.into() }, None)
    }

    fn position() -> Position {
        Position { segment: 3, token: Some("tok".to_owned()), skip: 2, page_size: 50 }
    }

    #[test]
    fn a_cursor_opens_where_it_was_sealed() {
        let own = key("cli_1", "secret");
        let cursor = own.seal("listTasks status=done", &position());
        assert_eq!(own.open("listTasks status=done", &cursor), Some(position()));
    }

    #[test]
    fn a_cursor_of_another_list_app_or_hand_does_not_open() {
        let own = key("cli_1", "secret");
        let cursor = own.seal("listTasks status=done", &position());
        assert_eq!(own.open::<Position>("listTasks status=pending", &cursor), None);
        for other in [key("cli_1", "other"), key("cli_2", "secret")] {
            assert_eq!(other.open::<Position>("listTasks status=done", &cursor), None);
        }
        for at in 0..cursor.len() {
            let mut bytes = cursor.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            let opened = own.open::<Position>("listTasks status=done", &forged);
            assert_eq!(opened.filter(|_| forged != cursor), None, "{at}");
        }
        for junk in ["", "x", "AAAA", "===", &"A".repeat(10_000)] {
            assert_eq!(own.open::<Position>("listTasks status=done", junk), None);
        }
    }
}
