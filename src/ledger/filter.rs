//! Which deliveries are meant.

use super::import::ImportId;
use super::page::DeliveryCursor;
use super::record::DeliveryRecord;
use super::words::DeliveryState;
use crate::domain::Timestamp;

/// Deliveries that have all of these; an absent member is anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// One of these states; empty for all.
    pub states: Vec<DeliveryState>,
    /// Of this definition.
    pub approval_code: Option<String>,
    /// Sent by this caller.
    pub caller: Option<String>,
    /// With a last problem of this code.
    pub problem: Option<String>,
    /// Accepted then or later.
    pub accepted_from: Option<Timestamp>,
    /// Accepted before.
    pub accepted_to: Option<Timestamp>,
    /// Of this instance.
    pub instance_id: Option<String>,
    /// Waiting or refused for this import.
    pub import: Option<ImportId>,
}

impl DeliveryFilter {
    /// Whether this delivery is meant.
    pub fn matches(&self, record: &DeliveryRecord) -> bool {
        let Self { states, approval_code, caller, problem, accepted_from, accepted_to, instance_id, import } =
            self;
        let Some(state) = record.state else { return false };
        (states.is_empty() || states.contains(&state))
            && approval_code.as_ref().is_none_or(|code| *code == record.approval_code)
            && caller.as_ref().is_none_or(|caller| Some(caller) == record.caller.as_ref())
            && problem
                .as_ref()
                .is_none_or(|code| record.problem.as_ref().is_some_and(|problem| problem.code() == code))
            && accepted_from.is_none_or(|from| record.accepted_at >= from)
            && accepted_to.is_none_or(|to| record.accepted_at < to)
            && instance_id.as_ref().is_none_or(|id| *id == record.key.instance_id)
            && import.is_none_or(|import| record.lane.import() == Some(import))
    }

    /// Whether this delivery is meant, and lies behind a position in the list.
    pub(super) fn matches_behind(
        &self,
        after: Option<DeliveryCursor>,
        record: &DeliveryRecord,
        instance_no: i64,
    ) -> bool {
        self.matches(record) && after.is_none_or(|after| DeliveryCursor::of(record, instance_no) < after)
    }
}
