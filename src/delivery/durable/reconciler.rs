//! Asks Feishu what it has of what was delivered, and has what differs delivered again (design §3.4).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::checks::{ahead, kept_versions, next_check};
use super::schedule;
use super::shared::Shared;
use super::trouble::Trouble;
use crate::domain::{KnownVersions, Timestamp};
use crate::feishu::{CallContext, Rate, StaleInstance};
use crate::ledger::{
    DeliveryRecord, DeliveryResult, DeliveryState, Due, Epoch, InstanceKey, Report, ReportError,
};
use crate::support::deadline::Deadline;

/// Instances of one question (design §3.4).
const BATCH: usize = 50;

/// Time between two looks at what is to be checked.
const LOOK: Duration = Duration::from_secs(1);

/// Time for one question.
const CHECK_LIMIT: Duration = Duration::from_secs(15);

/// Repairs of one instance in a day; after that it is refused.
const MOST_DRIFTS: u32 = 5;

/// Drifts are counted for so long.
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Checks take at most a fifth of the rate (design §3.4).
const CHECKS_PART: u32 = 5;

/// Runs until the delivery is stopped.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut failures = 0;
    loop {
        let work = tokio::select! {
            () = shared.stop.cancelled() => return,
            work = shared.tenure.work() => work,
        };
        let pause = match step(&shared, work.epoch).await {
            Ok(more) => {
                failures = 0;
                let pause = check_pause(shared.settings.rate);
                if more { pause } else { LOOK.max(pause) }
            }
            Err(trouble) => {
                failures += 1;
                tracing::warn!(app = %shared.app, error = &trouble as &dyn std::error::Error, "what was delivered could not be checked");
                LOOK + schedule::transient(failures)
            }
        };
        drop(work);
        let next = Instant::now() + pause;
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep_until(next) => {}
        }
    }
}

/// Least time between two checks.
fn check_pause(rate: Rate) -> Duration {
    let pause = |calls: u32, window: Duration| match calls {
        0 => Duration::ZERO,
        calls => window * CHECKS_PART / calls,
    };
    pause(rate.per_second, Duration::from_secs(1)).max(pause(rate.per_minute, Duration::from_secs(60)))
}

/// Checks what is due, as much as one question takes. Says whether there is more.
async fn step(shared: &Shared, epoch: Epoch) -> Result<bool, Trouble> {
    // What is wrong with the app is looked at by its pushes.
    if shared.hold.get().is_some_and(|hold| hold.is_parked) {
        return Ok(false);
    }
    let due = shared.ledger.check_due(&shared.app, BATCH).await;
    let Due { items: keys, .. } = due.map_err(Trouble::Ledger)?;
    let has_more = keys.len() == BATCH;
    let mut asked = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(kept) = shared.ledger.document(&key).await.map_err(Trouble::Ledger)? else { continue };
        match kept_versions(shared, &kept) {
            Ok(versions) => asked.push((kept.record, versions)),
            // Asking again would not help before it is read by another program.
            Err(trouble) => {
                tracing::warn!(app = %shared.app, error = &trouble as &dyn std::error::Error, "what was delivered cannot be checked");
                write(shared, Some(epoch), &kept.record, DeliveryResult::NotChecked { check_at: None }, None)
                    .await?;
            }
        }
    }
    if asked.is_empty() {
        return Ok(has_more);
    }
    let known: Vec<KnownVersions> = asked.iter().map(|(_, versions)| versions.clone()).collect();
    let context = CallContext::own(Deadline::after(CHECK_LIMIT));
    let called = shared.feishu.check_instances(&known, &context).await;
    let called = called.map_err(Trouble::Call)?;
    let mut stale = called.data;
    for (record, _) in asked {
        let place = stale.iter().position(|stale| stale.instance_id == record.key.instance_id);
        let differs = place.map(|place| stale.swap_remove(place));
        let result = result(shared, &record, differs);
        write(shared, Some(epoch), &record, result, called.log_id.clone()).await?;
    }
    Ok(has_more)
}

/// Checks one instance now, if there is anything to ask about.
pub(super) async fn check_one(
    shared: &Shared,
    key: &InstanceKey,
    context: &CallContext,
) -> Result<(), Trouble> {
    let Some(kept) = shared.ledger.document(key).await.map_err(Trouble::Ledger)? else { return Ok(()) };
    let record = &kept.record;
    let is_pending = record.state == Some(DeliveryState::Pending);
    if is_pending || record.is_unsent() {
        return Ok(());
    }
    let known = [kept_versions(shared, &kept)?];
    let called = shared.feishu.check_instances(&known, context).await.map_err(Trouble::Call)?;
    let result = result(shared, record, called.data.into_iter().next());
    // Another replica may push for the app; what was found holds all the same.
    write(shared, shared.tenure.epoch(), record, result, called.log_id).await
}

async fn write(
    shared: &Shared,
    epoch: Option<Epoch>,
    record: &DeliveryRecord,
    result: DeliveryResult,
    log_id: Option<String>,
) -> Result<(), Trouble> {
    let result = Report::new(record.key.clone(), record.desired(), result);
    let reported = match shared.report(Report { epoch, log_id, ..result }).await {
        Ok(reported) => reported,
        // The new holder checks it again.
        Err(ReportError::LeaseLost) => return Ok(()),
        Err(ReportError::Ledger(error)) => return Err(Trouble::Ledger(error)),
    };
    if reported.is_some_and(|record| record.state == Some(DeliveryState::Pending)) {
        shared.arrivals.news.notify_one();
    }
    Ok(())
}

/// What the check says about an instance.
fn result(shared: &Shared, record: &DeliveryRecord, differs: Option<StaleInstance>) -> DeliveryResult {
    let Some(stale) = differs else {
        if let (Some(DeliveryState::Delivered), Some(sent)) = (record.state, record.sent) {
            shared.metrics.confirmed(shared.since(sent.at));
        }
        return DeliveryResult::Confirmed { check_at: next_check(shared, record) };
    };
    shared.metrics.drifted(&stale);
    shared.activity.drifted(shared.now());
    if let Some(version) = ahead(record, &stale) {
        let trouble = Trouble::Ahead { version: Some(version) };
        return DeliveryResult::Conflict { version: Some(version), problem: (shared.describe)(&trouble) };
    }
    let is_recent = |since: Timestamp| shared.since(since) < DAY;
    if record.drifts >= MOST_DRIFTS && record.drifts_since.is_some_and(is_recent) {
        return DeliveryResult::Refused { problem: (shared.describe)(&Trouble::DoesNotStick(stale)) };
    }
    DeliveryResult::Drift { problem: Some((shared.describe)(&Trouble::Drift(stale))) }
}
