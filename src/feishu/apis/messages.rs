//! Sends messages of the approval bot, and updates them (contract §10).

use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::feishu::api::Api;
use crate::feishu::client::FeishuClient;
use crate::feishu::context::CallContext;
use crate::feishu::failure::CallError;
use crate::feishu::report::Called;
use crate::feishu::transport::Request;
use crate::feishu::wire::MessageAnswer;

impl FeishuClient {
    /// Sends the payload of a message; answers its id. Its uuid makes it safe to be tried again.
    ///
    /// # Errors
    /// When Feishu refuses it, cannot be reached, or does not answer before the deadline.
    pub async fn send_message(
        &self,
        payload: Bytes,
        context: &CallContext,
    ) -> Result<Called<String>, CallError> {
        let called = self.message::<MessageAnswer>(self.send_message_api(), payload, context).await?;
        Ok(called.map(|answer| answer.message_id))
    }

    /// Sends the payload of a change of a message.
    ///
    /// # Errors
    /// As for [`Self::send_message`].
    pub async fn update_message(
        &self,
        payload: Bytes,
        context: &CallContext,
    ) -> Result<Called<()>, CallError> {
        let called = self.message::<IgnoredAny>(self.update_message_api(), payload, context).await?;
        Ok(called.map(|_| ()))
    }

    async fn message<T: DeserializeOwned>(
        &self,
        api: Api,
        payload: Bytes,
        context: &CallContext,
    ) -> Result<Called<T>, CallError> {
        let request = Request { api, suffix: String::new(), body: Some(payload), late: None };
        self.call(request, context).await
    }
}
