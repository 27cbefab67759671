//! The rules of a filter of outgoing events.

use std::borrow::Cow;

use super::report::Report;
use super::requests::{MAX_STATES, RawEventFilter};
use crate::domain::{EventState, EventType};

/// Which events are meant: those that have all that is given; something is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSelection {
    /// One of these states; empty for all.
    pub states: Vec<EventState>,
    /// One of these types; empty for all.
    pub types: Vec<EventType>,
    /// About this instance.
    pub instance_id: Option<String>,
}

/// Applies every rule.
pub(super) fn build(raw: RawEventFilter<'_>, report: &mut Report) -> Option<EventSelection> {
    let RawEventFilter { state, r#type, instance_id } = raw;
    if state.has_none() && r#type.has_none() && !instance_id.0.is_given() {
        report.violate_with_hint(
            "required",
            "must have at least one filter, so that nothing is sent again by mistake",
            Some(r#"for example {"state": ["dead"]}"#.to_owned()),
        );
    }
    Some(EventSelection {
        states: state.build_each("state", MAX_STATES, report, |state, _| Some(state)).unwrap_or_default(),
        types: r#type.build_each("type", MAX_STATES, report, |kind, _| Some(kind)).unwrap_or_default(),
        instance_id: instance_id.0.optional().map(Cow::into_owned),
    })
}
