//! What PostgreSQL's errors mean for the ledger.

use std::fmt;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::Error;

use crate::ledger::error::{Cause, LedgerError};
use crate::support::error_chain::ErrorChain;

/// An error of one attempt at something.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// What it means.
    pub(super) error: LedgerError,
    /// Whether the same may succeed at once: a deadlock, or a connection that was cut before anything was committed.
    pub(super) is_passing: bool,
    /// Whether the connection works all the same.
    pub(super) is_connected: bool,
}

/// What the server said, without what could quote a document: its details show values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerMessage {
    code: String,
    message: String,
}

impl fmt::Display for ServerMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl std::error::Error for ServerMessage {}

/// The error as it may be shown.
pub(super) fn cause(error: Error) -> Cause {
    match error.as_db_error() {
        Some(told) => Cause::new(ServerMessage {
            code: told.code().code().to_owned(),
            message: told.message().to_owned(),
        }),
        None => Cause::new(error),
    }
}

/// Sorts an error into what can be done about it, for whatever is no commit.
pub(super) fn classify(error: Error) -> Fault {
    let Some(code) = error.code().map(|code| code.code().to_owned()) else {
        return without_code(error);
    };
    let cause = cause(error);
    let fault = |error, is_passing, is_connected| Fault { error, is_passing, is_connected };
    match code.as_str() {
        // Serialisation failure, deadlock.
        "40001" | "40P01" => fault(LedgerError::Busy(cause), true, true),
        // Lock timeout, statement timeout.
        "55P03" | "57014" => fault(LedgerError::Busy(cause), false, true),
        "53100" => fault(LedgerError::Full(cause), false, true),
        // Too many connections, no memory.
        code if code.starts_with("53") => fault(LedgerError::Busy(cause), false, false),
        // Another server may be the one that takes writes now.
        "25006" => fault(LedgerError::Unavailable(cause), true, false),
        // The server, or an administrator, or a timeout has ended the session.
        code if code.starts_with("57P") || code.starts_with("08") || code == "25P03" => {
            fault(LedgerError::Unavailable(cause), true, false)
        }
        // Refused at the door.
        code if code.starts_with("28") || code == "3D000" => {
            fault(LedgerError::Unavailable(cause), false, false)
        }
        _ => fault(LedgerError::Failed(cause), false, true),
    }
}

/// An error of this side, or of what lies between.
fn without_code(error: Error) -> Fault {
    // Values that cannot be written or read are this program's own; everything else is the connection.
    let text = error.to_string();
    let is_own = text.contains("serializing") || text.contains("column") || text.contains("rows");
    let cause = Cause::new(error);
    if is_own {
        Fault { error: LedgerError::Failed(cause), is_passing: false, is_connected: true }
    } else {
        Fault { error: LedgerError::Unavailable(cause), is_passing: true, is_connected: false }
    }
}

/// Sorts an error of a commit: it has failed for certain only when the server says that it rolled back.
pub(super) fn classify_commit(error: Error) -> Fault {
    let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
    if ["23", "40", "53"].iter().any(|class| code.starts_with(class)) {
        return classify(error);
    }
    unknown(cause(error))
}

/// Nobody knows whether it was committed.
pub(super) fn unknown(cause: Cause) -> Fault {
    Fault { error: LedgerError::Unknown(cause), is_passing: false, is_connected: false }
}

/// No connection.
pub(super) fn no_connection(error: PoolError) -> Fault {
    let (error, is_passing) = match error {
        PoolError::Closed => (LedgerError::Closed, false),
        PoolError::Backend(error) => return Fault { is_connected: false, ..classify(error) },
        PoolError::Timeout(TimeoutType::Wait) => {
            (LedgerError::Busy(Cause::new("every connection to the database is in use")), false)
        }
        other => (LedgerError::Unavailable(Cause::new(other)), false),
    };
    Fault { error, is_passing, is_connected: false }
}

/// Whether the user may not do it.
pub(super) fn is_permission(fault: &Fault) -> bool {
    // `insufficient_privilege`
    ErrorChain(&fault.error).to_string().contains("SQLSTATE 42501")
}

/// Something took longer than it may.
pub(super) fn late() -> Fault {
    let error = LedgerError::Unavailable(Cause::new("the database does not answer in time"));
    Fault { error, is_passing: false, is_connected: false }
}

/// Another transaction has made what this one believed not to be there.
pub(super) fn overtaken() -> Fault {
    let error = LedgerError::Busy(Cause::new("another gateway writes the same instances"));
    Fault { error, is_passing: true, is_connected: true }
}

impl From<Fault> for LedgerError {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

impl From<LedgerError> for Fault {
    /// Of a value that has no meaning, for one.
    fn from(error: LedgerError) -> Self {
        Self { error, is_passing: false, is_connected: true }
    }
}
