//! What a caller should look at although its document was taken.

use crate::domain::{Warning, WarningCode, Warnings, Word};
use crate::schema::shapes::words;
use crate::schema::shown;

shown! {
    /// Something that a caller should look at although its document was taken.
    pub(super) struct DocumentWarning as Warning {
        /// Stable word for programs; there may be others.
        code: &'static str { required: true, example: "\"suspicious_link\"", words: Some(words::<WarningCode>) },
        /// JSON Pointer into the document; `*` stands for every index, empty for the whole document.
        pointer: String { required: true, example: "\"/tasks/0/pc_link\"" },
        /// One sentence for people.
        detail: String { required: true, example: "\"has no scheme; write https:// in front of it\"" },
    }
}

/// Most warnings in one answer: some of each code, and a note on the rest.
pub(super) const MOST_WARNINGS: usize = 200;

/// The warnings as they are answered.
pub(super) fn shown_warnings(warnings: Warnings) -> Vec<DocumentWarning> {
    let shown = |Warning { code, pointer, detail }| DocumentWarning {
        code: code.as_str(),
        pointer,
        detail: detail.into_owned(),
    };
    warnings.into_list().into_iter().map(shown).collect()
}
