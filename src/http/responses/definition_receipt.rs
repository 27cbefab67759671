//! What a caller is told about a definition that Feishu took.

use crate::schema::shown;

shown! {
    /// A definition's two codes.
    pub(in crate::http) struct DefinitionReceipt {
        /// Your own code.
        definition_key: String { required: true, example: "\"hr-leave\"" },
        /// Feishu's code, the one that pushes use.
        approval_code: String { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// Feishu's id of the exchange; quote it to Feishu's support.
        log_id: Option<String> { example: "\"20261121102620673D66C3E5D448AF87\"" },
    }
}

impl DefinitionReceipt {
    pub(in crate::http) fn new(
        definition_key: String,
        approval_code: String,
        log_id: Option<String>,
    ) -> Self {
        Self { definition_key, approval_code, log_id }
    }
}
