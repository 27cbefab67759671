//! Region and default locale that documents are checked against.

use crate::domain::{Locale, Region};

/// Region and default locale that documents are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Decides limits and locales.
    pub region: Region,
    /// The locale of a document that names none.
    pub default_locale: Locale,
    /// Whether an update must name its version: only a ledger can give it one that is later than all before.
    pub update_needs_version: bool,
}
