//! Looks whether a database is whole, and whether what it says fits together.

use std::path::Path;

use rusqlite::Connection;

use super::open::{self, OpenError};
use crate::ledger::body::Body;
use crate::ledger::findings::{Findings, MOST, statements};

/// Checks the database at this path, which may be in use: it is only read.
///
/// # Errors
/// When it cannot be read at all, or is no ledger.
pub fn check(path: &Path) -> Result<Findings, OpenError> {
    open::inspect(path)?;
    let failed = |error| open::sqlite(path, error);
    let connection = open::read_only(path).map_err(failed)?;
    connection.execute_batch("begin").map_err(failed)?;
    let mut findings = Findings::default();
    let mut faults = Vec::new();
    texts(&connection, "pragma quick_check(100)", &mut faults).map_err(failed)?;
    faults.retain(|fault| fault != "ok");
    if faults.is_empty() {
        texts(
            &connection,
            "select 'a row of ' || \"table\" || ' belongs to nothing' from pragma_foreign_key_check",
            &mut faults,
        )
        .map_err(failed)?;
        for sql in statements() {
            texts(&connection, &sql, &mut faults).map_err(failed)?;
        }
        documents(&connection, &mut findings, &mut faults).map_err(failed)?;
    }
    findings.instances =
        connection.query_row("select count(*) from instance", [], |row| row.get(0)).map_err(failed)?;
    faults.truncate(MOST);
    findings.faults = faults;
    Ok(findings)
}

fn texts(connection: &Connection, sql: &str, found: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if found.len() >= MOST {
            break;
        }
        found.push(row.get(0)?);
    }
    Ok(())
}

/// Unpacks every document.
fn documents(
    connection: &Connection,
    findings: &mut Findings,
    faults: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("select instance_no, format, body from document")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        findings.documents += 1;
        let body = Body::stored(row.get(1)?, row.get::<_, Vec<u8>>(2)?);
        if body.json().is_err() && faults.len() < MOST {
            faults.push(format!("a document cannot be unpacked (number {})", row.get::<_, i64>(0)?));
        }
    }
    Ok(())
}
