//! A definition that was upserted through this gateway.

use serde_json::value::RawValue;

use crate::domain::Timestamp;
use crate::ledger::DefinitionRecord;
use crate::schema::shown;

shown! {
    /// A definition as it was last upserted through this gateway.
    pub(in crate::http) struct DefinitionItem {
        /// Your key of it.
        definition_key: String { required: true, example: "\"leave\"" },
        /// Feishu's code of it, which pushes need.
        approval_code: String { required: true, example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// What was upserted, without callback secrets.
        definition: Option<Box<RawValue>> { example: "{\"definition_key\":\"leave\",\"name\":\"请假\"}" },
        /// When it was upserted last.
        upserted_at: Timestamp { required: true, example: "\"2026-11-20T01:30:00.000Z\"" },
        /// The name of the key that did it.
        caller: Option<String> { example: "\"erp\"" },
    }
}

impl From<DefinitionRecord> for DefinitionItem {
    fn from(record: DefinitionRecord) -> Self {
        let DefinitionRecord { definition_key, approval_code, json, caller, updated_at } = record;
        Self {
            definition_key,
            approval_code,
            definition: RawValue::from_string(json).ok(),
            upserted_at: updated_at,
            caller,
        }
    }
}
