//! Where accepted documents are kept, and how what was delivered is watched.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::error::ConfigError;
use super::parse;
use super::reader::{Noted, Reader};
use super::schema::{
    LEDGER_URL, LEDGER_URL_FILE, RECONCILE_INTERVAL, RECONCILE_SWEEP, RETENTION_DAYS, Setting,
};
use super::secret_file;
use super::sources::Purpose;

/// The longest retention (a hundred years): any longer one is a slip.
const MOST_DAYS: u64 = 36_525;

/// The longest time between checks (a year): any longer one is a slip.
const LONGEST_CHECK_S: u64 = 365 * 86_400;

/// The ledger, and the checks of what was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerConfig {
    /// Where accepted documents are kept.
    pub place: LedgerPlace,
    /// How long documents of finished approvals are kept.
    pub retention: Duration,
    /// Time from a delivery to its second check; none when it is not checked.
    pub reconcile_interval: Option<Duration>,
    /// Time between further checks; none when there are none.
    pub reconcile_sweep: Option<Duration>,
}

/// Where accepted documents are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerPlace {
    /// In this SQLite database.
    Sqlite(PathBuf),
    /// In a database that is gone with the process.
    Temporary,
    /// Nowhere.
    Nowhere,
}

pub(super) fn read(reader: &mut Reader, purpose: Purpose) -> Result<LedgerConfig, Noted> {
    let place = place(reader, purpose);
    let days = reader.value(&RETENTION_DAYS, parse::whole_number(1..=MOST_DAYS));
    let interval = seconds(reader, &RECONCILE_INTERVAL);
    let sweep = seconds(reader, &RECONCILE_SWEEP);
    Ok(LedgerConfig {
        place: place?,
        retention: Duration::from_secs(days? * 86_400),
        reconcile_interval: interval?,
        reconcile_sweep: sweep?,
    })
}

fn seconds(reader: &mut Reader, setting: &Setting) -> Result<Option<Duration>, Noted> {
    let seconds = reader.value(setting, parse::whole_number(0..=LONGEST_CHECK_S))?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
}

fn place(reader: &mut Reader, purpose: Purpose) -> Result<LedgerPlace, Noted> {
    // Files of secrets are for those who serve.
    let from_file = purpose != Purpose::Offline && reader.is_given(&LEDGER_URL_FILE);
    if from_file && reader.is_given(&LEDGER_URL) {
        let (first, second) = (reader.origin(&LEDGER_URL), reader.origin(&LEDGER_URL_FILE));
        return Err(reader.note(ConfigError::Conflict { first, second }));
    }
    if !from_file && purpose == Purpose::ServeSandbox && !reader.is_given(&LEDGER_URL) {
        return Ok(LedgerPlace::Temporary);
    }
    let (url, setting) = if from_file {
        let path = reader.value(&LEDGER_URL_FILE, parse::path)?;
        (secret_file::read(reader, &LEDGER_URL_FILE, &path)?.expose_secret().to_owned(), &LEDGER_URL_FILE)
    } else {
        (reader.value(&LEDGER_URL, parse::text)?, &LEDGER_URL)
    };
    match url.split_once(':') {
        None if url == "none" => Ok(LedgerPlace::Nowhere),
        Some(("sqlite", path)) if !path.is_empty() => Ok(LedgerPlace::Sqlite(path.into())),
        found => {
            // Never shown: it may hold a password.
            let is_postgres = matches!(found, Some(("postgres" | "postgresql", _)));
            let not_yet = if is_postgres { "; PostgreSQL is not supported yet" } else { "" };
            let expected = format!("sqlite:PATH or none{not_yet}");
            let origin = reader.origin(setting);
            Err(reader.note(ConfigError::Invalid { origin, expected, found: None, suggestion: None }))
        }
    }
}
