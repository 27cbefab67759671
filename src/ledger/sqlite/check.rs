//! Looks whether a database is whole, and whether what it says fits together.

use std::path::Path;

use rusqlite::Connection;

use super::open::{self, OpenError};
use crate::ledger::body::Body;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Instances that the ledger knows.
    pub instances: i64,
    /// Documents that it keeps.
    pub documents: i64,
    /// What is wrong, one sentence each; the first hundred.
    pub faults: Vec<String>,
}

/// Most faults that are told.
const MOST: usize = 100;

/// What must not be found, and in which words it is told.
const INVARIANTS: [(&str, &str); 9] = [
    (
        "an instance is pending without being due, or due without being pending",
        "select instance_no from instance \
         where (state is 'pending') <> (due_at is not null) or (state is 'pending') <> (pending_since is not null)",
    ),
    (
        "an instance has a version later than its clock",
        "select instance_no from instance where version > clock or sent_version > clock",
    ),
    (
        "an instance was sent in a revision that was never accepted",
        "select instance_no from instance where sent_revision > revision",
    ),
    (
        "an instance is delivered in another revision than is desired",
        "select instance_no from instance \
         where state in ('delivered', 'confirmed') and (sent_revision is not revision or sent_version is not version)",
    ),
    (
        "an instance and its document do not fit together",
        "select instance_no from instance left join document using (instance_no) \
         where has_document <> (body is not null)",
    ),
    (
        "an instance waits, or was refused, without a document",
        "select instance_no from instance where state in ('pending', 'refused', 'conflict') and not has_document",
    ),
    (
        "an instance of an import has been delivered",
        "select instance_no from instance \
         where (class = 'import') <> (import_no is not null) \
         or (import_no is not null and state not in ('pending', 'refused', 'conflict'))",
    ),
    (
        "an import counts other documents than wait for it",
        "select import_no from import \
         where accepted - superseded - delivered - refused - canceled <> \
         (select count(*) from instance where instance.import_no = import.import_no and state = 'pending')",
    ),
    (
        "the counts of an app differ from its instances",
        "select count from (select app, state, class, count from tally where count <> 0 \
         except select app, state, class, count(*) from instance where state is not null group by 1, 2, 3)",
    ),
];

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
        for (sentence, sql) in INVARIANTS {
            let sql =
                format!("select '{sentence} (number ' || {column} || ')' from ({sql})", column = column(sql));
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

/// The column that a statement selects.
fn column(sql: &str) -> &str {
    sql.split_whitespace().nth(1).unwrap_or_default()
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
