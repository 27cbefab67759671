//! The ids that Feishu would have made up (contract §7).

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::sandbox::instances::Stored;

/// Feishu's own code of an instance: an upper-case UUID that follows from app and id.
pub(super) fn instance_code(stored: &Stored) -> String {
    let digest = digest(&[&stored.app_id, &stored.instance.instance_id]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes).hyphenated().to_string().to_uppercase()
}

/// Feishu's own numeric id of something, 19 digits as in the documents' examples.
pub(super) fn numeric_id(parts: &[&str]) -> String {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest(parts)[..8]);
    (7_300_000_000_000_000_000 + u64::from_be_bytes(bytes) % 100_000_000_000_000_000).to_string()
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
