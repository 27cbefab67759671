//! Creates and updates definitions.

use bytes::Bytes;

use super::call::Called;
use super::failure::CallError;
use super::translate::external_approval;
use super::wire::DefinitionAnswer;
use super::{Api, FeishuClient, encode};
use crate::deadline::Deadline;
use crate::domain::ApprovalDefinition;

/// A definition that Feishu has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpsertedDefinition {
    /// The *real* code, the one that pushes use.
    pub approval_code: String,
    /// Feishu's id of the exchange.
    pub log_id: Option<String>,
}

impl FeishuClient {
    /// Creates the definition, or updates the one with the same key (contract §3.3).
    ///
    /// # Errors
    /// When Feishu refuses it, cannot be reached, or does not answer before the deadline.
    pub async fn upsert_definition(
        &self,
        definition: &ApprovalDefinition<'_>,
        deadline: Deadline,
    ) -> Result<UpsertedDefinition, CallError> {
        let query = format!(
            "?department_id_type={}&user_id_type={}",
            definition.department_id_type.wire_name(),
            definition.user_id_type.wire_name()
        );
        let body: Bytes = encode(&external_approval(definition));
        let Called { success, .. } =
            self.call::<DefinitionAnswer>(Api::UpsertDefinition, &query, body, deadline).await?;
        Ok(UpsertedDefinition { approval_code: success.data.approval_code, log_id: success.log_id })
    }
}
