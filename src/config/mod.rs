//! The gateway's configuration: a TOML file, overridden by the environment, overridden by flags.
//!
//! [`Config::load`] reports everything that is wrong at once, and each error names the place to edit. The settings
//! themselves stand in [`schema`].

mod app;
mod app_settings;
mod auth;
mod callbacks;
mod cors;
mod credentials;
mod environment;
mod error;
mod file;
mod layers;
mod ledger;
mod log;
mod log_filter;
mod log_format;
mod mcp;
mod origin;
mod parse;
mod postgres;
mod proof;
mod reader;
pub mod schema;
mod secret_file;
mod server;
mod signing;
mod sources;
mod store_app;
mod value;
mod webhooks;

use std::net::SocketAddr;
use std::time::Duration;

pub use app::AppConfig;
pub use auth::Auth;
pub use callbacks::SANDBOX_SIGNING_SECRET;
pub use cors::AllowedOrigins;
pub use error::{ConfigError, ConfigErrors};
pub use ledger::{LedgerConfig, LedgerPlace};
pub use log::Log;
pub use log_format::LogFormat;
pub use mcp::Mcp;
pub use origin::Origin;
pub use postgres::{PostgresConfig, PostgresDefaults, PostgresSslMode, has_password};
pub use server::{Server, Tls};
pub use sources::{Flag, Purpose, Sources};
pub use store_app::StoreApp;
pub use webhooks::WebhookConfig;

use reader::{Noted, Reader};

/// Longest time (milliseconds) that a request may be given; callers and proxies give up long before.
const MAX_DEADLINE_MS: u64 = 600_000;

/// Bounds (bytes) of the largest accepted body: enough for a small document, and memory for several at once.
const BODY_BYTES: std::ops::RangeInclusive<u64> = 1_024..=67_108_864;

/// Bounds (bytes) of what all bodies may take together: enough for some requests, and no more than a large machine has.
const CAPACITY_BYTES: std::ops::RangeInclusive<u64> = 1_048_576..=1_099_511_627_776;

/// A configuration in which every value is valid. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the gateway listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// How connections are treated.
    pub server: Server,
    /// Where health and metrics are asked for; without it, where the API is.
    pub admin_listen: Option<SocketAddr>,
    /// Where callbacks of Feishu come in; nowhere without it.
    pub callbacks_listen: Option<SocketAddr>,
    /// Who may call.
    pub auth: Auth,
    /// The web pages that may call; without any, browsers let none.
    pub allowed_origins: Option<AllowedOrigins>,
    /// What agents may do over HTTP.
    pub mcp: Mcp,
    /// The apps, at least one; `default` comes first when there is one.
    pub apps: Vec<AppConfig>,
    /// Limits of a request.
    pub request: Request,
    /// Where accepted documents are kept, and how what was delivered is watched.
    pub ledger: LedgerConfig,
    /// The log.
    pub log: Log,
    /// The trace collector; none unless traces are wanted.
    pub otlp_endpoint: Option<String>,
    /// The sandbox, a simulated Feishu.
    pub sandbox: Sandbox,
}

/// Limits of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Time that it may take, retries included.
    pub deadline: Duration,
    /// Bytes of the largest body accepted.
    pub max_body_bytes: usize,
    /// Bytes that all requests may hold together: bodies, payloads, answers.
    pub capacity_bytes: usize,
}

/// The sandbox, a simulated Feishu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sandbox {
    /// Where it listens; port 0 picks a free one.
    pub listen: SocketAddr,
}

impl Config {
    /// Makes a configuration out of everything that was given.
    ///
    /// # Errors
    /// Lists every unknown name, every bad value, what is missing and what cannot be read, all at once. A bad value
    /// that a higher place overrides is no error.
    pub fn load(sources: Sources) -> Result<Self, ConfigErrors> {
        let purpose = sources.purpose;
        let default_format = if sources.stderr_is_terminal { LogFormat::Text } else { LogFormat::Json };
        let mut reader = Reader::new(layers::merge(sources));
        let log_format = log::format(&mut reader, default_format);
        let config = read(&mut reader, purpose, log_format);
        match (config, reader.into_errors()) {
            (Ok(config), errors) if errors.is_empty() => Ok(config),
            (_, errors) => Err(ConfigErrors::new(errors, log_format.unwrap_or(default_format))),
        }
    }

