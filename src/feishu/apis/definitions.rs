//! Creates, updates and reads definitions.

use crate::domain::{ApprovalDefinition, UserIdType};
use crate::feishu::api::Api;
use crate::feishu::call::Called;
use crate::feishu::client::FeishuClient;
use crate::feishu::encoding::query_value;
use crate::feishu::failure::CallError;
use crate::feishu::translate::definition_payload;
use crate::feishu::transport::Request;
use crate::feishu::wire::{DefinitionAnswer, StoredDefinition};
use crate::support::deadline::Deadline;

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
        let suffix = format!(
            "?department_id_type={}&user_id_type={}",
            definition.department_id_type.wire_name(),
            definition.user_id_type.wire_name()
        );
        let body = Some(definition_payload(definition));
        let request = Request { api: Api::UpsertDefinition, suffix, body };
        let Called { success, .. } = self.call::<DefinitionAnswer>(request, deadline).await?;
        Ok(UpsertedDefinition { approval_code: success.data.approval_code, log_id: success.log_id })
    }

    /// The definition with this *real* code; secrets are dropped while it is read.
    ///
    /// # Errors
    /// When Feishu does not know the code, cannot be reached, or does not answer before the deadline.
    pub async fn get_definition(
        &self,
        approval_code: &str,
        user_id_type: UserIdType,
        deadline: Deadline,
    ) -> Result<StoredDefinition, CallError> {
        let suffix = format!("/{}?user_id_type={}", query_value(approval_code), user_id_type.wire_name());
        let request = Request { api: Api::GetDefinition, suffix, body: None };
        Ok(self.call::<StoredDefinition>(request, deadline).await?.success.data)
    }
}
