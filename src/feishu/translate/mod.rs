//! From the domain to Feishu's payloads; pure, and exhaustive: a new field does not compile until it has a place.

mod definition;
mod ignored;
mod instance;
mod texts;

pub use definition::external_approval;
pub use ignored::{IgnoredByUpdate, ignored_by_update};
pub use instance::{external_instance, instance_payload};
