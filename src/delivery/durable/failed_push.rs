//! What follows from a failed push: for its instance, and for the whole app.

use std::time::Duration;

use super::hold::PROBE;
use super::schedule;
use crate::feishu::{CallError, Failure, Outcome, ReportedAs};
use crate::ledger::StoredProblem;

/// Looks for the ticket of a store app that follow each other quickly, because one that was asked for may come at once.
const QUICK_LOOKS: u32 = 5;

/// What follows from a failed push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextStep {
    /// The app is in trouble: nothing of it is pushed for a while, and the instance loses no attempt.
    Hold(AppTrouble),
    /// Feishu refuses the content: nothing more is tried.
    Refuse,
    /// Passing trouble: tried again after this time.
    Retry(Duration),
}

/// Trouble of a whole app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AppTrouble {
    /// Whether somebody has to do something about it.
    pub(super) is_parked: bool,
    /// When to look again.
    pub(super) pause: Duration,
    /// Whether a token alone shows that it is over.
    pub(super) ends_with_token: bool,
}

impl AppTrouble {
    const fn parked(pause: Duration) -> Self {
        Self { is_parked: true, pause, ends_with_token: false }
    }

    fn passing(pause: Duration) -> Self {
        // A pause without an end would never be looked at again, and one without a length would make a storm.
        let pause = pause.clamp(Duration::from_millis(50), PROBE);
        Self { is_parked: false, pause, ends_with_token: false }
    }
}

/// What follows from the failure of a push; `failures` counts those of the instance, this one included.
pub(super) fn next_step(error: &CallError, failures: u32, last: Option<&StoredProblem>) -> NextStep {
    if let Some(trouble) = app_trouble(error, failures) {
        return NextStep::Hold(trouble);
    }
    match error.failure.reported_as() {
        ReportedAs::Rejected | ReportedAs::UnknownApprovalCode | ReportedAs::InstanceNotFound => {
            NextStep::Refuse
        }
        ReportedAs::UnknownCode => {
            let tries = unknown_code_tries(last) + 1;
            if tries >= schedule::UNKNOWN_CODE_TRIES {
                NextStep::Refuse
            } else {
                NextStep::Retry(schedule::unknown_code(tries))
            }
        }
        _ => NextStep::Retry(schedule::transient(failures)),
    }
}

/// What a failure says about the app, if it is one of the app's.
pub(super) fn app_trouble(error: &CallError, failures: u32) -> Option<AppTrouble> {
    match (&error.failure, error.failure.reported_as()) {
        (Failure::CircuitOpen { wait }, _) => Some(AppTrouble::parked(*wait)),
        (_, ReportedAs::AuthFailed) => {
            Some(AppTrouble { ends_with_token: true, ..AppTrouble::parked(PROBE) })
        }
        // Looking costs Feishu nothing.
        (_, ReportedAs::TicketMissing) => {
            let pause = Duration::from_secs(if failures <= QUICK_LOOKS { 1 } else { 15 });
            Some(AppTrouble { ends_with_token: true, ..AppTrouble::parked(pause) })
        }
        (_, other) if other.needs_operator() => Some(AppTrouble::parked(PROBE)),
        (Failure::RateExhausted { wait }, _) => Some(AppTrouble::passing(*wait)),
        (Failure::Refused(refusal), ReportedAs::RateLimited) => {
            Some(AppTrouble::passing(refusal.reset.unwrap_or(Duration::from_secs(1))))
        }
        // Without a token nothing can be sent, whichever instance it is for.
        (Failure::NoToken { .. } | Failure::DeadlineInQueue(_), _) => {
            Some(AppTrouble::passing(schedule::transient(failures)))
        }
        _ => None,
    }
}

/// Holds the app for a while although what failed, a permit for a push, says nothing about the app.
pub(super) fn passing_trouble(failures: u32) -> AppTrouble {
    AppTrouble::passing(schedule::transient(failures))
}

/// Whether nobody knows if Feishu took the push.
pub(super) fn is_in_doubt(error: &CallError) -> bool {
    error.outcome == Outcome::Unknown
}

/// Where a problem with an unknown code counts how often it came in a row.
const TRIES: &str = "tries";

/// How often in a row an unknown code has come, as the last problem says.
fn unknown_code_tries(last: Option<&StoredProblem>) -> u32 {
    let counted = last.and_then(|last| serde_json::from_str::<serde_json::Value>(last.json()).ok());
    counted.and_then(|problem| u32::try_from(problem.get(TRIES)?.as_u64()?).ok()).unwrap_or(0)
}

/// The problem with one more count of the unknown code in it, if that is what it is about.
pub(super) fn counted(
    problem: StoredProblem,
    error: &CallError,
    last: Option<&StoredProblem>,
) -> StoredProblem {
    if error.failure.reported_as() != ReportedAs::UnknownCode {
        return problem;
    }
    match serde_json::from_str::<serde_json::Value>(problem.json()) {
        Ok(serde_json::Value::Object(mut members)) => {
            members.insert(TRIES.to_owned(), (unknown_code_tries(last) + 1).into());
            StoredProblem::new(problem.code(), serde_json::Value::Object(members).to_string())
        }
        _ => problem,
    }
}
