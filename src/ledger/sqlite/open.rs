//! Opens the database, or says why it must not be opened; a file that is refused is not touched.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::filesystem;
use super::migrations::{APPLICATION_ID, VERSION, migrate};

/// Older ones can damage a write-ahead log when it starts anew.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long a statement waits for another process that holds the database: a backup, or an administrator.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A database up to this size is looked through at each start; that takes a quarter of a second.
const CHECKED_AT_START: u64 = 64 << 20;

/// What every SQLite database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Why the ledger was not opened; whatever is in its place was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory is not there.
    #[error(
        "the directory of the ledger {path} does not exist: create it, or name another path in ledger.url"
    )]
    NoDirectory {
        /// The ledger's path.
        path: PathBuf,
    },
    /// The directory lies on another machine.
    #[error(
        "the ledger {path} would lie on a network file system ({kind}), where SQLite cannot keep it whole: use a local \
         disk, or PostgreSQL"
    )]
    NetworkFileSystem {
        /// The ledger's path.
        path: PathBuf,
        /// The kind of file system.
        kind: &'static str,
    },
    /// Another gateway, or a command of this program, has it open.
    #[error("the ledger {path} is open in another process: only one gateway may use it")]
    AlreadyOpen {
        /// The ledger's path.
        path: PathBuf,
    },
    /// It may not be written.
    #[error("the ledger {path} cannot be written: check owner and mode of the file and of its directory")]
    ReadOnly {
        /// The ledger's path.
        path: PathBuf,
        /// What the system said, if it was asked.
        #[source]
        source: Option<io::Error>,
    },
    /// It is something else.
    #[error("{path} is no ledger of this gateway: {what}")]
    Foreign {
        /// The path.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// It is damaged.
    #[error(
        "the ledger {path} is damaged ({finding}): restore a backup with `approval-gateway ledger restore`"
    )]
    Corrupt {
        /// The ledger's path.
        path: PathBuf,
        /// What was found.
        finding: String,
    },
    /// A newer gateway made it.
    #[error(
        "the ledger {path} has schema {found} and this program knows {known} at most: start a newer gateway, or restore \
         the backup that was made before the upgrade"
    )]
    Newer {
        /// The ledger's path.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// SQLite does not do what is asked of it.
    #[error("SQLite has {name} = {found:?} where the ledger needs {wanted:?}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        found: String,
        /// The value that is needed.
        wanted: String,
    },
    /// The disk is full.
    #[error("the disk of the ledger {path} is full")]
    Full {
        /// The ledger's path.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The system refused something.
    #[error("the ledger {path} cannot be opened")]
    Io {
        /// The ledger's path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// SQLite refused something.
    #[error("the ledger {path} cannot be opened")]
    Sqlite {
        /// The ledger's path.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

/// The database, open for its only writer.
#[derive(Debug)]
pub(super) struct Opened {
    /// The connection that writes.
    pub(super) connection: Connection,
    /// Keeps other processes away while it lives.
    pub(super) lock: File,
}

/// Opens the database at this path, makes it when it is missing, and brings its schema up to date.
pub(super) fn open(path: &Path) -> Result<Opened, OpenError> {
    let is_new = is_to_be_made(path)?;
    let path = &resolved(path);
    let lock = lock(path)?;
    if is_new {
        create(path)?;
    } else {
        OpenOptions::new().write(true).open(path).map_err(|error| refused(path, error))?;
        inspect(path)?;
        look_through(path)?;
    }
    let connection = connect(path, "")?;
    empty_log(path, &connection)?;
    migrate(&connection).map_err(|error| sqlite(path, error))?;
    Ok(Opened { connection, lock })
}

/// Brings what the last process left in the write-ahead log into the database.
///
/// A sync of it may have failed: then what the system still shows of the log need not be on disk, and what would be
/// written behind it could not be read after a loss of power.
fn empty_log(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let is_busy = connection
        .query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, bool>(0))
        .map_err(|error| sqlite(path, error))?;
    if is_busy { Err(OpenError::AlreadyOpen { path: path.to_owned() }) } else { Ok(()) }
}

/// Makes the database under another name, and gives it its own when it is on disk: there is never half of one.
fn create(path: &Path) -> Result<(), OpenError> {
    if fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0) {
        let what = "a write-ahead log is there, but the database that it belongs to is missing";
        return Err(OpenError::Foreign { path: path.to_owned(), what });
    }
    let partial = beside(path, ".new");
    for suffix in ["", "-journal", "-wal", "-shm"] {
        match fs::remove_file(beside(&partial, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(path, error)),
            _ => {}
        }
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(&partial).map_err(|error| refused(path, error))?;
    let connection = connect(&partial, BEFORE_THE_FIRST_PAGE)?;
    migrate(&connection).map_err(|error| sqlite(path, error))?;
    connection.close().map_err(|(_, error)| sqlite(path, error))?;
    File::open(&partial)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&partial, path))
        .and_then(|()| sync_directory(path))
        .map_err(|error| refused(path, error))
}

/// Whether there is no ledger yet; an error where there can be none.
pub(super) fn is_to_be_made(path: &Path) -> Result<bool, OpenError> {
    let directory = directory(path);
    if !directory.is_dir() {
        return Err(OpenError::NoDirectory { path: path.to_owned() });
    }
    if let Some(kind) = filesystem::network(&directory) {
        return Err(OpenError::NetworkFileSystem { path: path.to_owned(), kind });
    }
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            Err(OpenError::Foreign { path: path.to_owned(), what: "a directory" })
        }
        // It would be replaced.
        Ok(metadata) if !metadata.is_file() => {
            Err(OpenError::Foreign { path: path.to_owned(), what: "a device, a pipe or a socket" })
        }
        Ok(metadata) if metadata.permissions().readonly() => {
            Err(OpenError::ReadOnly { path: path.to_owned(), source: None })
        }
        Ok(metadata) => Ok(metadata.len() == 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            Err(OpenError::Foreign { path: path.to_owned(), what: "a link that leads nowhere" })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(refused(path, error)),
    }
}

