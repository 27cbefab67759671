//! What the writer of a kept document was told to look at.

use futures_util::future::try_join_all;

use crate::delivery::far_versions::warn_of_far_versions;
use crate::document::{Rules, read_instance};
use crate::domain::{ApprovalInstance, WarningCode, Warnings};
use crate::ledger::{DeliveryRecord, Kept, Ledger, LedgerError};

/// Documents of a list that are read at the same time: a list leaves the ledger to others, too.
const READ_AT_ONCE: usize = 4;

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

/// How an instance stands, and what the writer of its document was told; no warnings of a document that is not kept any more, or
/// cannot be read.
pub type Warned = (DeliveryRecord, Option<Warnings>);

/// How an instance stands with its kept document.
///
/// # Errors
/// When the document cannot be unpacked.
pub(super) fn warned(Kept { record, body }: Kept, rules: Rules) -> Result<Warned, LedgerError> {
    let json = body.json()?;
    let instance = read_instance(&json, Some(&record.key.instance_id), record.mode, rules);
    let warnings = instance.ok().map(|instance| kept_warnings(&record, &instance));
    Ok((record, warnings))
}

/// The same of instances that were found in the ledger. One that has changed since is told as it stands now, so that a document's
/// warnings stand beside its own revision.
///
/// # Errors
/// When the ledger fails.
pub async fn all_warned(
    ledger: &dyn Ledger,
    found: Vec<DeliveryRecord>,
    rules: Rules,
) -> Result<Vec<Warned>, LedgerError> {
    let mut all = Vec::with_capacity(found.len());
    let mut found = found.into_iter();
    loop {
        let some = found.by_ref().take(READ_AT_ONCE).map(|record| async move {
            match ledger.document(&record.key).await? {
                Some(kept) => warned(kept, rules),
                None => Ok((record, None)),
            }
        });
        let some = try_join_all(some).await?;
        if some.is_empty() {
            return Ok(all);
        }
        all.extend(some);
    }
}
