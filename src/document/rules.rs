//! What a document is read against.

use crate::domain::{Locale, Region};

/// What a document is read against.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Decides limits and locales.
    pub region: Region,
    /// The locale of a document that names none.
    pub default_locale: Locale,
}
