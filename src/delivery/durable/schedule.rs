//! When something is tried or looked at again.

use std::time::Duration;

use super::settings::Reconcile;

/// Most that the first pause is (design §3.2); doubled by each further one.
const FIRST: Duration = Duration::from_secs(1);

/// Most that any pause is.
const LONGEST: Duration = Duration::from_secs(600);

/// Least that any pause is, so that luck makes no storm.
const LEAST: Duration = Duration::from_millis(50);

/// How often something is tried that Feishu refuses with a code which nobody knows.
pub(super) const UNKNOWN_CODE_TRIES: u32 = 10;

/// Over which time these tries are spread.
const UNKNOWN_CODE_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// After an outcome that is unknown, Feishu is asked what it has after this time (design §3.2).
pub(super) const DOUBT: Duration = Duration::from_secs(60);

/// The pause after so many failures in a row: exponential, with full jitter.
pub(super) fn transient(failures: u32) -> Duration {
    let most = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST);
    most.mul_f64(fastrand::f64()).max(LEAST)
}

/// The pause after so many lookups of people that failed; nothing is asked for `pause`. What an operator has to mend is seen soon after.
pub(super) fn lookup(pause: Duration, needs_operator: bool, failures: u32) -> Duration {
    if needs_operator { pause } else { pause.max(transient(failures)) }
}

/// The pause after the `tries`-th refusal with an unknown code: doubled each time, so that all of them take a day.
pub(super) fn unknown_code(tries: u32) -> Duration {
    let gaps = (1_u32 << (UNKNOWN_CODE_TRIES - 1)) - 1;
    let gap = UNKNOWN_CODE_TIME / gaps * (1 << tries.saturating_sub(1).min(UNKNOWN_CODE_TRIES - 2));
    gap.mul_f64(0.9 + fastrand::f64() * 0.1)
}

/// When, after its delivery, an instance is checked that so many checks have agreed with; `elapsed` is the time since then.
///
/// After a tenth of the interval, after one, and after twelve; then at every sweep, as long as it is not finished.
pub(super) fn next_check(
    checks: u32,
    elapsed: Duration,
    is_final: bool,
    reconcile: Reconcile,
) -> Option<Duration> {
    let Reconcile { interval, sweep } = reconcile;
    let after_delivery = match (interval, checks) {
        (Some(interval), 0) => Some(interval / 10),
        (Some(interval), 1) => Some(interval),
        (Some(interval), 2) => Some(interval * 12),
        _ => None,
    };
    match after_delivery {
        Some(after) => Some(after.max(Duration::from_secs(1)).saturating_sub(elapsed)),
        None => sweep.filter(|_| !is_final),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECONCILE: Reconcile =
        Reconcile { interval: Some(Duration::from_secs(300)), sweep: Some(Duration::from_secs(86_400)) };

    #[test]
    fn pauses_after_passing_trouble_grow_from_a_second_to_ten_minutes() {
        for (failures, most) in
            [(1, 1_000), (2, 2_000), (5, 16_000), (10, 512_000), (11, 600_000), (999, 600_000)]
        {
            let pauses: Vec<_> = (0..200).map(|_| transient(failures).as_millis()).collect();
            assert!(pauses.iter().all(|pause| *pause <= most), "{failures}");
            assert!(pauses.iter().any(|pause| *pause > most / 2), "{failures}: the jitter is full");
            assert!(pauses.iter().any(|pause| *pause < most / 2), "{failures}: the jitter is full");
        }
    }

    #[test]
    fn what_an_operator_has_to_mend_for_lookups_is_seen_as_soon_as_these_are_tried() {
        let pause = Duration::from_secs(60);
        assert!((0..200).all(|_| lookup(pause, true, 30) == pause));
        let pauses: Vec<_> = (0..200).map(|_| lookup(pause, false, 30)).collect();
        assert!(
            pauses.iter().all(|longer| *longer >= pause) && pauses.iter().any(|longer| *longer > 3 * pause)
        );
    }

    #[test]
    fn ten_tries_with_an_unknown_code_take_a_day() {
        let total: Duration = (1..UNKNOWN_CODE_TRIES).map(unknown_code).sum();
        assert!(total <= UNKNOWN_CODE_TIME && total > UNKNOWN_CODE_TIME * 4 / 5, "{total:?}");
        assert!(unknown_code(1) < Duration::from_secs(180));
    }

    #[test]
    fn checks_come_after_a_tenth_of_the_interval_after_one_and_after_twelve_then_daily() {
        let at = |checks, elapsed| {
            next_check(checks, Duration::from_secs(elapsed), false, RECONCILE).map(|after| after.as_secs())
        };
        assert_eq!(at(0, 0), Some(30));
        assert_eq!(at(1, 30), Some(270));
        assert_eq!(at(2, 300), Some(3_300));
        assert_eq!(at(3, 3_600), Some(86_400));
        assert_eq!(next_check(3, Duration::ZERO, true, RECONCILE), None, "finished");
    }

    #[test]
    fn a_check_is_never_sooner_than_a_second_and_none_comes_where_it_is_off() {
        let quick = Reconcile { interval: Some(Duration::from_secs(1)), sweep: None };
        assert_eq!(next_check(0, Duration::ZERO, false, quick), Some(Duration::from_secs(1)));
        assert_eq!(next_check(3, Duration::ZERO, false, quick), None);
        assert_eq!(next_check(0, Duration::ZERO, false, Reconcile { interval: None, sweep: None }), None);
        let swept = Reconcile { interval: None, ..RECONCILE };
        assert_eq!(next_check(0, Duration::ZERO, false, swept), RECONCILE.sweep);
    }
}
