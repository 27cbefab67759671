//! Where accepted documents are kept, and how what was delivered is watched.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::error::ConfigError;
use super::origin::Origin;
use super::parse;
use super::postgres::{self, PostgresConfig, PostgresDefaults};
use super::reader::{Noted, Reader};
use super::schema::{
    LEDGER_ALLOW_UNSAFE, LEDGER_MAX_CONNECTIONS, LEDGER_PASSWORD, LEDGER_PASSWORD_FILE, LEDGER_URL,
    LEDGER_URL_FILE, RECONCILE_INTERVAL, RECONCILE_SWEEP, RETENTION_DAYS, Setting,
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
    /// What is said about PostgreSQL, whatever the database.
    pub postgres: PostgresDefaults,
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
    /// In this PostgreSQL database.
    Postgres(Box<PostgresConfig>),
    /// In a database that is gone with the process.
    Temporary,
    /// Nowhere.
    Nowhere,
}

pub(super) fn read(reader: &mut Reader, purpose: Purpose) -> Result<LedgerConfig, Noted> {
    let postgres = postgres_defaults(reader, purpose);
    let place = place(reader, purpose, postgres.as_ref().ok());
    let days = reader.value(&RETENTION_DAYS, parse::whole_number(1..=MOST_DAYS));
    let interval = seconds(reader, &RECONCILE_INTERVAL);
    let sweep = seconds(reader, &RECONCILE_SWEEP);
    Ok(LedgerConfig {
        place: place?,
        postgres: postgres?,
        retention: Duration::from_secs(days? * 86_400),
        reconcile_interval: interval?,
        reconcile_sweep: sweep?,
    })
}

fn seconds(reader: &mut Reader, setting: &Setting) -> Result<Option<Duration>, Noted> {
    let seconds = reader.value(setting, parse::whole_number(0..=LONGEST_CHECK_S))?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
}

/// The most connections of one gateway; databases allow a hundred by default.
const MOST_CONNECTIONS: u64 = 500;

/// What accepting, delivering and reading need at the same time.
const LEAST_CONNECTIONS: u64 = 4;

fn postgres_defaults(reader: &mut Reader, purpose: Purpose) -> Result<PostgresDefaults, Noted> {
    let mut connection = tokio_postgres::Config::new();
    let password = if purpose == Purpose::Offline { Ok(None) } else { password(reader) };
    let bounds = LEAST_CONNECTIONS..=MOST_CONNECTIONS;
    let max_connections = reader.value(&LEDGER_MAX_CONNECTIONS, parse::whole_number(bounds));
    let allow_unsafe = reader.value(&LEDGER_ALLOW_UNSAFE, parse::truth);
    if let Some(password) = password? {
        connection.password(password.expose_secret());
    }
    let max_connections = usize::try_from(max_connections?).unwrap_or(usize::MAX);
    Ok(PostgresDefaults { connection, max_connections, allow_unsafe: allow_unsafe? })
}

fn password(reader: &mut Reader) -> Result<Option<SecretString>, Noted> {
    if reader.is_given(&LEDGER_PASSWORD) && reader.is_given(&LEDGER_PASSWORD_FILE) {
        let (first, second) = (reader.origin(&LEDGER_PASSWORD), reader.origin(&LEDGER_PASSWORD_FILE));
        return Err(reader.note(ConfigError::Conflict { first, second }));
    }
    if let Some(password) = reader.optional(&LEDGER_PASSWORD, parse::text)? {
        return Ok(Some(password.into()));
    }
    match reader.optional(&LEDGER_PASSWORD_FILE, parse::path)? {
        Some(path) => secret_file::read(reader, &LEDGER_PASSWORD_FILE, &path).map(Some),
        None => Ok(None),
    }
}

impl LedgerConfig {
    /// The place that a URL names, such as one that was typed; `None` when it names none.
    pub fn place_of(&self, url: &str) -> Option<LedgerPlace> {
        place_of(url, Some(&self.postgres))
    }
}

fn place_of(url: &str, defaults: Option<&PostgresDefaults>) -> Option<LedgerPlace> {
    match url.split_once(':') {
        None if url == "none" => Some(LedgerPlace::Nowhere),
        Some(("sqlite", path)) if !path.is_empty() => Some(LedgerPlace::Sqlite(path.into())),
        _ if postgres::is_postgres(url) => {
            defaults?.database(url).map(|database| LedgerPlace::Postgres(Box::new(database)))
        }
        _ => None,
    }
}

fn place(
    reader: &mut Reader,
    purpose: Purpose,
    defaults: Option<&PostgresDefaults>,
) -> Result<LedgerPlace, Noted> {
    // Files of secrets are for those who serve, and for those who look after the ledger.
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
    let origin = reader.origin(setting);
    if matches!(origin, Origin::Flag(_)) && postgres::has_password(&url) {
        let variables = [&LEDGER_PASSWORD_FILE, &LEDGER_PASSWORD].map(Setting::environment_variable).to_vec();
        return Err(reader.note(ConfigError::SecretOnCommandLine { flag: origin, variables }));
    }
    if postgres::is_postgres(&url) && defaults.is_none() {
        // What is wrong was noted where the defaults were read.
        return Err(Noted);
    }
    place_of(&url, defaults).ok_or_else(|| {
        // Never shown: it may hold a password.
        let expected = if postgres::is_postgres(&url) {
            postgres::EXPECTED.to_owned()
        } else {
            "sqlite:PATH, a postgres:// URL, or none".to_owned()
        };
        reader.note(ConfigError::Invalid { origin, expected, found: None, suggestion: None })
    })
}
