//! One user's lists, as Feishu shows them right now (contract §7.4).

use super::listing::{ListError, Listing, Page, Position};
use crate::domain::{Topic, UserIdType};
use crate::feishu::api::Api;
use crate::feishu::client::FeishuClient;
use crate::feishu::context::CallContext;
use crate::feishu::encoding::query_value;
use crate::feishu::transport::Request;
use crate::feishu::wire::{UserTaskNode, UserTaskPage};

/// Contract §7.4: pages hold at most 200 entries.
const MAX_PAGE_SIZE: usize = 200;

/// One list of one user.
#[derive(Debug, Clone)]
pub struct UserTasks {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub topic: Topic,
    /// Which kind of id `user_id` is.
    pub user_id_type: UserIdType,
}

impl Listing for UserTasks {
    type Item = UserTaskNode;

    fn api(&self) -> Api {
        Api::QueryUserTasks
    }

    fn segments(&self) -> u32 {
        1
    }

    fn page_size(&self, wanted: usize) -> u32 {
        // Between 1 and 200, so it fits.
        wanted.clamp(1, MAX_PAGE_SIZE) as u32
    }

    fn identity<'i>(&self, entry: &'i UserTaskNode) -> Option<[&'i str; 2]> {
        Some([entry.task_id.0.as_deref()?, entry.process_id.0.as_deref().unwrap_or_default()])
    }

    async fn fetch(
        &self,
        client: &FeishuClient,
        at: &Position,
        context: &CallContext,
    ) -> Result<Page<UserTaskNode>, ListError> {
        let mut suffix = format!(
            "?page_size={}&user_id={}&topic={}&user_id_type={}",
            at.page_size,
            query_value(&self.user_id),
            self.topic.wire_name(),
            self.user_id_type.wire_name()
        );
        if let Some(token) = &at.token {
            suffix += &format!("&page_token={}", query_value(token));
        }
        let request = Request { api: Api::QueryUserTasks, suffix, body: None, late: None };
        let called = client.call::<UserTaskPage>(request, context).await?;
        Page::read(Api::QueryUserTasks, called.map(|UserTaskPage { tasks, more }| (tasks, more)), at)
    }
}
