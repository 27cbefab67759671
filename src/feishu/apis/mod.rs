//! The methods of [`FeishuClient`](super::FeishuClient), one for each API: they build requests and read answers.
//!
//! Lists that Feishu hands out in pages share [`listing`]; searches cut a [`time_range`] into windows that Feishu takes.

mod check_instances;
mod definitions;
mod listing;
mod messages;
mod people;
mod search;
mod sync_instance;
mod task_statuses;
mod time_range;
mod user_tasks;

pub use check_instances::{StaleInstance, StaleTask, VersionState};
pub use listing::{Batch, ListError, Listing, Page, Position, Walk};
pub use people::{FoundPeople, MOST_OF_A_KIND};
pub use search::{Search, SearchFilter, Target};
pub use task_statuses::{TaskStatusFilter, TaskStatuses};
pub use time_range::TimeRange;
pub use user_tasks::UserTasks;
