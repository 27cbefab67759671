//! Hands out every kept document.

use tokio_postgres::types::Type;

use super::columns::Reader;
use super::error::Fault;
use super::load::body;
use super::open::{self, OpenError};
use super::session::Session;
use super::settings::PostgresSettings;
use crate::domain::AppName;
use crate::ledger::acceptance::Kept;
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::record::InstanceKey;
use crate::ledger::rows::COLUMNS;

/// Documents that are read together.
const PAGE: i64 = 200;

/// Hands out the kept documents of an app, in the order in which the instances came; the database may be in use.
///
/// # Errors
/// When the database cannot be read, or when `take` fails.
pub async fn export<E: From<OpenError>>(
    settings: &PostgresSettings,
    app: &AppName,
    mut take: impl FnMut(&Kept) -> Result<(), E>,
) -> Result<(), E> {
    let (place, session) = open::connect(settings).await?;
    open::require_ledger(&session, &place).await?;
    let failed = |fault| open::failed(&place, fault);
    let mut after = 0;
    loop {
        let page = documents_behind(&session, app, after).await.map_err(failed)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, kept) in &page {
            take(kept)?;
        }
    }
    session.give_back();
    Ok(())
}

async fn documents_behind(session: &Session, app: &AppName, after: i64) -> Result<Vec<(i64, Kept)>, Fault> {
    let sql = format!(
        "select instance_no, instance_id, {}, format, body from instance join document using (instance_no) \
         where app = $1 and instance_no > $2 order by instance_no limit $3",
        COLUMNS.join(", ")
    );
    let name = app.as_str();
    let parameters = [(&name as _, Type::TEXT), (&after as _, Type::INT8), (&PAGE as _, Type::INT8)];
    let rows = session.query(&sql, &parameters).await?;
    let kept = |row| {
        let mut reader = Reader::new(row);
        let (number, key) = (reader.number()?, InstanceKey::new(app.clone(), reader.text()?));
        let record = reader.record(key)?;
        Ok((number, Kept { record, body: body(&mut reader)? }))
    };
    rows.iter().map(kept).collect()
}
