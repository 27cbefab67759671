//! `ledger`: looks after the database in which accepted documents are kept.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Deserialize;

use super::CommandResult;
use crate::app::postgres_settings;
use crate::cli::{LedgerArgs, LedgerCommand};
use crate::config::{Config, LedgerConfig, LedgerPlace, has_password};
use crate::domain::{AppName, Timestamp};
use crate::ledger::postgres::{self, Place, PostgresSettings};
use crate::ledger::sqlite::{self, OpenError};
use crate::ledger::{Findings, Kept, LedgerError, move_to_postgres, move_to_sqlite};
use crate::support::clock::Clock;

pub(super) fn run(args: &LedgerArgs) -> CommandResult {
    let config = Config::load(args.sources().with_process())?;
    let LedgerConfig { place, .. } = &config.ledger;
    match (&args.command, place) {
        // Both places are typed.
        (LedgerCommand::Migrate { from, to }, _) => migrate(&config.ledger, from, to),
        (_, LedgerPlace::Temporary | LedgerPlace::Nowhere) => Err(NO_LEDGER.into()),
        (LedgerCommand::Check, LedgerPlace::Sqlite(path)) => {
            told(&path.display().to_string(), &sqlite::check(path)?)
        }
        (LedgerCommand::Check, LedgerPlace::Postgres(database)) => {
            let settings = postgres_settings(database);
            let place = Place::of(&settings.connection).to_string();
            told(&place, &wait(postgres::check(&settings))??)
        }
        (LedgerCommand::Backup { file }, LedgerPlace::Sqlite(path)) => {
            sqlite::backup(path, file)?;
            tell(&format!("{} is a copy of {}", file.display(), path.display()))
        }
        (LedgerCommand::Restore { file }, LedgerPlace::Sqlite(path)) => restore(path, file),
        (LedgerCommand::Backup { .. } | LedgerCommand::Restore { .. }, LedgerPlace::Postgres(_)) => {
            Err(PG_DUMP.into())
        }
        (LedgerCommand::Export { app }, LedgerPlace::Sqlite(path)) => export(path, &app.parse()?),
        (LedgerCommand::Export { app }, LedgerPlace::Postgres(database)) => {
            export_from_postgres(&postgres_settings(database), &app.parse()?)
        }
    }
}

/// Moves a ledger.
fn migrate(config: &LedgerConfig, from: &str, to: &str) -> CommandResult {
    let now = Timestamp::of_clock(Clock::System.unix_millis());
    let place = |typed: &str| {
        if has_password(typed) {
            return Err(PASSWORD_TYPED);
        }
        config.place_of(typed).ok_or("FROM and TO are sqlite:PATH or postgres://USER@HOST/DATABASE")
    };
    let moved = match (place(from)?, place(to)?) {
        (LedgerPlace::Sqlite(path), LedgerPlace::Postgres(database)) => {
            wait(move_to_postgres(&path, &postgres_settings(&database), now))??
        }
        (LedgerPlace::Postgres(database), LedgerPlace::Sqlite(path)) => {
            wait(move_to_sqlite(&postgres_settings(&database), &path, now))??
        }
        _ => return Err("a ledger moves from SQLite to PostgreSQL or back: name one of each".into()),
    };
    tell(&format!(
        "{} instances and {} documents are in the new place; the old one is as it was. Nothing is pushed before Feishu was \
         asked what it has. Set ledger.url to the new place before a gateway starts.",
        moved.instances, moved.documents
    ))
}

/// Waits for something that a database is asked for.
fn wait<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}

fn told(place: &str, found: &Findings) -> CommandResult {
    tell(&format!("{place}: {} instances, {} documents", found.instances, found.documents))?;
    for fault in &found.faults {
        tell(fault)?;
    }
    match found.faults.len() {
        0 => Ok(()),
        faults => Err(format!("the ledger {place} has {faults} fault(s)").into()),
    }
}

fn restore(path: &Path, backup: &Path) -> CommandResult {
    let now = Timestamp::of_clock(Clock::System.unix_millis());
    sqlite::restore(backup, path, now)?;
    tell(&format!(
        "{} is in place. Nothing of it is pushed before Feishu was asked what it has.",
        path.display()
    ))
}

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
}

fn export(path: &Path, app: &AppName) -> CommandResult {
    let mut out = BufWriter::new(io::stdout().lock());
    sqlite::export(path, |kept| {
        if kept.record.key.app == *app {
            out.write_all(&line(kept)?)?;
        }
        Ok::<_, ExportError>(())
    })?;
    out.flush()?;
    Ok(())
}

fn export_from_postgres(settings: &PostgresSettings, app: &AppName) -> CommandResult {
    let mut out = BufWriter::new(io::stdout().lock());
    let write = |kept: &Kept| Ok::<_, ExportError>(out.write_all(&line(kept)?)?);
    wait(postgres::export(settings, app, write))??;
    out.flush()?;
    Ok(())
}

/// The members of a document that a line of an import needs beside those of the document.
#[derive(Deserialize)]
struct Named {
    instance_id: Option<String>,
}

/// The document as a line of an import.
fn line(kept: &Kept) -> Result<Vec<u8>, LedgerError> {
    let json = kept.body.json()?;
    let names_itself = serde_json::from_slice::<Named>(&json).is_ok_and(|named| named.instance_id.is_some());
    let mut line = b"{".to_vec();
    if !names_itself {
        line.extend_from_slice(
            format!("\"instance_id\":{},", quoted(&kept.record.key.instance_id)).as_bytes(),
        );
    }
    if !kept.record.is_whole {
        line.extend_from_slice(b"\"mode\":\"update\",");
    }
    let members = json.iter().position(|byte| *byte == b'{').map_or(0, |brace| brace + 1);
    // A line break in JSON is nothing but white space.
    line.extend(json[members..].iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    line.push(b'\n');
    Ok(line)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn tell(text: &str) -> CommandResult {
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}

const NO_LEDGER: &str = "ledger.url (GATEWAY_LEDGER__URL) names no database";

const PASSWORD_TYPED: &str = "a password on the command line can be read by every user of this machine: put it into \
     GATEWAY_LEDGER__PASSWORD_FILE";

const PG_DUMP: &str = "the ledger is in PostgreSQL, which has its own tools: back it up with pg_dump (or the backups of whoever \
     runs it), and restore with pg_restore into an empty database while no gateway runs";
