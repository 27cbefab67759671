//! Copies of a database: backup, restore, export.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::check::check;
use super::columns::{self, Reader};
use super::open::{self, OpenError, beside};
use super::rows::CHECK_FIRST;
use crate::domain::Timestamp;
use crate::ledger::acceptance::Kept;
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::error::LedgerError;
use crate::ledger::rows::{COLUMNS, NEVER};

/// Documents that are read at once by an export; between two pages nothing of the write-ahead log is held.
const PAGE: usize = 500;

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Something is in the place of the copy.
    #[error("{path} exists already: nothing is ever written over")]
    Exists {
        /// The path of the copy.
        path: PathBuf,
    },
    /// The backup is damaged.
    #[error("the backup {path} is damaged: {fault}")]
    Damaged {
        /// The backup's path.
        path: PathBuf,
        /// The first thing that is wrong.
        fault: String,
    },
    /// The copy could not be written.
    #[error("{path} cannot be written")]
    Write {
        /// The path of the copy.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// SQLite could not copy.
    #[error("the ledger cannot be copied to {path}")]
    Copy {
        /// The path of the copy.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

/// Writes a copy of the database, which may be in use, to a file that does not exist yet.
///
/// # Errors
/// Says why there is no copy; no half of one is left under its name.
pub fn backup(from: &Path, to: &Path) -> Result<(), BackupError> {
    open::inspect(from)?;
    let connection = open::read_only(from).map_err(|error| open::sqlite(from, error))?;
    connection.execute_batch("pragma query_only = off").map_err(|error| open::sqlite(from, error))?;
    copy(&connection, to, |_| Ok(()))
}

/// Puts a backup in the place of a ledger that is not there; no gateway may run on it.
///
/// Versions go back with it, so nothing of it is pushed before Feishu was asked what it has.
///
/// # Errors
/// Says why it was not restored; nothing is in its place then.
pub fn restore(backup: &Path, to: &Path, now: Timestamp) -> Result<(), BackupError> {
    if !open::directory(to).is_dir() {
        return Err(OpenError::NoDirectory { path: to.to_owned() }.into());
    }
    let _lock = open::lock(to)?;
    for path in [to.to_owned(), beside(to, "-wal"), beside(to, "-journal")] {
        if path.exists() {
            return Err(BackupError::Exists { path });
        }
    }
    if let Some(fault) = check(backup)?.faults.into_iter().next() {
        return Err(BackupError::Damaged { path: backup.to_owned(), fault });
    }
    let connection = open::read_only(backup).map_err(|error| open::sqlite(backup, error))?;
    connection.execute_batch("pragma query_only = off").map_err(|error| open::sqlite(backup, error))?;
    copy(&connection, to, |copy| copy.execute(CHECK_FIRST, params![now.unix_millis(), NEVER]).map(drop))
}

/// Copies under another name, prepares the copy, and gives it its own name when it is on disk.
fn copy(
    connection: &Connection,
    to: &Path,
    prepare: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<(), BackupError> {
    if to.exists() {
        return Err(BackupError::Exists { path: to.to_owned() });
    }
    let partial = beside(to, ".partial");
    let write = |source| BackupError::Write { path: to.to_owned(), source };
    let failed = |source| BackupError::Copy { path: to.to_owned(), source };
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(write(error)),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial).map_err(write)?;
    let done = (|| {
        let name = partial.to_string_lossy();
        connection.execute("vacuum into ?1", [&*name]).map_err(failed)?;
        let copy = Connection::open(&partial).map_err(failed)?;
        prepare(&copy).map_err(failed)?;
        copy.close().map_err(|(_, error)| failed(error))?;
        File::open(&partial).and_then(|file| file.sync_all()).map_err(write)?;
        // A link, unlike a renaming, writes over nothing.
        fs::hard_link(&partial, to).map_err(write)?;
        fs::remove_file(&partial).map_err(write)?;
        open::sync_directory(to).map_err(write)
    })();
    if done.is_err() {
        // It is incomplete, and named so.
        let _ = fs::remove_file(&partial);
    }
    done
}

/// Hands out every kept document, in the order in which the instances came; the database may be in use.
///
/// # Errors
/// When the database cannot be read, or when `take` fails.
pub fn export<E: From<OpenError> + From<LedgerError>>(
    path: &Path,
    mut take: impl FnMut(&Kept) -> Result<(), E>,
) -> Result<(), E> {
    open::inspect(path)?;
    let failed = |error| E::from(open::sqlite(path, error));
    let connection = open::read_only(path).map_err(failed)?;
    let mut after = 0;
    loop {
        let (page, last) = documents_behind(&connection, after).map_err(failed)?;
        let Some(last) = last else { return Ok(()) };
        for kept in page {
            take(&kept?)?;
        }
        after = last;
    }
}

/// Reads number, key, document and record, in this order.
fn kept(reader: &mut Reader<'_, '_>) -> Result<Kept, LedgerError> {
    let _number = reader.number()?;
    let (key, body) = (reader.key()?, columns::body(reader)?);
    Ok(Kept { record: reader.record(key)?, body })
}

type Documents = (Vec<Result<Kept, LedgerError>>, Option<i64>);

fn documents_behind(connection: &Connection, after: i64) -> rusqlite::Result<Documents> {
    let sql = format!(
        "select instance_no, app, instance_id, format, body, {} from instance join document using (instance_no) \
         where instance_no > ?1 order by instance_no limit {PAGE}",
        COLUMNS.join(", ")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([after])?;
    let (mut page, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
        page.push(kept(&mut Reader::new(row)));
    }
    Ok((page, last))
}
