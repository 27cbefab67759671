//! The rules of a filter of deliveries.

use std::borrow::Cow;

use super::field::Field;
use super::report::Report;
use super::requests::{MAX_STATES, RawDeliveryFilter};
use crate::domain::{DeliveryState, Timestamp};

/// Which deliveries are meant: those that have all that is given; something is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliverySelection {
    /// One of these states; empty for all.
    pub states: Vec<DeliveryState>,
    /// Of this instance.
    pub instance_id: Option<String>,
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
}

/// Applies every rule.
pub(super) fn build(raw: RawDeliveryFilter<'_>, report: &mut Report) -> Option<DeliverySelection> {
    let RawDeliveryFilter { state, instance_id, approval_code, caller, problem, accepted_from, accepted_to } =
        raw;
    let is_given = !state.has_none()
        || [&instance_id, &approval_code, &caller, &problem].iter().any(|text| text.0.is_given())
        || accepted_from.0.is_given()
        || accepted_to.0.is_given();
    if !is_given {
        report.violate_with_hint(
            "required",
            "must have at least one filter, so that nothing is retried by mistake",
            Some(r#"for example {"state": ["refused"]}"#.to_owned()),
        );
    }
    let text = |text: Field<Cow<'_, str>>| text.optional().map(Cow::into_owned);
    let (accepted_from, accepted_to) = (accepted_from.0.optional(), accepted_to.0.optional());
    if accepted_from.zip(accepted_to).is_some_and(|(from, to)| to < from) {
        report.within_name("accepted_to", |report| {
            report.violate("contradiction", "lies before accepted_from");
        });
    }
    Some(DeliverySelection {
        states: state.build_each("state", MAX_STATES, report, |state, _| Some(state)).unwrap_or_default(),
        instance_id: text(instance_id.0),
        approval_code: text(approval_code.0),
        caller: text(caller.0),
        problem: text(problem.0),
        accepted_from,
        accepted_to,
    })
}
