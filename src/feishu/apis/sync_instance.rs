//! Pushes one instance (contract §4).

use bytes::Bytes;
use tokio_util::task::TaskTracker;

use crate::feishu::api::Api;
use crate::feishu::call::Permit;
use crate::feishu::client::FeishuClient;
use crate::feishu::failure::CallError;
use crate::feishu::report::Called;
use crate::feishu::transport::Request;
use crate::feishu::wire::{InstanceAnswer, ProcessRecord};
use crate::support::deadline::Deadline;

impl FeishuClient {
    /// Sends the payload of a push, by somebody who has a permit for [`Api::SyncInstance`]. Answers what Feishu counted,
    /// when it did. An attempt that took too long may still reach its state: it is awaited in `late`, for some time.
    /// `may_send` is asked right before each attempt; once it says no, nothing more is sent.
    ///
    /// # Errors
    /// When Feishu refuses it, cannot be reached, or does not answer before the deadline.
    pub async fn sync_instance(
        &self,
        permit: Permit,
        payload: Bytes,
        late: TaskTracker,
        deadline: Deadline,
        may_send: &(dyn Fn() -> bool + Sync),
    ) -> Result<Called<Option<ProcessRecord>>, CallError> {
        let request =
            Request { api: Api::SyncInstance, suffix: String::new(), body: Some(payload), late: Some(late) };
        let called = self.call_with::<InstanceAnswer>(permit, request, deadline, may_send).await?;
        Ok(called.map(|answer| answer.process_record.0))
    }
}
