//! Opens the database, or says why it must not be used; one that is refused is not touched.

use deadpool_postgres::Pool;
use tokio_postgres::Row;

use super::connect::{TlsSetupError, pool};
use super::epochs;
use super::error::{Fault, classify, is_permission};
use super::migrations::{self, Fit, Standing};
use super::session::Session;
use super::settings::{Place, PostgresSettings};
use super::time::StoreClock;
use super::writer::WRITERS;
use crate::ledger::error::LedgerError;
use crate::support::error_chain::ErrorChain;

/// The oldest server that is worked with (`server_version_num`): the oldest that is still maintained.
const OLDEST_SERVER: i32 = 140_000;

/// Why the ledger was not opened; whatever is in the database was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// TLS cannot be set up.
    #[error("the connection to the ledger's database {place} cannot be protected")]
    Tls {
        /// The database.
        place: Place,
        /// What is missing.
        #[source]
        source: TlsSetupError,
    },
    /// It does not answer, or lets nobody in.
    #[error("the ledger's database {place} cannot be reached: check address, sslmode, user and password")]
    Unreachable {
        /// The database.
        place: Place,
        /// What happened.
        #[source]
        source: LedgerError,
    },
    /// The server is too old.
    #[error("the ledger's database {place} runs on PostgreSQL {found}; the gateway needs 14 or later")]
    OldServer {
        /// The database.
        place: Place,
        /// Its version.
        found: String,
    },
    /// It takes no writes.
    #[error(
        "the ledger's database {place} is a standby, which takes no writes: name the primary, or every server with \
         target_session_attrs=read-write"
    )]
    Standby {
        /// The database.
        place: Place,
    },
    /// What it has acknowledged would not survive a crash.
    #[error(
        "the ledger's database {place} has {setting} = off: after a crash of the server accepted documents would be \
         gone; turn it on, or set ledger.allow_unsafe = true for a database that may forget"
    )]
    Unsafe {
        /// The database.
        place: Place,
        /// The setting.
        setting: &'static str,
    },
    /// It is something else.
    #[error(
        "the ledger's database {place} has a table {table} that is none of this gateway: give the gateway a database, or \
         a schema in its user's search_path, of its own"
    )]
    Foreign {
        /// The database.
        place: Place,
        /// The first table that is in the way.
        table: &'static str,
    },
    /// There is nothing in it.
    #[error("the database {place} holds no ledger: the first start of a gateway makes it")]
    Missing {
        /// The database.
        place: Place,
    },
    /// A newer gateway made it.
    #[error(
        "the ledger's database {place} has schema {found} and this program knows {known} at most: start a newer gateway, \
         or restore the dump that was made before the upgrade"
    )]
    Newer {
        /// The database.
        place: Place,
        /// Its schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The user may not do what is needed.
    #[error("the user of the ledger's database {place} may not {what}")]
    Permission {
        /// The database.
        place: Place,
        /// What is missing.
        what: String,
    },
    /// Another gateway takes long to start.
    #[error("another gateway has been preparing the ledger's database {place} for a minute: try again later")]
    Locked {
        /// The database.
        place: Place,
    },
    /// The server refused something.
    #[error("the ledger's database {place} cannot be used")]
    Failed {
        /// The database.
        place: Place,
        /// What it said.
        #[source]
        source: LedgerError,
    },
}

/// The database, ready to be used.
pub(super) struct Opened {
    /// Connections that write.
    pub(super) write: Pool,
    /// Connections that read.
    pub(super) read: Pool,
}

/// How the server stands that a gateway could use.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Its version, as it tells it.
    pub(super) version: String,
    version_number: i32,
    is_standby: bool,
    /// The first setting with which it forgets what it has acknowledged.
    pub(super) unsafe_setting: Option<&'static str>,
    /// How far its clock is ahead of this machine's, in milliseconds.
    pub(super) clock_ahead: i64,
}

/// Connects, and brings the schema up to date.
pub(super) async fn open(settings: &PostgresSettings, clock: &StoreClock) -> Result<Opened, OpenError> {
    let place = Place::of(&settings.connection);
    let tls = |source| OpenError::Tls { place: place.clone(), source };
    let writers = (settings.max_connections / 2).max(WRITERS);
    let readers = settings.max_connections.saturating_sub(writers).max(1);
    let (write, read) = (pool(settings, writers).map_err(tls)?, pool(settings, readers).map_err(tls)?);
    let mut session = Session::open(&write).await.map_err(|fault| unreachable(&place, fault))?;
    session.begin().await.map_err(|fault| failed(&place, fault))?;
    epochs::measure(&session, clock).await.map_err(|fault| failed(&place, fault))?;
    let prepared = prepare(&mut session, &place, settings.allow_unsafe).await;
    match prepared {
        Ok(true) => session.commit().await.map_err(|fault| failed(&place, fault))?,
        Ok(false) => session.roll_back(true).await,
        Err(error) => {
            session.roll_back(true).await;
            return Err(error);
        }
    }
    Ok(Opened { write, read })
}

/// One connection, for whoever looks after the database.
pub(super) async fn connect(settings: &PostgresSettings) -> Result<(Place, Session), OpenError> {
    let place = Place::of(&settings.connection);
    let pool = pool(settings, 1).map_err(|source| OpenError::Tls { place: place.clone(), source })?;
    let session = Session::open(&pool).await.map_err(|fault| unreachable(&place, fault))?;
    Ok((place, session))
}

