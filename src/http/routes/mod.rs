//! The operations of the API: each file declares those of one kind, reads their requests, makes one call, and wraps what
//! comes back.

mod caller;
mod definitions;
mod deliveries;
mod documents;
mod events;
mod imports;
mod instance_checks;
mod instances;
mod messages;
mod patch_instance;
mod problems;
mod searches;
mod task_statuses;
mod user_tasks;
mod visibility;

pub(super) use problems::routes as problems;

use super::health;
use super::operation::{Operation, Route};
use super::state::ApiState;

/// The routes that ask for a caller's key, in the order in which people come for them.
pub(super) fn api() -> Vec<Route<ApiState>> {
    let mut routes = Vec::from(instances::routes());
    routes.extend(documents::routes());
    routes.extend(deliveries::routes());
    routes.extend(imports::routes());
    routes.extend(events::routes());
    routes.extend(instance_checks::routes());
    routes.extend(task_statuses::routes());
    routes.extend(searches::routes());
    routes.extend(user_tasks::routes());
    routes.extend(definitions::routes());
    routes.push(caller::route());
    routes.extend(messages::routes());
    routes
}

/// Every operation of the OpenAPI file, in the order in which people come for them.
pub(super) fn operations() -> Vec<Operation> {
    let mut operations: Vec<_> = api().into_iter().map(|route| route.operation).collect();
    operations.extend(problems::<()>().map(|route| route.operation));
    operations.extend(health::routes().map(|route| route.operation));
    operations
}
