//! Documents that were not taken become problems.

use super::problem::{Code, Problem};
use crate::document::{ID_MISMATCH, Rejection, WOULD_ERASE};
use crate::domain::Violation;

/// What was read, if nothing was wrong with it, nor with the query beside it.
///
/// # Errors
/// The problem that names all that is wrong.
pub(super) fn read_or_refused<T>(
    read: Result<T, Rejection>,
    elsewhere: Vec<Violation>,
) -> Result<T, Problem> {
    match read {
        Ok(value) => nothing_wrong(elsewhere).map(|()| value),
        Err(rejection) => Err(refused(rejection, elsewhere)),
    }
}

/// Refuses a request with violations.
///
/// # Errors
/// The problem that names them, when there are any.
pub(super) fn nothing_wrong(violations: Vec<Violation>) -> Result<(), Problem> {
    if violations.is_empty() { Ok(()) } else { Err(Problem::validation(violations)) }
}

/// The problem for a document that was not taken, and for what was wrong with the query beside it.
///
/// A request that is wrong in one respect only, and that respect has a code of its own, gets that code.
pub(super) fn refused(rejection: Rejection, mut elsewhere: Vec<Violation>) -> Problem {
    match rejection {
        Rejection::NotJson(what) => {
            Problem::new(Code::InvalidJson).detail(format!("The body is not valid JSON: {what}."))
        }
        Rejection::Invalid(violations) => {
            elsewhere.extend(violations);
            let only = |code: &str| elsewhere.iter().all(|violation| violation.code == code);
            let code = if only(ID_MISMATCH) {
                Code::IdMismatch
            } else if only(WOULD_ERASE) {
                Code::WouldErase
            } else {
                return Problem::validation(elsewhere);
            };
            let detail =
                elsewhere.first().map(|violation| format!("{} {}", violation.pointer, violation.detail));
            Problem::new(code).detail(detail.unwrap_or_default()).errors(elsewhere)
        }
    }
}