/// Refuses a database without a ledger that this program knows.
pub(super) async fn require_ledger(session: &Session, place: &Place) -> Result<(), OpenError> {
    let standing = migrations::standing(session).await.map_err(|fault| failed(place, fault))?;
    match fit(standing, place)? {
        Some(_) => Ok(()),
        None => Err(OpenError::Missing { place: place.clone() }),
    }
}

/// Looks at everything and takes the steps that are missing; says whether there is something to commit.
async fn prepare(session: &mut Session, place: &Place, allow_unsafe: bool) -> Result<bool, OpenError> {
    check_server(&server(session).await.map_err(|fault| failed(place, fault))?, place, allow_unsafe)?;
    migrations::lock(session).await.map_err(|fault| match fault.error {
        LedgerError::Busy(_) => OpenError::Locked { place: place.clone() },
        _ => failed(place, fault),
    })?;
    let standing = migrations::standing(session).await.map_err(|fault| failed(place, fault))?;
    let is_changing = match fit(standing, place)? {
        Some(Fit::Ahead) => false,
        _ => !matches!(standing, Standing::Ledger { schema, .. } if schema == migrations::VERSION),
    };
    if is_changing {
        migrations::migrate(session, standing).await.map_err(|fault| {
            if is_permission(&fault) {
                let what =
                    "make its tables: grant it CREATE on the schema, or let it own the database".to_owned();
                return OpenError::Permission { place: place.clone(), what };
            }
            failed(place, fault)
        })?;
    }
    check_permissions(session, place).await?;
    Ok(is_changing)
}

/// What this program may do with what is there; `None` when there is nothing yet.
pub(super) fn fit(standing: Standing, place: &Place) -> Result<Option<Fit>, OpenError> {
    match standing {
        Standing::Empty => Ok(None),
        Standing::Foreign(table) => Err(OpenError::Foreign { place: place.clone(), table }),
        Standing::Ledger { schema, oldest_program } => match migrations::fit(schema, oldest_program) {
            Fit::TooNew => {
                Err(OpenError::Newer { place: place.clone(), found: schema, known: migrations::VERSION })
            }
            fit => Ok(Some(fit)),
        },
    }
}

/// Asks the server how it stands.
pub(super) async fn server(session: &Session) -> Result<Server, Fault> {
    let sql = "select current_setting('server_version'), current_setting('server_version_num')::int, \
         pg_is_in_recovery(), current_setting('fsync'), current_setting('synchronous_commit'), \
         (extract(epoch from clock_timestamp()) * 1000)::bigint";
    let rows = session.query(sql, &[]).await?;
    let row = rows.first().ok_or_else(super::error::late)?;
    let is_off =
        |row: &Row, column| row.try_get::<_, &str>(column).map(|value| value == "off").map_err(classify);
    let unsafe_setting = match (is_off(row, 3)?, is_off(row, 4)?) {
        (true, _) => Some("fsync"),
        (_, true) => Some("synchronous_commit"),
        _ => None,
    };
    let now: i64 = row.try_get(5).map_err(classify)?;
    Ok(Server {
        version: row.try_get(0).map_err(classify)?,
        version_number: row.try_get(1).map_err(classify)?,
        is_standby: row.try_get(2).map_err(classify)?,
        unsafe_setting,
        clock_ahead: now - i64::try_from(crate::support::clock::since_1970().as_millis()).unwrap_or(now),
    })
}

/// Refuses a server that cannot be used.
pub(super) fn check_server(server: &Server, place: &Place, allow_unsafe: bool) -> Result<(), OpenError> {
    let place = place.clone();
    if server.version_number < OLDEST_SERVER {
        return Err(OpenError::OldServer { place, found: server.version.clone() });
    }
    if server.is_standby {
        return Err(OpenError::Standby { place });
    }
    match server.unsafe_setting {
        Some(setting) if !allow_unsafe => Err(OpenError::Unsafe { place, setting }),
        _ => Ok(()),
    }
}

/// Refuses a user who may not use the tables.
pub(super) async fn check_permissions(session: &Session, place: &Place) -> Result<(), OpenError> {
    let sql = "select min(name || ' (' || privilege || ')') from unnest($1) as t(name), \
         unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as p(privilege) \
         where not has_table_privilege(name, privilege)";
    let names = &migrations::TABLES[1..];
    let parameters = [(&names as _, tokio_postgres::types::Type::TEXT_ARRAY)];
    let rows = session.query(sql, &parameters).await.map_err(|fault| failed(place, fault))?;
    match rows.first().and_then(|row| row.try_get::<_, Option<String>>(0).ok().flatten()) {
        None => Ok(()),
        Some(what) => {
            Err(OpenError::Permission { place: place.clone(), what: format!("use the table {what}") })
        }
    }
}

/// No connection.
pub(super) fn unreachable(place: &Place, fault: Fault) -> OpenError {
    OpenError::Unreachable { place: place.clone(), source: fault.error }
}

/// The server refused something.
pub(super) fn failed(place: &Place, fault: Fault) -> OpenError {
    if is_permission(&fault) {
        let what = format!("do all that is needed ({})", ErrorChain(&fault.error));
        return OpenError::Permission { place: place.clone(), what };
    }
    OpenError::Failed { place: place.clone(), source: fault.error }
}
