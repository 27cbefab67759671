//! The free-form object that travels beside a document.

use std::borrow::Cow;

/// A JSON object as compact text; numbers and member order are as the caller wrote them.
///
/// Feishu takes it as a string (contract §4.1, `extra`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra<'a>(Cow<'a, str>);

impl<'a> Extra<'a> {
    /// Wraps the compact text of a JSON object; the reader of the document vouches for it.
    pub(crate) fn from_compact_object(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
