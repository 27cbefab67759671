//! Statuses of instances and their tasks, from whichever generation of the API is configured (contract §6).

use std::sync::Arc;

use super::listing::{ListError, Listing, Page, Position};
use crate::domain::TaskStatus;
use crate::feishu::api::{Api, TaskStatusApi};
use crate::feishu::client::FeishuClient;
use crate::feishu::context::CallContext;
use crate::feishu::encoding::query_value;
use crate::feishu::report::{CallReport, Called};
use crate::feishu::transport::Request;
use crate::feishu::wire::{InstanceStatusNode, LegacyTaskStatusPage, TaskStatusFilterBody, TaskStatusPage};

/// Contract §6.1: at most 20 instance ids or approval codes a call.
const MAX_IDS: usize = 20;

/// Contract §6.1: pages hold at most 500 instances.
const MAX_PAGE_SIZE: usize = 500;

/// Which instances are asked about; Feishu documents no other combinations.
#[derive(Debug, Clone)]
pub enum TaskStatusFilter {
    /// These instances.
    Instances(Vec<String>),
    /// Instances of these definitions that have a task with this status.
    Definitions {
        /// Real codes.
        approval_codes: Vec<String>,
        /// The task's status.
        status: TaskStatus,
        /// Only tasks of these approvers.
        user_ids: Vec<String>,
    },
}

/// A question about statuses.
#[derive(Debug, Clone)]
pub struct TaskStatuses {
    filter: TaskStatusFilter,
}

impl TaskStatuses {
    /// Asks about these instances.
    pub fn new(filter: TaskStatusFilter) -> Self {
        Self { filter }
    }

    fn ids(&self) -> &[String] {
        match &self.filter {
            TaskStatusFilter::Instances(ids) => ids,
            TaskStatusFilter::Definitions { approval_codes, .. } => approval_codes,
        }
    }

    /// The body for one segment's ids.
    fn body(&self, segment: u32) -> TaskStatusFilterBody<'_> {
        let chunk = usize::try_from(segment).ok().and_then(|nth| self.ids().chunks(MAX_IDS).nth(nth));
        let chunk = chunk.unwrap_or_default();
        match &self.filter {
            TaskStatusFilter::Instances(_) => {
                TaskStatusFilterBody { instance_ids: chunk, ..TaskStatusFilterBody::default() }
            }
            TaskStatusFilter::Definitions { status, user_ids, .. } => TaskStatusFilterBody {
                approval_codes: chunk,
                user_ids,
                status: Some(status.wire_name()),
                ..TaskStatusFilterBody::default()
            },
        }
    }

    async fn fetch_v4(
        &self,
        client: &FeishuClient,
        at: &Position,
        context: &CallContext,
    ) -> Result<Page<InstanceStatusNode>, ListError> {
        // The filter is repeated with the token: the page says that it need not be, and it is harmless (contract §6.1).
        let mut request = Request::json(Api::TaskStatuses, &self.body(at.segment));
        request.suffix = format!("?page_size={}", at.page_size);
        if let Some(token) = &at.token {
            request.suffix += &format!("&page_token={}", query_value(token));
        }
        let called = client.call::<TaskStatusPage>(request, context).await?;
        Page::read(Api::TaskStatuses, called.map(|TaskStatusPage { data, more }| (data, more)), at)
    }

    /// The historic list decides its page sizes itself, and whether a scroll id can be used twice is unknown. So a
    /// page that a caller takes in parts is kept until it is used up.
    async fn fetch_v2(
        &self,
        client: &FeishuClient,
        at: &Position,
        context: &CallContext,
    ) -> Result<Page<InstanceStatusNode>, ListError> {
        let kept = at.token.as_ref().and_then(|scroll_id| client.scrolled.get(scroll_id));
        if let Some(page) = kept {
            return Ok(Page { items: page.0.clone(), next: page.1.clone(), report: CallReport::default() });
        }
        if at.skip > 0 && at.token.is_some() {
            return Err(ListError::StalePosition(None));
        }
        let body = match &at.token {
            // Contract §6.2: a scroll id stands alone.
            Some(scroll_id) => {
                TaskStatusFilterBody { scroll_id: Some(scroll_id), ..TaskStatusFilterBody::default() }
            }
            None => self.body(at.segment),
        };
        let request = Request::json(Api::LegacyTaskStatuses, &body);
        let called = client.call::<LegacyTaskStatusPage>(request, context).await?;
        let Called { data: LegacyTaskStatusPage { data, scroll_id }, report, .. } = called;
        let next = scroll_id.0;
        if let Some(asked) = &at.token
            && next.as_ref() != Some(asked)
        {
            client.scrolled.insert(asked.clone(), Arc::new((data.clone(), next.clone())));
        }
        Ok(Page { items: data, next, report })
    }
}

impl Listing for TaskStatuses {
    type Item = InstanceStatusNode;

    fn api(&self) -> Api {
        Api::TaskStatuses
    }

    fn segments(&self) -> u32 {
        u32::try_from(self.ids().chunks(MAX_IDS).len().max(1)).unwrap_or(u32::MAX)
    }

    fn page_size(&self, wanted: usize) -> u32 {
        // Between 1 and 500, so it fits.
        wanted.clamp(1, MAX_PAGE_SIZE) as u32
    }

    fn identity<'i>(&self, node: &'i InstanceStatusNode) -> Option<[&'i str; 2]> {
        Some([node.instance_id.0.as_deref()?, node.approval_code.0.as_deref().unwrap_or_default()])
    }

    async fn fetch(
        &self,
        client: &FeishuClient,
        at: &Position,
        context: &CallContext,
    ) -> Result<Page<InstanceStatusNode>, ListError> {
        match client.task_status_api {
            TaskStatusApi::V4 => self.fetch_v4(client, at, context).await,
            TaskStatusApi::V2 => self.fetch_v2(client, at, context).await,
        }
    }
}

impl FeishuClient {
    /// What Feishu has of one instance; `None` when it has none.
    ///
    /// # Errors
    /// When Feishu refuses the question, cannot be reached, or does not answer before the deadline.
    pub async fn get_instance(
        &self,
        instance_id: &str,
        context: &CallContext,
    ) -> Result<Called<Option<InstanceStatusNode>>, ListError> {
        let question = TaskStatuses::new(TaskStatusFilter::Instances(vec![instance_id.to_owned()]));
        let batch = self.list(&question, question.start(1), 1, context).await?;
        let found = batch.items.into_iter().find(|node| node.instance_id.0.as_deref() == Some(instance_id));
        Ok(Called { data: found, log_id: batch.report.log_id.clone(), report: batch.report })
    }
}
