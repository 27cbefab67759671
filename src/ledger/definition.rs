//! Definitions that were upserted through this gateway.

use crate::domain::Timestamp;

/// A definition as it was last upserted, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionRecord {
    /// The operator's key of it, unique in the app.
    pub definition_key: String,
    /// Feishu's code of it.
    pub approval_code: String,
    /// What was upserted, as opaque JSON.
    pub json: String,
    /// Who upserted it.
    pub caller: Option<String>,
    /// When.
    pub updated_at: Timestamp,
}