/// Locks the ledger against every other process of this program, or says that one has it.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(beside(path, ".lock"))
        .map_err(|error| refused(path, error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(OpenError::AlreadyOpen { path: path.to_owned() }),
        Err(fs::TryLockError::Error(source)) => Err(OpenError::Io { path: path.to_owned(), source }),
    }
}

/// Looks at a file without writing a byte of it: is it a ledger that this program can work with?
pub(super) fn inspect(path: &Path) -> Result<(), OpenError> {
    let mut start = [0; MAGIC.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    match read {
        Ok(()) if start == *MAGIC => {}
        Ok(()) => return Err(OpenError::Foreign { path: path.to_owned(), what: "no SQLite database" }),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(OpenError::Foreign { path: path.to_owned(), what: "no SQLite database" });
        }
        Err(error) => return Err(refused(path, error)),
    }
    let connection = read_only(path).map_err(|error| sqlite(path, error))?;
    let number = |sql: &str| {
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(|error| sqlite(path, error))
    };
    // Reads the list of tables, which the two others do not.
    number("select count(*) from sqlite_schema")?;
    match (number("pragma application_id")?, number("pragma user_version")?) {
        (APPLICATION_ID, found) if found > VERSION => {
            Err(OpenError::Newer { path: path.to_owned(), found, known: VERSION })
        }
        (APPLICATION_ID, _) => Ok(()),
        _ => Err(OpenError::Foreign { path: path.to_owned(), what: "a database of another program" }),
    }
}

/// A connection that reads only.
pub(super) fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection
        .execute_batch("pragma trusted_schema = off; pragma query_only = on; pragma temp_store = memory;")?;
    Ok(connection)
}

/// The connection that writes, with everything set that the ledger relies on.
fn connect(path: &Path, first: &str) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::Setting {
            name: "version",
            found: rusqlite::version().to_owned(),
            wanted: "3.51.3 or later".to_owned(),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| sqlite(path, error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| sqlite(path, error))?;
    connection.execute_batch(first).map_err(|error| sqlite(path, error))?;
    for (name, value, wanted) in SETTINGS {
        let read_back = set(&connection, name, value);
        let found = read_back.map_err(|error| sqlite(path, error))?;
        if found != wanted {
            return Err(OpenError::Setting { name, found, wanted: wanted.to_owned() });
        }
    }
    Ok(connection)
}

/// Sets something, and reads it back.
fn set(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<String> {
    // Some settings answer with their value, some with nothing.
    connection.prepare(&format!("pragma {name} = {value}"))?.query([])?.next()?;
    connection.query_row(&format!("pragma {name}"), [], |row| match row.get(0)? {
        Value::Integer(number) => Ok(number.to_string()),
        Value::Text(text) => Ok(text),
        other => Ok(format!("{other:?}")),
    })
}

/// What can be set only in a new database.
const BEFORE_THE_FIRST_PAGE: &str = "pragma page_size = 8192; pragma auto_vacuum = incremental;";

/// Settings of the writer: name, value, and the value as it is read back.
const SETTINGS: [(&str, &str, &str); 9] = [
    ("journal_mode", "wal", "wal"),
    ("synchronous", "full", "2"),
    // On macOS fsync alone does not reach the disk.
    ("fullfsync", "on", "1"),
    ("checkpoint_fullfsync", "on", "1"),
    ("foreign_keys", "on", "1"),
    ("journal_size_limit", "67108864", "67108864"),
    ("trusted_schema", "off", "0"),
    // A full /tmp must not stop anything.
    ("temp_store", "memory", "2"),
    // The writer does it itself, after it has answered.
    ("wal_autocheckpoint", "0", "0"),
];

/// Looks through a database that is small, or that looked damaged when it was last used.
fn look_through(path: &Path) -> Result<(), OpenError> {
    let suspicion = suspicion(path);
    let is_small = fs::metadata(path).is_ok_and(|metadata| metadata.len() <= CHECKED_AT_START);
    if !is_small && !suspicion.exists() {
        return Ok(());
    }
    let finding = read_only(path)
        .and_then(|connection| {
            connection.query_row("pragma quick_check(1)", [], |row| row.get::<_, String>(0))
        })
        .map_err(|error| sqlite(path, error))?;
    if finding != "ok" {
        return Err(OpenError::Corrupt { path: path.to_owned(), finding });
    }
    match fs::remove_file(&suspicion) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(OpenError::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// The file that lets the next start look through the whole database.
pub(super) fn suspicion(path: &Path) -> PathBuf {
    beside(path, ".suspect")
}

/// The file behind a link: what lies beside it is the same by whatever name it is opened.
fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// A file beside the database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = resolved(path).into_os_string();
    name.push(suffix);
    name.into()
}

/// The directory that the database lies in.
pub(super) fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes the names in the database's directory outlive a loss of power.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}

pub(super) fn refused(path: &Path, error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::ReadOnly { path: path.to_owned(), source: Some(error) }
        }
        _ => OpenError::Io { path: path.to_owned(), source: error },
    }
}

/// What an error of SQLite means for somebody who opens the ledger.
pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Corrupt { path, finding: source.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::AlreadyOpen { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly { path, source: None },
        Some(ErrorCode::DiskFull) => OpenError::Full { path, source },
        _ => OpenError::Sqlite { path, source },
    }
}
