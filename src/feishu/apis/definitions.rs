//! Creates, updates and reads definitions.

use bytes::Bytes;
use secrecy::SecretString;

use crate::domain::{DepartmentIdType, UserIdType};
use crate::feishu::api::Api;
use crate::feishu::client::FeishuClient;
use crate::feishu::context::CallContext;
use crate::feishu::encoding::query_value;
use crate::feishu::failure::CallError;
use crate::feishu::report::Called;
use crate::feishu::transport::Request;
use crate::feishu::wire::{DefinitionAnswer, StoredDefinition};

impl FeishuClient {
    /// Hides a secret of a definition that is about to be sent wherever Feishu quotes it.
    pub fn hide(&self, secret: &SecretString) {
        self.transport.secrets().add(secret);
    }

    /// Sends the payload of a definition: creates it, or updates the one with the same key (contract §3.3). Answers the *real*
    /// code, the one that pushes use.
    ///
    /// # Errors
    /// When Feishu refuses it, cannot be reached, or does not answer before the deadline.
    pub async fn upsert_definition(
        &self,
        payload: Bytes,
        user_id_type: UserIdType,
        department_id_type: DepartmentIdType,
        context: &CallContext,
    ) -> Result<Called<String>, CallError> {
        let suffix = format!(
            "?department_id_type={}&user_id_type={}",
            department_id_type.wire_name(),
            user_id_type.wire_name()
        );
        let request = Request { api: Api::UpsertDefinition, suffix, body: Some(payload), late: None };
        let called = self.call::<DefinitionAnswer>(request, context).await?;
        Ok(called.map(|answer| answer.approval_code))
    }

    /// The definition with this *real* code; secrets are dropped while it is read.
    ///
    /// # Errors
    /// When Feishu does not know the code, cannot be reached, or does not answer before the deadline.
    pub async fn get_definition(
        &self,
        approval_code: &str,
        user_id_type: UserIdType,
        context: &CallContext,
    ) -> Result<Called<StoredDefinition>, CallError> {
        let suffix = format!("/{}?user_id_type={}", query_value(approval_code), user_id_type.wire_name());
        let request = Request { api: Api::GetDefinition, suffix, body: None, late: None };
        self.call(request, context).await
    }
}
