//! From the domain to Feishu's payloads; pure, and exhaustive: a new field does not compile until it has a place.
//!
//! The way back is `pointers`: where Feishu's complaints about a payload lie in the caller's document.

mod definition;
mod ignored;
mod instance;
mod message;
mod oversized;
mod pointers;

pub use definition::definition_payload;
pub use ignored::{IgnoredByUpdate, ignored_by};
pub use instance::instance_payload;
pub use message::{message_payload, message_update_payload};
pub use oversized::OversizedPayload;
pub use pointers::{
    alias_pointers, as_written, check_pointer, definition_pointer, instance_pointer, message_pointer,
    query_pointer,
};
