//! Which deliveries are meant (design §3.3).

use crate::document::field::{List, Str, Time};
use crate::document::read::members;
use crate::domain::DeliveryState;

/// Words that a filter may name.
pub(in crate::document) const MAX_STATES: usize = 100;

members! {
    /// Deliveries that have all of these; at least one must be given.
    struct RawDeliveryFilter<'a> as DeliveryFilterInput {
        /// In one of these states.
        state: List<DeliveryState> { max_items: MAX_STATES, example: "[\"refused\"]" },
        /// Of this instance.
        instance_id: Str<'a> { example: "\"leave-1001\"" },
        /// Of this definition.
        approval_code: Str<'a> { example: "\"7C468A54-8745-2245-9675-08B7C63E7A85\"" },
        /// Sent with the key of this name.
        caller: Str<'a> { example: "\"erp\"" },
        /// With a last problem of this code.
        problem: Str<'a> { example: "\"upstream_rejected\"" },
        /// Accepted at this time or later.
        accepted_from: Time { example: "\"2026-11-20T00:00:00Z\"" },
        /// Accepted before this time.
        accepted_to: Time { example: "\"2026-11-21T00:00:00Z\"" },
    }
}