    /// The app of that name.
    pub fn app(&self, name: &str) -> Option<&AppConfig> {
        self.apps.iter().find(|app| app.name.as_str() == name)
    }
}

/// Reads every section before it gives up on any, so that no error hides another.
fn read(
    reader: &mut Reader,
    purpose: Purpose,
    log_format: Result<LogFormat, Noted>,
) -> Result<Config, Noted> {
    let listen = reader.value(&schema::LISTEN, parse::socket_address);
    let server = server::read(reader, listen);
    let names = reader.apps();
    let admin_listen = reader.optional(&schema::ADMIN_LISTEN, parse::socket_address);
    let auth = auth::read(reader, purpose, listen, &names);
    let allowed_origins = cors::read(reader);
    let mcp = mcp::read(reader);
    let apps = app::read_all(reader, purpose, &names);
    let is_called = match &apps {
        Ok(apps) => Ok(apps.iter().any(AppConfig::is_called)),
        Err(noted) => Err(*noted),
    };
    let callbacks_listen = callbacks::listen(reader, purpose, listen, names.first(), is_called);
    let request = request(reader);
    let ledger = ledger::read(reader, purpose);
    let ledger = events_and_cards_need_a_ledger(reader, apps.as_deref(), ledger);
    let log_filter = reader.value(&schema::LOG_FILTER, log_filter::log_filter);
    let otlp_endpoint = reader.optional(&schema::OTLP_ENDPOINT, parse::web_address);
    let sandbox = sandbox_listen(reader, purpose);
    Ok(Config {
        listen: listen?,
        server: server?,
        admin_listen: admin_listen?,
        callbacks_listen: callbacks_listen?,
        auth: auth?,
        allowed_origins: allowed_origins?,
        mcp: mcp?,
        apps: apps?,
        request: request?,
        ledger: ledger?,
        log: Log { format: log_format?, filter: log_filter? },
        otlp_endpoint: otlp_endpoint?,
        sandbox: Sandbox { listen: sandbox? },
    })
}

fn request(reader: &mut Reader) -> Result<Request, Noted> {
    let deadline = reader.value(&schema::DEADLINE_MS, parse::whole_number(1..=MAX_DEADLINE_MS));
    let max_body_bytes = reader.value(&schema::MAX_BODY_BYTES, parse::whole_number(BODY_BYTES));
    let capacity_bytes = reader.value(&schema::CAPACITY_BYTES, parse::whole_number(CAPACITY_BYTES));
    Ok(Request {
        deadline: Duration::from_millis(deadline?),
        max_body_bytes: usize::try_from(max_body_bytes?).unwrap_or(usize::MAX),
        capacity_bytes: usize::try_from(capacity_bytes?).unwrap_or(usize::MAX),
    })
}

/// Events and cards are kept in the ledger until they are taken.
fn events_and_cards_need_a_ledger(
    reader: &mut Reader,
    apps: Result<&[AppConfig], &Noted>,
    ledger: Result<LedgerConfig, Noted>,
) -> Result<LedgerConfig, Noted> {
    let ledger = ledger?;
    let apps = apps.unwrap_or_default();
    let expected = if apps.iter().any(|app| app.webhooks.is_some()) {
        Some("a ledger: what webhooks.url is told, is kept there until it was taken")
    } else if apps.iter().any(|app| app.notify_tasks) {
        Some("a ledger: the cards of notify.tasks are kept there")
    } else {
        None
    };
    if let Some(expected) = expected.filter(|_| ledger.place == LedgerPlace::Nowhere) {
        let expected = expected.to_owned();
        let (origin, found) = (reader.origin(&schema::LEDGER_URL), Some("none".to_owned()));
        return Err(reader.note(ConfigError::Invalid { origin, expected, found, suggestion: None }));
    }
    Ok(ledger)
}

/// Beside a gateway the sandbox is nobody's address but the gateway's: any free port will do, unless one was asked for.
fn sandbox_listen(reader: &mut Reader, purpose: Purpose) -> Result<SocketAddr, Noted> {
    if purpose == Purpose::ServeSandbox && !reader.is_given(&schema::SANDBOX_LISTEN) {
        return Ok(SocketAddr::from(([127, 0, 0, 1], 0)));
    }
    reader.value(&schema::SANDBOX_LISTEN, parse::socket_address)
}
