//! The rules of a change of an import.

use super::report::Report;
use super::requests::RawImportChange;
use crate::domain::ImportState;

/// Most that a bound can be; no app of Feishu's has a higher rate.
pub const MOST_PER_MINUTE: u32 = 60_000;

/// A change of an import; what is absent stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportChange {
    /// What it does from now on.
    pub state: Option<ImportState>,
    /// Most documents that are delivered in a minute; 0 takes the bound away.
    pub per_minute: Option<u32>,
}

/// Applies every rule.
pub(super) fn build(raw: RawImportChange, report: &mut Report) -> Option<ImportChange> {
    let RawImportChange { state, per_minute } = raw;
    if !state.0.is_given() && !per_minute.0.is_given() {
        report.violate("required", "must have a state or per_minute");
    }
    let state = state.0.optional();
    let per_minute = per_minute.0.optional().and_then(|number| {
        let bounded = u32::try_from(number).ok().filter(|number| *number <= MOST_PER_MINUTE);
        if bounded.is_none() {
            let detail = format!("must be a whole number from 0 to {MOST_PER_MINUTE}");
            report.within_name("per_minute", |report| report.violate("invalid_value", detail));
        }
        bounded
    });
    Some(ImportChange { state, per_minute })
}
