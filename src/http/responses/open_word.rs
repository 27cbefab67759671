//! A word that Feishu may invent more of.

use crate::domain::{FeishuWord, Known};
use crate::feishu::wire::Loose;

/// A word of our vocabulary, or `other` with Feishu's own word beside it (design §2).
#[derive(Debug, Default)]
pub(super) struct OpenWord {
    /// Ours.
    pub(super) word: Option<&'static str>,
    /// Feishu's, when ours is `other`.
    pub(super) raw: Option<String>,
}

impl OpenWord {
    /// The word that a field of an answer holds.
    pub(super) fn of<W: FeishuWord>(field: &Loose) -> Self {
        field.word::<W>().map(Self::from).unwrap_or_default()
    }
}

impl<W: FeishuWord> From<Known<W>> for OpenWord {
    fn from(known: Known<W>) -> Self {
        match known {
            Known::Word(word) => Self { word: Some(word.as_str()), raw: None },
            Known::Other(raw) => Self { word: Some("other"), raw: Some(raw) },
        }
    }
}
