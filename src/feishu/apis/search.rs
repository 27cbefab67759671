//! The three searches: instances, tasks, copies (contract §7.1 – §7.3).

use super::listing::{ListError, Listing, Page, Position};
use super::time_range::TimeRange;
use crate::domain::{InstanceStatusFilter, Locale, TaskOrder, TaskStatusFilter, UserIdType};
use crate::feishu::api::Api;
use crate::feishu::client::FeishuClient;
use crate::feishu::context::CallContext;
use crate::feishu::encoding::query_value;
use crate::feishu::transport::Request;
use crate::feishu::wire::{Found, Millis, SearchBody, SearchPage};

/// Contract §7: pages hold 5 to 200 items.
const PAGE_SIZES: std::ops::RangeInclusive<usize> = 5..=200;

/// What all three searches can be narrowed by.
#[derive(Debug, Clone, Default)]
pub struct SearchFilter {
    /// A person: who started it, whose task or copy it is.
    pub user_id: Option<String>,
    /// The real code; matches either this or the group.
    pub approval_code: Option<String>,
    /// The caller's code of a group.
    pub definition_group: Option<String>,
    /// Feishu's code of an instance; matches either this or the caller's id.
    pub instance_code: Option<String>,
    /// The caller's id of an instance.
    pub instance_id: Option<String>,
    /// Part of the title.
    pub title: Option<String>,
    /// When it began (for copies: when it was sent).
    pub span: Option<TimeRange>,
    /// The language of the answer's texts.
    pub locale: Option<Locale>,
}

/// Which search, and what only that one can be narrowed by.
#[derive(Debug, Clone)]
pub enum Target {
    /// `instances/query`.
    Instances {
        /// Where they stand.
        status: Option<InstanceStatusFilter>,
    },
    /// `tasks/search`.
    Tasks {
        /// Where they stand; several are alternatives.
        statuses: Vec<TaskStatusFilter>,
        /// In which order they come.
        order: Option<TaskOrder>,
    },
    /// `instances/search_cc`.
    Cc {
        /// Whether they were read.
        read: Option<bool>,
    },
}

/// A search.
#[derive(Debug, Clone)]
pub struct Search {
    /// What is searched for.
    pub target: Target,
    /// What narrows it.
    pub filter: SearchFilter,
    /// Which kind of ids is asked for and answered.
    pub user_id_type: UserIdType,
}

impl Search {
    /// The window of a segment. Newest first, unless the caller wants the oldest first.
    fn window(&self, segment: u32) -> Option<(Millis, Millis)> {
        let span = self.filter.span?;
        let oldest_first = matches!(
            self.target,
            Target::Tasks { order: Some(TaskOrder::StartedAsc | TaskOrder::UpdatedAsc), .. }
        );
        let (from, to) = if oldest_first { span.nth_oldest(segment) } else { span.nth_newest(segment) };
        Some((Millis(from), Millis(to)))
    }

    fn body(&self, segment: u32) -> SearchBody<'_> {
        let SearchFilter {
            user_id,
            approval_code,
            definition_group,
            instance_code,
            instance_id,
            title,
            span: _,
            locale,
        } = &self.filter;
        let shared = SearchBody {
            user_id: user_id.as_deref(),
            approval_code: approval_code.as_deref(),
            instance_code: instance_code.as_deref(),
            instance_external_id: instance_id.as_deref(),
            group_external_id: definition_group.as_deref(),
            locale: locale.map(Locale::as_str),
            ..SearchBody::default()
        };
        let title = title.as_deref();
        let (from, to) = self.window(segment).unzip();
        match &self.target {
            Target::Instances { status } => SearchBody {
                instance_title: title,
                instance_status: status.map(InstanceStatusFilter::wire_name),
                instance_start_time_from: from,
                instance_start_time_to: to,
                ..shared
            },
            Target::Tasks { statuses, order } => {
                let mut words = statuses.iter().copied().map(TaskStatusFilter::wire_name);
                let (one, several) = match statuses.len() {
                    0 | 1 => (words.next(), None),
                    _ => (None, Some(words.collect())),
                };
                SearchBody {
                    task_title: title,
                    task_status: one,
                    task_status_list: several,
                    task_start_time_from: from,
                    task_start_time_to: to,
                    order: order.map(|order| match order {
                        TaskOrder::UpdatedDesc => 0,
                        TaskOrder::UpdatedAsc => 1,
                        TaskOrder::StartedDesc => 2,
                        TaskOrder::StartedAsc => 3,
                    }),
                    ..shared
                }
            }
            Target::Cc { read } => SearchBody {
                cc_title: title,
                read_status: read.map(|read| if read { "READ" } else { "UNREAD" }),
                cc_create_time_from: from,
                cc_create_time_to: to,
                ..shared
            },
        }
    }
}

impl Listing for Search {
    type Item = Found;

    fn api(&self) -> Api {
        match self.target {
            Target::Instances { .. } => Api::QueryInstances,
            Target::Tasks { .. } => Api::SearchTasks,
            Target::Cc { .. } => Api::SearchCc,
        }
    }

    fn segments(&self) -> u32 {
        self.filter.span.map_or(1, TimeRange::windows)
    }

    fn page_size(&self, wanted: usize) -> u32 {
        // Between 5 and 200, so it fits.
        wanted.clamp(*PAGE_SIZES.start(), *PAGE_SIZES.end()) as u32
    }

    fn identity<'i>(&self, found: &'i Found) -> Option<[&'i str; 2]> {
        match self.target {
            Target::Instances { .. } => found.instance.code.0.as_deref().map(|code| [code, ""]),
            Target::Tasks { .. } => found.task.task_id.0.as_deref().map(|id| [id, ""]),
            // Feishu returns no id of a copy, and one person may have two of one instance.
            Target::Cc { .. } => None,
        }
    }

    async fn fetch(
        &self,
        client: &FeishuClient,
        at: &Position,
        context: &CallContext,
    ) -> Result<Page<Found>, ListError> {
        let mut request = Request::json(self.api(), &self.body(at.segment));
        request.suffix =
            format!("?page_size={}&user_id_type={}", at.page_size, self.user_id_type.wire_name());
        if let Some(token) = &at.token {
            request.suffix += &format!("&page_token={}", query_value(token));
        }
        let called = client.call::<SearchPage>(request, context).await?;
        Page::read(self.api(), called.map(|SearchPage { list, more }| (list, more)), at)
    }
}
