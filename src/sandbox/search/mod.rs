//! Searches over instances, tasks and copies, and one person's lists (contract §7).
//!
//! Texts come resolved. Results lag behind pushes by the switch `search_delay_ms`, except in the lists of one person,
//! which are documented as real-time. Withdrawn instances are dropped after paging, so pages may be short.

mod cc;
mod filter;
mod ids;
mod instances;
mod paging;
mod results;
mod tasks;
mod user_tasks;

pub(super) use cc::search_cc;
pub(super) use filter::Asker;
pub(super) use instances::query_instances;
pub(super) use paging::PageQuery;
pub(super) use tasks::search_tasks;
pub(super) use user_tasks::{UserTaskQuery, user_tasks};
