//! Versions that somebody believes Feishu has.

use super::Timestamp;

/// An instance's version and those of its tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownVersions {
    /// The caller's id.
    pub instance_id: String,
    /// The instance's version.
    pub updated_at: Timestamp,
    /// Its tasks' ids and versions.
    pub tasks: Vec<(String, Timestamp)>,
}
