//! How the deliveries of an app stand.

use std::time::Duration;

use super::delivery_problem::DeliveryProblem;
use crate::delivery::durable::{Hold, MINUTES, Minute};
use crate::domain::Timestamp;
use crate::feishu::Allowance;
use crate::ledger::{DeliveryState, Summary};
use crate::schema::shown;

shown! {
    /// How the deliveries of an app stand.
    pub(in crate::http) struct DeliverySummaryResponse {
        /// Instances by the state of their delivery.
        states: DeliveryCounts { required: true },
        /// Seconds since the oldest of those that are pending was accepted; absent when none is.
        oldest_pending_s: Option<i64> { example: "12" },
        /// Pushes a minute that the configured limits allow; absent without limits.
        rate_per_minute: Option<i64> { example: "1000" },
        /// Seconds that those which are pending take at this rate; absent while the app is parked, and without limits.
        expected_s: Option<i64> { example: "3" },
        /// Whether the app pushes.
        app: AppCondition { required: true },
        /// The minutes of the last hour in which this process has done something, oldest first.
        last_hour: Vec<MinuteItem> { required: true, max_items: MINUTES },
    }

    /// What was done in one minute.
    struct MinuteItem {
        /// When it began.
        from: Timestamp { required: true, example: "\"2026-11-20T01:30:00.000Z\"" },
        /// Pushes that ended, well or not; `rate_per_minute` is their limit.
        pushes: i64 { required: true, example: "412" },
        /// Differences that Feishu's check has shown.
        drifts: i64 { required: true, example: "0" },
    }

    /// Instances by the state of their delivery.
    struct DeliveryCounts {
        /// Accepted, not yet taken by Feishu.
        pending: i64 { required: true, example: "2" },
        /// Taken by Feishu.
        delivered: i64 { required: true, example: "40" },
        /// Taken by Feishu, and its check agrees.
        confirmed: i64 { required: true, example: "1200" },
        /// Refused by Feishu, or it does not stick.
        refused: i64 { required: true, example: "1" },
        /// Feishu holds a newer version of somebody else.
        conflict: i64 { required: true, example: "0" },
    }

    /// Whether an app pushes.
    struct AppCondition {
        /// `open`, or `parked` when nothing is pushed until somebody has mended something.
        state: &'static str { required: true, example: "\"open\"", words: Some(conditions) },
        /// Why it is parked: the code of a problem.
        reason: Option<String> { example: "\"upstream_auth_failed\"" },
        /// The whole problem.
        problem: Option<DeliveryProblem>,
        /// Since when it is parked.
        since: Option<Timestamp> { example: "\"2026-11-20T01:30:00.000Z\"" },
    }
}

fn conditions() -> Vec<(&'static str, &'static str)> {
    vec![
        ("open", "What is accepted is pushed."),
        (
            "parked",
            "Nothing is pushed: what is accepted waits, and one look a minute shows whether it may go on.",
        ),
    ]
}

impl DeliverySummaryResponse {
    /// The summary; `hold` is why the app pushes nothing, if it does not, and `oldest_pending` how long something waits.
    pub(in crate::http) fn new(
        summary: &Summary,
        oldest_pending: Option<Duration>,
        allowances: &[Allowance],
        hold: Option<&Hold>,
        last_hour: &[Minute],
    ) -> Self {
        let parked = hold.filter(|hold| hold.is_parked);
        let count = |state| shown(summary.count(state));
        let rate = rate_per_minute(allowances);
        let pending = summary.count(DeliveryState::Pending);
        let expected = rate.filter(|_| parked.is_none()).map(|rate| shown((pending * 60).div_ceil(rate)));
        Self {
            states: DeliveryCounts {
                pending: shown(pending),
                delivered: count(DeliveryState::Delivered),
                confirmed: count(DeliveryState::Confirmed),
                refused: count(DeliveryState::Refused),
                conflict: count(DeliveryState::Conflict),
            },
            oldest_pending_s: oldest_pending.map(|age| shown(age.as_secs())),
            rate_per_minute: rate.map(shown),
            expected_s: expected,
            app: AppCondition {
                state: if parked.is_some() { "parked" } else { "open" },
                reason: parked.map(|hold| hold.problem.code().to_owned()),
                problem: parked.map(|hold| DeliveryProblem::read(&hold.problem)),
                since: parked.map(|hold| hold.since),
            },
            last_hour: last_hour.iter().map(MinuteItem::from).collect(),
        }
    }
}

impl From<&Minute> for MinuteItem {
    fn from(minute: &Minute) -> Self {
        Self { from: minute.from, pushes: shown(minute.pushes), drifts: shown(minute.drifts) }
    }
}

fn shown(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The narrower of the configured windows.
pub(super) fn rate_per_minute(allowances: &[Allowance]) -> Option<u64> {
    let rates = allowances
        .iter()
        .map(|Allowance { limit, window, .. }| (*limit as u64).saturating_mul(60) / window.as_secs().max(1));
    rates.min().filter(|rate| *rate > 0)
}
