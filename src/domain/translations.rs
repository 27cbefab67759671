//! What the texts of a document read like in other languages.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Locale;

/// A caller's catalogues: for each locale, source text and translated text, gettext style.
///
/// May be far larger than the document; only entries whose source text occurs are used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translations<'a> {
    /// At most one catalogue a locale, never one of the document's own locale.
    pub catalogues: Vec<(Locale, Catalogue<'a>)>,
}

/// Source text and what it reads like in one locale; neither side is empty.
///
/// Callers choose the texts, so the hash has a random seed.
pub type Catalogue<'a> = HashMap<Cow<'a, str>, Cow<'a, str>>;
