//! What is opened, what is refused, and that what is refused is not touched.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rusqlite::Connection;

use super::super::migrations::{self, APPLICATION_ID};
use super::super::open::{self, OpenError};
use super::{Place, accept, content, open};
use crate::ledger::Ledger as _;

/// Opens a file that must be refused, and sees that not a byte of it changes.
fn refused(path: &Path) -> OpenError {
    let before = fs::read(path).ok();
    let error = open(path).unwrap_err();
    assert!(fs::read(path).ok() == before, "{error}");
    error
}

#[tokio::test]
async fn a_missing_file_is_made_for_its_owner_only_and_kept() {
    let place = Place::new();
    let ledger = place.open();
    accept(&ledger, "a", "one").await.unwrap();
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mode = fs::metadata(open::beside(&place.path(), suffix)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
    ledger.close().await;
    let ledger = place.open();
    assert_eq!(content(&ledger, "a").await.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_file_that_was_made_but_never_filled_is_taken() {
    let place = Place::new();
    fs::write(place.path(), b"").unwrap();
    place.open().close().await;
    // Half of one was left behind.
    let place = Place::new();
    fs::write(open::beside(&place.path(), ".new"), b"half of a database").unwrap();
    place.open().close().await;
    assert!(!open::beside(&place.path(), ".new").exists());
}

#[tokio::test]
async fn a_link_is_the_file_that_it_leads_to() {
    let place = Place::new();
    let link = place.path().with_file_name("link.db");
    std::os::unix::fs::symlink(place.path(), &link).unwrap();
    assert!(matches!(refused(&link), OpenError::Foreign { .. }), "it leads nowhere");
    assert!(link.is_symlink());
    let ledger = place.open();
    accept(&ledger, "a", "one").await.unwrap();
    assert!(matches!(refused(&link), OpenError::AlreadyOpen { .. }));
    ledger.close().await;
    drop(ledger);
    let ledger = open(&link).unwrap();
    assert_eq!(content(&ledger, "a").await.as_deref(), Some("one"));
    assert!(matches!(refused(&place.path()), OpenError::AlreadyOpen { .. }));
}

#[test]
fn what_is_no_file_is_left_as_it_is() {
    let place = Place::new();
    let socket = std::os::unix::net::UnixListener::bind(place.path()).unwrap();
    assert!(matches!(open(&place.path()).unwrap_err(), OpenError::Foreign { .. }));
    let kind = fs::metadata(place.path()).unwrap().file_type();
    assert!(std::os::unix::fs::FileTypeExt::is_socket(&kind), "{kind:?}");
    drop(socket);
}

#[tokio::test]
async fn a_log_without_its_database_is_left_alone() {
    let place = Place::new();
    let log = open::beside(&place.path(), "-wal");
    fs::write(&log, b"what was accepted last").unwrap();
    assert!(matches!(refused(&place.path()), OpenError::Foreign { .. }));
    assert_eq!(fs::read(&log).unwrap(), b"what was accepted last");
    assert!(!place.path().exists());
}

#[tokio::test]
async fn what_the_last_process_left_in_the_log_is_in_the_database_before_anything_else() {
    let killed = Place::new();
    let ledger = killed.open();
    accept(&ledger, "a", "one").await.unwrap();
    let place = Place::new();
    for suffix in ["", "-wal"] {
        fs::copy(open::beside(&killed.path(), suffix), open::beside(&place.path(), suffix)).unwrap();
    }
    let log = open::beside(&place.path(), "-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    let ledger = place.open();
    assert_eq!(fs::metadata(&log).unwrap().len(), 0);
    assert_eq!(content(&ledger, "a").await.as_deref(), Some("one"));
}

#[test]
fn every_setting_holds() {
    let place = Place::new();
    let opened = open::open(&place.path()).unwrap();
    let value = |name: &str| {
        opened.connection.query_row(&format!("pragma {name}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert!(rusqlite::version_number() >= 3_051_003);
    assert_eq!((value("synchronous"), value("foreign_keys"), value("trusted_schema")), (2, 1, 0));
    assert_eq!((value("auto_vacuum"), value("page_size"), value("mmap_size")), (2, 8192, 0));
    assert_eq!((value("busy_timeout"), value("journal_size_limit")), (5000, 64 << 20));
    assert_eq!((value("application_id"), value("user_version")), (APPLICATION_ID, migrations::VERSION));
}

#[tokio::test]
async fn only_one_process_has_it_open() {
    let place = Place::new();
    let ledger = place.open();
    assert!(matches!(open(&place.path()), Err(OpenError::AlreadyOpen { .. })));
    ledger.close().await;
    place.open();
}

#[test]
fn a_directory_that_is_missing_is_named() {
    let place = Place::new();
    let error = open(&place.0.path().join("nowhere/ledger.db")).unwrap_err();
    assert!(matches!(error, OpenError::NoDirectory { .. }));
    assert!(error.to_string().contains("nowhere/ledger.db does not exist"), "{error}");
    assert!(!place.0.path().join("nowhere").exists());
}

#[test]
fn what_is_no_ledger_is_left_alone() {
    let place = Place::new();
    assert!(matches!(open(place.0.path()), Err(OpenError::Foreign { what: "a directory", .. })));
    for text in ["x", "not a database, but a text that is long enough to have a header of one hundred bytes"]
    {
        fs::write(place.path(), text).unwrap();
        assert!(matches!(refused(&place.path()), OpenError::Foreign { what: "no SQLite database", .. }));
    }
    let other = place.0.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("create table notes (text)").unwrap();
    assert!(matches!(refused(&other), OpenError::Foreign { what: "a database of another program", .. }));
}

#[tokio::test]
async fn a_newer_ledger_is_left_alone() {
    let place = Place::new();
    place.open().close().await;
    Connection::open(place.path()).unwrap().execute_batch("pragma user_version = 99").unwrap();
    let error = refused(&place.path());
    assert!(matches!(error, OpenError::Newer { found: 99, known: migrations::VERSION, .. }), "{error}");
}

#[tokio::test]
async fn a_damaged_ledger_is_left_alone() {
    let place = Place::new();
    let ledger = place.open();
    for number in 0..200 {
        accept(&ledger, &format!("a{number}"), &"text ".repeat(100)).await.unwrap();
    }
    ledger.close().await;
    let whole = fs::read(place.path()).unwrap();
    for damage in ["cut off", "a page overwritten", "the list of tables overwritten"] {
        let mut bytes = whole.clone();
        match damage {
            "cut off" => bytes.truncate(20_000),
            "a page overwritten" => bytes[3 * 8192..4 * 8192].fill(0xA5),
            _ => bytes[100..400].fill(0xFF),
        }
        fs::write(place.path(), &bytes).unwrap();
        let error = refused(&place.path());
        assert!(matches!(error, OpenError::Corrupt { .. }), "{damage}: {error:?}");
    }
    fs::write(place.path(), &whole).unwrap();
    place.open();
}

#[tokio::test]
async fn a_file_that_nobody_may_write_is_refused() {
    let place = Place::new();
    place.open().close().await;
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o400)).unwrap();
    assert!(matches!(refused(&place.path()), OpenError::ReadOnly { .. }));
}

#[test]
fn a_migration_that_fails_leaves_nothing_behind() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("pragma max_page_count = 8").unwrap();
    let error = migrations::migrate(&connection).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
    assert!(connection.is_autocommit());
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((count("pragma user_version"), count("select count(*) from sqlite_schema")), (0, 0));
    connection.execute_batch("pragma max_page_count = 1000").unwrap();
    migrations::migrate(&connection).unwrap();
    assert_eq!(count("pragma user_version"), migrations::VERSION);
}
