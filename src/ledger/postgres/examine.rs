//! Looks at a database from outside: could a gateway use it? Nothing is made or changed.

use std::collections::BTreeMap;

use tokio_postgres::types::Type;

use super::columns::Reader;
use super::error::{Fault, classify};
use super::leases;
use super::migrations::{self, Fit};
use super::open::{self, OpenError};
use super::queries::APP_TICKET;
use super::session::Session;
use super::settings::{Place, PostgresSettings};
use crate::ledger::app_ticket::AppTicket;
use crate::ledger::columns::ColumnReader as _;
use crate::ledger::lease::Lease;

/// How a database stands that a gateway could use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The server's version.
    pub version: String,
    /// Its schema; `None` when the first start of a gateway makes it.
    pub schema: Option<i64>,
    /// The newest schema that this program knows.
    pub known: i64,
    /// A setting with which the server forgets what it has acknowledged, if it may have one.
    pub unsafe_setting: Option<&'static str>,
    /// How far its clock is ahead of this machine's, in milliseconds.
    pub clock_ahead: i64,
    /// The gateways that were heard of just now.
    pub replicas: u64,
    /// Who pushes for each app.
    pub leases: BTreeMap<String, Lease>,
}

/// Looks at the database.
///
/// # Errors
/// Says why no gateway could use it.
pub async fn examine(settings: &PostgresSettings) -> Result<Standing, OpenError> {
    let (place, session) = open::connect(settings).await?;
    let standing = look(&session, &place, settings.allow_unsafe).await;
    session.roll_back(true).await;
    standing
}

/// The tickets of these store apps in the database, as far as there are any.
///
/// # Errors
/// When the database cannot be read.
pub async fn kept_tickets(
    settings: &PostgresSettings,
    app_ids: &[String],
) -> Result<BTreeMap<String, AppTicket>, OpenError> {
    if app_ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (place, session) = open::connect(settings).await?;
    let tickets = read_tickets(&session, app_ids).await;
    session.roll_back(true).await;
    tickets.map_err(|fault| open::failed(&place, fault))
}

async fn read_tickets(session: &Session, app_ids: &[String]) -> Result<BTreeMap<String, AppTicket>, Fault> {
    session.begin_snapshot().await?;
    let mut tickets = BTreeMap::new();
    // One of an earlier version knows no tickets.
    if session.query("select 1 where to_regclass('app_ticket') is not null", &[]).await?.is_empty() {
        return Ok(tickets);
    }
    for app_id in app_ids {
        let rows = session.query(APP_TICKET, &[(app_id, Type::TEXT)]).await?;
        let kept = rows.first().map(|row| Reader::new(row).app_ticket()).transpose()?.flatten();
        tickets.extend(kept.map(|kept| (app_id.clone(), kept)));
    }
    Ok(tickets)
}

async fn look(session: &Session, place: &Place, allow_unsafe: bool) -> Result<Standing, OpenError> {
    let failed = |fault| open::failed(place, fault);
    session.begin_snapshot().await.map_err(failed)?;
    let server = open::server(session).await.map_err(failed)?;
    open::check_server(&server, place, allow_unsafe)?;
    let standing = migrations::standing(session).await.map_err(failed)?;
    match open::fit(standing, place)? {
        None | Some(Fit::Usable) if !may_create(session).await.map_err(failed)? && needs_steps(standing) => {
            let what = "make tables in its schema: grant it CREATE".to_owned();
            return Err(OpenError::Permission { place: place.clone(), what });
        }
        None => {}
        Some(_) => open::check_permissions(session, place).await?,
    }
    let schema = match standing {
        migrations::Standing::Ledger { schema, .. } => Some(schema),
        migrations::Standing::Empty | migrations::Standing::Foreign(_) => None,
    };
    let (replicas, leases) = match schema {
        Some(_) => leases::all(session).await.map_err(failed)?,
        None => Default::default(),
    };
    let open::Server { version, unsafe_setting, clock_ahead, .. } = server;
    let known = migrations::VERSION;
    Ok(Standing { version, schema, known, unsafe_setting, clock_ahead, replicas, leases })
}

fn needs_steps(standing: migrations::Standing) -> bool {
    !matches!(standing, migrations::Standing::Ledger { schema, .. } if schema >= migrations::VERSION)
}

async fn may_create(session: &Session) -> Result<bool, Fault> {
    let sql = "select coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)";
    let rows = session.query(sql, &[]).await?;
    rows.first().map_or(Ok(false), |row| row.try_get(0).map_err(classify))
}
