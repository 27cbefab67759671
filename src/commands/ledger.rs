//! `ledger`: looks after the database in which accepted documents are kept.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::CommandResult;
use crate::cli::{LedgerArgs, LedgerCommand};
use crate::config::{Config, LedgerPlace};
use crate::domain::{AppName, Timestamp};
use crate::ledger::sqlite::{self, OpenError};
use crate::ledger::{Kept, LedgerError};
use crate::support::clock::Clock;

pub(super) fn run(args: &LedgerArgs) -> CommandResult {
    let path = place(args)?;
    match &args.command {
        LedgerCommand::Check => check(&path),
        LedgerCommand::Backup { file } => {
            sqlite::backup(&path, file)?;
            tell(&format!("{} is a copy of {}", file.display(), path.display()))
        }
        LedgerCommand::Restore { file } => restore(&path, file),
        LedgerCommand::Export { app } => export(&path, &app.parse()?),
    }
}

fn place(args: &LedgerArgs) -> Result<PathBuf, Box<dyn std::error::Error>> {
    match Config::load(args.sources().with_process())?.ledger.place {
        LedgerPlace::Sqlite(path) => Ok(path),
        LedgerPlace::Temporary | LedgerPlace::Nowhere => Err(NO_LEDGER.into()),
    }
}

fn check(path: &Path) -> CommandResult {
    let found = sqlite::check(path)?;
    tell(&format!("{}: {} instances, {} documents", path.display(), found.instances, found.documents))?;
    for fault in &found.faults {
        tell(fault)?;
    }
    match found.faults.len() {
        0 => Ok(()),
        faults => Err(format!("the ledger {} has {faults} fault(s)", path.display()).into()),
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
