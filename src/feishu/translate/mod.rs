//! From the domain to Feishu's payloads; pure, and exhaustive: a new field does not compile until it has a place.

mod definition;
mod ignored;
mod instance;

pub use definition::definition_payload;
pub use ignored::{IgnoredByUpdate, ignored_by_update};
pub use instance::instance_payload;
