//! What a transaction needs of leases, and of the server's time.

use std::collections::HashMap;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::columns::Reader;
use super::error::Fault;
use super::session::Session;
use super::time::StoreClock;
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::lease::Epoch;

/// Keeps the lease with whoever has it: another one can take it only when all who write under it are done.
const HOLD: &str = "select app, epoch from lease where app = any($1) order by app for key share";

/// The server's time, Unix milliseconds.
pub(super) const NOW: &str = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

/// Holds the leases of these apps until the transaction ends, and gives their epochs.
pub(super) async fn hold(session: &Session, apps: &[&str]) -> Result<HashMap<String, Epoch>, Fault> {
    if apps.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = session.query(HOLD, &[(&apps, Type::TEXT_ARRAY)]).await?;
    let epoch = |row: &Row| {
        let mut reader = Reader::new(row);
        Ok((reader.text()?, Epoch(reader.number()?)))
    };
    rows.iter().map(epoch).collect()
}

/// Asks the server what time it is.
pub(super) async fn measure(session: &Session, clock: &StoreClock) -> Result<(), Fault> {
    let started = clock.start();
    let rows = session.query(&format!("select {NOW}"), &[]).await?;
    for row in &rows {
        clock.measured(started, Reader::new(row).number()?);
    }
    Ok(())
}
