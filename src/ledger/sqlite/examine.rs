//! Looks at a ledger from outside: could a gateway use it? Nothing is made or changed.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use rustix::fs::{Access, access};

use super::error::classify;
use super::open::{self, OpenError};
use super::{filesystem, queries};
use crate::ledger::app_ticket::AppTicket;
use crate::ledger::error::LedgerError;

/// How a ledger stands that a gateway could use, or uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is there; a gateway makes it at its start when it is not.
    pub exists: bool,
    /// Whether a gateway, or a command of this program, has it open.
    pub is_open: bool,
    /// Free and all bytes of its disk, where that is known.
    pub disk: Option<(u64, u64)>,
}

/// Looks at the ledger at this path.
///
/// # Errors
/// Says why no gateway could use it.
pub fn examine(path: &Path) -> Result<Standing, OpenError> {
    let exists = !open::is_to_be_made(path)?;
    let directory = open::directory(path);
    access(&directory, Access::WRITE_OK).map_err(|error| open::refused(path, error.into()))?;
    if exists {
        access(path, Access::WRITE_OK).map_err(|error| open::refused(path, error.into()))?;
        open::inspect(path)?;
    }
    Ok(Standing { exists, is_open: is_locked(path)?, disk: filesystem::disk(&directory) })
}

/// The tickets of these store apps in the ledger at this path, as far as there are any; a gateway may have it open.
///
/// # Errors
/// When the ledger cannot be read.
pub fn kept_tickets(path: &Path, app_ids: &[String]) -> Result<BTreeMap<String, AppTicket>, LedgerError> {
    if app_ids.is_empty() || !path.exists() {
        return Ok(BTreeMap::new());
    }
    let connection = open::read_only(path).map_err(classify)?;
    // One of an earlier version knows no tickets.
    let sql = "select count(*) from sqlite_schema where name = 'app_ticket'";
    let tables: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(classify)?;
    if tables == 0 {
        return Ok(BTreeMap::new());
    }
    let ticket = |app_id: &String| {
        let kept = queries::app_ticket(&connection, app_id).transpose()?;
        Some(kept.map(|kept| (app_id.clone(), kept)))
    };
    app_ids.iter().filter_map(ticket).collect()
}

/// Whether somebody holds the lock.
fn is_locked(path: &Path) -> Result<bool, OpenError> {
    let lock: File = match OpenOptions::new().write(true).open(open::beside(path, ".lock")) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(open::refused(path, error)),
    };
    match lock.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path: path.to_owned(), source }),
    }
}
