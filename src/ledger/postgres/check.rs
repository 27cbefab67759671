//! Looks whether what a database says fits together.

use super::columns::Reader;
use super::error::{Fault, classify};
use super::load::body;
use super::open::{self, OpenError};
use super::session::Session;
use super::settings::PostgresSettings;
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::findings::{Findings, MOST, statements};
use tokio_postgres::types::Type;

/// Documents that are looked at together.
const PAGE: i64 = 500;

/// Checks the database, which may be in use: it is only read, as it is at one moment.
///
/// # Errors
/// When it cannot be read at all, or is no ledger.
pub async fn check(settings: &PostgresSettings) -> Result<Findings, OpenError> {
    let (place, mut session) = open::connect(settings).await?;
    let result = async {
        let failed = |fault| open::failed(&place, fault);
        session.begin_snapshot().await.map_err(failed)?;
        session.wait_without_end().await.map_err(failed)?;
        open::require_ledger(&session, &place).await?;
        find(&session).await.map_err(failed)
    }
    .await;
    session.roll_back(true).await;
    result
}

async fn find(session: &Session) -> Result<Findings, Fault> {
    let mut findings = Findings::default();
    for sql in statements() {
        for row in session.query(&sql, &[]).await? {
            findings.faults.push(row.try_get(0).map_err(classify)?);
        }
    }
    documents(session, &mut findings).await?;
    for row in session.query("select count(*) from instance", &[]).await? {
        findings.instances = row.try_get(0).map_err(classify)?;
    }
    findings.faults.truncate(MOST);
    Ok(findings)
}

/// Unpacks every document.
async fn documents(session: &Session, findings: &mut Findings) -> Result<(), Fault> {
    let mut after = 0_i64;
    loop {
        let sql = "select instance_no, format, body from document where instance_no > $1 order by instance_no limit $2";
        let rows = session.query(sql, &[(&after, Type::INT8), (&PAGE, Type::INT8)]).await?;
        for row in &rows {
            let mut reader = Reader::new(row);
            after = reader.number()?;
            findings.documents += 1;
            let is_whole = body(&mut reader).is_ok_and(|body| body.json().is_ok());
            if !is_whole && findings.faults.len() < MOST {
                findings.faults.push(format!("a document cannot be unpacked (number {after})"));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}
