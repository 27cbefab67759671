//! What the writer of a kept document was told to look at.

use crate::delivery::far_versions::warn_of_far_versions;
use crate::document::{Rules, read_instance};
use crate::domain::{ApprovalInstance, WarningCode, Warnings};
use crate::ledger::{Body, DeliveryRecord, LedgerError};

/// What is said of a version that was raised.
const RAISED: &str = "is not later than the version that the instance has; the next one after that was sent";

/// Says that a document is sent with a later version than its own.
pub fn warn_of_raised_version(warnings: &mut Warnings) {
    warnings.add(WarningCode::VersionRaised, "/updated_at", RAISED);
}

/// What the writer of a kept document was told when it was accepted; `instance` is what is read of it.
pub fn kept_warnings(record: &DeliveryRecord, instance: &ApprovalInstance<'_>) -> Warnings {
    let mut warnings = instance.warnings.clone();
    warn_of_far_versions(instance, record.accepted_at, &mut warnings);
    if instance.updated_at.is_some_and(|version| version < record.version) {
        warn_of_raised_version(&mut warnings);
    }
    warnings
}

/// The same of a document as it is kept; nothing of one that cannot be read any more.
///
/// # Errors
/// When it cannot be unpacked.
pub fn warnings_of(
    record: &DeliveryRecord,
    body: &Body,
    rules: Rules,
) -> Result<Option<Warnings>, LedgerError> {
    let json = body.json()?;
    let instance = read_instance(&json, Some(&record.key.instance_id), record.mode, rules);
    Ok(instance.ok().map(|instance| kept_warnings(record, &instance)))
}
