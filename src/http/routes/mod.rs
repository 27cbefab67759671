//! The operations of the API: each file reads requests of one kind, makes one call, and wraps what comes back.

mod definitions;
mod instance_checks;
mod instances;
mod problems;
mod searches;
mod task_statuses;
mod user_tasks;

use axum::Router;

use super::state::ApiState;

/// Every route that asks for a caller's key.
pub(super) fn api() -> Router<ApiState> {
    instances::routes()
        .merge(instance_checks::routes())
        .merge(definitions::routes())
        .merge(searches::routes())
        .merge(task_statuses::routes())
        .merge(user_tasks::routes())
}

pub(super) use problems::routes as problem_catalogue;
