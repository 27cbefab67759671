//! Which outgoing events are meant (design §4.2).

use crate::document::field::{List, Str};
use crate::document::read::members;
use crate::domain::{EventState, EventType};

members! {
    /// Events that have all of these; at least one must be given.
    struct RawEventFilter<'a> as EventFilterInput {
        /// In one of these states; events that were delivered, or wait, are meant only when their state is named.
        state: List<EventState> { max_items: super::MAX_STATES, example: "[\"dead\"]" },
        /// Of one of these types.
        r#type: List<EventType> { max_items: super::MAX_STATES, example: "[\"delivery.refused\"]" },
        /// About this instance.
        instance_id: Str<'a> { example: "\"leave-1001\"" },
    }
}
