//! Questions to the ledger that end with the request's deadline.

use super::failure::ledger_failed;
use super::problem::{Code, Problem};
use crate::ledger::LedgerError;
use crate::support::deadline::Deadline;

/// Asks the ledger, in the time that the request has.
///
/// # Errors
/// 503 `ledger_unavailable`.
pub(super) async fn in_time<T>(
    deadline: Deadline,
    asking: impl Future<Output = Result<T, LedgerError>>,
) -> Result<T, Problem> {
    match tokio::time::timeout_at(deadline.instant(), asking).await {
        Ok(answer) => answer.map_err(ledger_failed),
        Err(_) => Err(ledger_late()),
    }
}

/// The problem for a ledger that did not answer in time.
pub(super) fn ledger_late() -> Problem {
    Problem::new(Code::LedgerUnavailable).detail("The ledger did not answer in time.")
}
