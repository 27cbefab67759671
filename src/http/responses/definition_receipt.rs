//! What a caller is told about a definition that Feishu took.

use super::warning::{DocumentWarning, MOST_WARNINGS, shown_warnings};
use crate::domain::Warnings;
use crate::schema::shown;

shown! {
    /// A definition's two codes.
    pub(in crate::http) struct DefinitionReceipt {
        /// Your own code.
        definition_key: String { required: true, example: "\"hr-leave\"" },
        /// Feishu's code, the one that pushes use.
        approval_code: String { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// Whether this made a new definition; absent where that cannot be known, for Feishu does not say it. It is known when
        /// the request named the `approval_code`.
        created: Option<bool> { example: "false" },
        /// What you should look at although the definition was taken.
        warnings: Vec<DocumentWarning> { required: true, max_items: MOST_WARNINGS },
        /// Feishu's id of the exchange; quote it to Feishu's support.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
    }
}

impl DefinitionReceipt {
    pub(in crate::http) fn new(
        definition_key: String,
        approval_code: String,
        known_code: Option<&str>,
        warnings: Warnings,
        log_id: Option<String>,
    ) -> Self {
        let created = known_code.map(|known| known != approval_code);
        Self { definition_key, approval_code, created, warnings: shown_warnings(warnings), log_id }
    }
}
