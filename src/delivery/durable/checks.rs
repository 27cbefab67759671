//! What is asked when Feishu is asked what it has, and when.

use std::time::Duration;

use super::schedule;
use super::shared::Shared;
use super::trouble::Trouble;
use crate::delivery::verification::sent_versions;
use crate::document::read_instance;
use crate::domain::{KnownVersions, Timestamp};
use crate::feishu::{StaleInstance, VersionState};
use crate::ledger::{DeliveryRecord, Kept};

/// The versions that Feishu should have of a kept document.
pub(super) fn kept_versions(shared: &Shared, kept: &Kept) -> Result<KnownVersions, Trouble> {
    let Kept { record, body } = kept;
    let json = body.json().map_err(Trouble::Ledger)?;
    let id = Some(&*record.key.instance_id);
    let instance = read_instance(&json, id, record.mode, shared.rules).map_err(Trouble::Unreadable)?;
    Ok(sent_versions(&instance, record.version))
}

/// When an instance is checked after a check that agrees.
pub(super) fn next_check(shared: &Shared, record: &DeliveryRecord) -> Option<Timestamp> {
    let elapsed = record.sent.map_or(Duration::ZERO, |sent| shared.since(sent.at));
    let reconcile = shared.settings.reconcile;
    let after = schedule::next_check(record.checks + 1, elapsed, record.status.is_final(), reconcile);
    after.map(|after| shared.later(after))
}

/// The latest version that Feishu has of the instance or a task, if it is later than all that were ever sent from here.
pub(super) fn ahead(record: &DeliveryRecord, stale: &StaleInstance) -> Option<Timestamp> {
    let own = (stale.state, stale.feishu_updated_at);
    let tasks = stale.tasks.iter().map(|task| (task.state, task.feishu_updated_at));
    let ahead = std::iter::once(own).chain(tasks).filter(|(state, _)| *state == VersionState::Ahead);
    ahead.filter_map(|(_, version)| version).filter(|version| *version > record.clock).max()
}
