//! What SQLite's errors mean for the ledger.

use rusqlite::ErrorCode;

use crate::ledger::acceptance::AcceptError;
use crate::ledger::error::{Cause, LedgerError};
use crate::ledger::import::ImportError;

/// Sorts an error of SQLite into what can be done about it.
pub(super) fn classify(error: rusqlite::Error) -> LedgerError {
    let code = error.sqlite_error_code();
    let cause = Cause::new(error);
    match code {
        Some(ErrorCode::DiskFull) => LedgerError::Full(cause),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            LedgerError::Busy(cause)
        }
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::InternalMalfunction,
        ) => LedgerError::Fatal(cause),
        _ => LedgerError::Failed(cause),
    }
}

/// An error of a command, which may be one of the store.
pub(super) trait CommandError: From<LedgerError> + Send + 'static {
    /// The store's error, if it is one.
    fn of_store(&self) -> Option<&LedgerError>;
}

impl CommandError for LedgerError {
    fn of_store(&self) -> Option<&LedgerError> {
        Some(self)
    }
}

impl CommandError for AcceptError {
    fn of_store(&self) -> Option<&LedgerError> {
        if let Self::Ledger(error) = self { Some(error) } else { None }
    }
}

impl CommandError for ImportError {
    fn of_store(&self) -> Option<&LedgerError> {
        if let Self::Ledger(error) = self { Some(error) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;
    use test_case::test_case;

    #[test_case(ffi::SQLITE_FULL => "full")]
    #[test_case(ffi::SQLITE_BUSY => "busy")]
    #[test_case(ffi::SQLITE_BUSY_SNAPSHOT => "busy")]
    #[test_case(ffi::SQLITE_IOERR_FSYNC => "fatal")]
    #[test_case(ffi::SQLITE_IOERR_SHMSIZE => "fatal")]
    #[test_case(ffi::SQLITE_CORRUPT => "fatal")]
    #[test_case(ffi::SQLITE_READONLY_DBMOVED => "fatal")]
    #[test_case(ffi::SQLITE_TOOBIG => "failed")]
    #[test_case(ffi::SQLITE_CONSTRAINT_UNIQUE => "failed")]
    fn an_error_is(code: i32) -> &'static str {
        match classify(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)) {
            LedgerError::Full(_) => "full",
            LedgerError::Busy(_) => "busy",
            LedgerError::Fatal(_) => "fatal",
            LedgerError::Failed(_) => "failed",
            _ => "other",
        }
    }
}
