//! The command line: what can be typed, and the settings that it gives.
//!
//! Nothing is carried out here, and values are checked by [`crate::config`], like those of every other place.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::schema::{self, Setting};
use crate::config::{Flag, Purpose, Sources};

/// A gateway that makes Feishu's approval centre show the approvals of your own systems.
#[derive(Parser)]
#[command(name = "approval-gateway", version, about, after_help = EXAMPLES, after_long_help = long_help())]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  approval-gateway serve --sandbox                 try everything, without credentials
  approval-gateway serve --config gateway.toml     serve for real
  approval-gateway translate < instance.json       see what Feishu would be sent

The environment sets everything that the configuration file does; --help lists it.";

fn long_help() -> String {
    let (examples, _) = EXAMPLES.split_once("\n\n").unwrap_or((EXAMPLES, ""));
    format!(
        "{examples}\n\nEnvironment (over the configuration file, under flags; defaults in brackets):\n{}",
        schema::environment_table()
    )
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the REST API in front of Feishu, or of the sandbox
    Serve(ServeArgs),
    /// Serve only the sandbox, a simulated Feishu for tests
    Sandbox(SandboxArgs),
    /// Turn a flat instance (JSON on standard input) into Feishu's payload, without calling anybody
    Translate(TranslateArgs),
    /// Check configuration, network, clock, credentials and scopes, and say what to click for what is missing
    Doctor(DoctorArgs),
    /// Print the OpenAPI file of the REST API
    Openapi(OpenapiArgs),
    /// Ask a running gateway whether it is ready; the exit status is 0 when it is, else 1
    Healthcheck(HealthcheckArgs),
    /// Send a file of documents, one a line, to a running gateway, and wait until they are delivered
    Import(ImportArgs),
    /// Look after the database in which accepted documents are kept
    Ledger(LedgerArgs),
    /// Give agents tools on standard input and output (Model Context Protocol) that ask a running gateway
    Mcp(McpArgs),
    /// Make keys for callers
    Key {
        /// What to do with keys.
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Print the version
    Version,
}

/// Arguments of `import`.
#[derive(Args)]
pub struct ImportArgs {
    /// The documents, one flat instance a line (NDJSON); - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the gateway is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub gateway: String,
    /// A file with the caller's key
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Write the lines that were invalid, refused or in conflict to this file, with their problems
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Do not wait for the delivery: the exit status is 0 when everything was accepted
    #[arg(long)]
    pub accept_only: bool,
    /// Most documents that are delivered in a minute
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub per_minute: Option<u32>,
}

/// Arguments of `mcp`.
#[derive(Args)]
pub struct McpArgs {
    /// Where the gateway is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub gateway: String,
    /// A file with the caller's key
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Give agents tools that push documents, too, in two calls each; the key needs the scopes read and write
    #[arg(long)]
    pub allow_writes: bool,
}

/// Arguments of `ledger`.
#[derive(Args)]
pub struct LedgerArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: LedgerCommand,
    #[command(flatten)]
    settings: SettingArgs,
}

/// What to do with the ledger.
#[derive(Subcommand)]
pub enum LedgerCommand {
    /// Look whether the database is whole; a gateway may run on it
    Check,
    /// Copy the database to a new file; a gateway may run on it
    Backup {
        /// The copy
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Put a backup in the place of a database that is gone; no gateway may run
    Restore {
        /// The backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Move everything from one database into an empty one, between SQLite and PostgreSQL; no gateway may run
    Migrate {
        /// Where it is: sqlite:PATH or a postgres:// URL (its password comes from GATEWAY_LEDGER__PASSWORD_FILE)
        #[arg(value_name = "FROM")]
        from: String,
        /// Where it shall be
        #[arg(value_name = "TO")]
        to: String,
    },
    /// Print every kept document of an app, one a line, as `import` takes them
    Export {
        /// Name of the app
        #[arg(long, value_name = "NAME", default_value = "default")]
        app: String,
    },
}

/// What to do with caller keys.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key, print it once, and add its hash to the key file
    New(NewKeyArgs),
}

/// Arguments of `key new`.
#[derive(Args)]
pub struct NewKeyArgs {
    /// Name of the caller, as logs and histories show it; it may have several keys
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What the key may do, such as read or read,write [default: read,write]
    #[arg(long, value_name = "SCOPES")]
    pub scope: Option<String>,
    /// Name of the app that the key is for [default: default]
    #[arg(long, value_name = "NAME")]
    pub app: Option<String>,
    /// The key file [default: the configuration's auth.keys_file]
    #[arg(long, value_name = "FILE")]
    pub keys_file: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingArgs,
}

/// Arguments of `serve`.
#[derive(Args)]
pub struct ServeArgs {
    /// Serve in front of the sandbox, in the same process, with no credentials
    #[arg(long)]
    pub sandbox: bool,
    /// Address and port to listen on, such as 127.0.0.1:8080; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// With --sandbox: where taps are relayed to [default: http://127.0.0.1:9000/]
    #[arg(long, value_name = "URL", requires = "sandbox")]
    pub callback_target: Option<String>,
    /// Log every request to Feishu and its answer, secrets and texts replaced by their lengths
    #[arg(long)]
    pub trace_upstream: bool,
    #[command(flatten)]
    settings: SettingArgs,
    #[command(flatten)]
    log: LogArgs,
}

/// Arguments of `sandbox`.
#[derive(Args)]
pub struct SandboxArgs {
    /// Address and port to listen on, such as 127.0.0.1:8081; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    #[command(flatten)]
    settings: SettingArgs,
    #[command(flatten)]
    log: LogArgs,
}

/// Arguments of `translate`.
#[derive(Args)]
pub struct TranslateArgs {
    /// Whether the instance replaces what Feishu has, or adds to it
    #[arg(long, value_enum, default_value_t = TranslateMode::Replace)]
    pub mode: TranslateMode,
    /// Name of the app that would push it; its region decides limits and locales [default: default]
    #[arg(long, value_name = "NAME")]
    pub app: Option<String>,
    /// Print the payload on one line
    #[arg(long)]
    pub compact: bool,
    #[command(flatten)]
    settings: SettingArgs,
}

/// The mode of the push that `translate` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TranslateMode {
    /// The instance is the whole truth
    Replace,
    /// The instance adds and changes only what grew
    Update,
}

/// Arguments of `doctor`.
#[derive(Args)]
pub struct DoctorArgs {
    /// Name of the only app to check; by default all of them
    #[arg(long, value_name = "NAME")]
    pub app: Option<String>,
    /// Language of what to do
    #[arg(long, value_enum, default_value_t = DoctorLanguage::Both)]
    pub lang: DoctorLanguage,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Check the sandbox instead of Feishu, with no credentials, to see what the command does
    #[arg(long)]
    pub sandbox: bool,
    #[command(flatten)]
    settings: SettingArgs,
}

/// Language of what `doctor` says to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorLanguage {
    /// English
    En,
    /// Chinese
    Zh,
    /// English and Chinese
    Both,
}

/// Arguments of `openapi`.
#[derive(Args)]
pub struct OpenapiArgs {
    /// Version of the OpenAPI specification; 3.0 is derived, for tools that stop there
    #[arg(long = "version", value_enum, default_value_t = SpecVersion::V3_1)]
    pub spec_version: SpecVersion,
    /// How the file is written
    #[arg(long, value_enum, default_value_t = SpecFormat::Json)]
    pub format: SpecFormat,
}

/// Version of the OpenAPI specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SpecVersion {
    /// The source of truth
    #[value(name = "3.1")]
    V3_1,
    /// Derived from it
    #[value(name = "3.0")]
    V3_0,
}

/// How the OpenAPI file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SpecFormat {
    /// JSON
    Json,
    /// YAML
    Yaml,
}

/// Arguments of `healthcheck`.
#[derive(Args)]
pub struct HealthcheckArgs {
    /// Address to ask; by default /readyz at the address of the configuration's admin.listen, or else of its listen
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    #[command(flatten)]
    settings: SettingArgs,
}

#[derive(Args)]
struct SettingArgs {
    /// The configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set anything that the configuration file can set, secrets excepted; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
}

#[derive(Args)]
struct LogArgs {
    /// Shape of the log lines
    #[arg(long, value_parser = PossibleValuesParser::new(["text", "json"]))]
    log_format: Option<String>,
    /// Level, or comma-separated target=level directives
    #[arg(long, value_name = "FILTER")]
    log_filter: Option<String>,
}

fn assignment(argument: &str) -> Result<(String, String), &'static str> {
    match argument.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, such as feishu.region=lark"),
    }
}

impl ServeArgs {
    /// The settings typed, before the process adds its environment.
    pub fn sources(&self) -> Sources {
        let purpose = if self.sandbox { Purpose::ServeSandbox } else { Purpose::Serve };
        let mut flags = self.settings.flags();
        flags.extend(named(&schema::LISTEN, "--listen", self.listen.as_deref()));
        let target = self.callback_target.as_deref();
        flags.extend(named(&schema::CALLBACKS_TARGET_URL, "--callback-target", target));
        flags.extend(self.log.flags());
        self.settings.sources(purpose, flags)
    }
}

impl SandboxArgs {
    /// The settings typed, before the process adds its environment.
    pub fn sources(&self) -> Sources {
        let mut flags = self.settings.flags();
        flags.extend(named(&schema::SANDBOX_LISTEN, "--listen", self.listen.as_deref()));
        flags.extend(self.log.flags());
        self.settings.sources(Purpose::Offline, flags)
    }
}

impl TranslateArgs {
    /// The settings typed, before the process adds its environment.
    pub fn sources(&self) -> Sources {
        self.settings.sources(Purpose::Offline, self.settings.flags())
    }
}

impl DoctorArgs {
    /// The settings typed, before the process adds its environment.
    pub fn sources(&self) -> Sources {
        let purpose = if self.sandbox { Purpose::ServeSandbox } else { Purpose::Serve };
        self.settings.sources(purpose, self.settings.flags())
    }
}

impl NewKeyArgs {
    /// The settings typed, before the process adds its environment.
    pub fn sources(&self) -> Sources {
        self.settings.sources(Purpose::Offline, self.settings.flags())
    }
}

impl LedgerArgs {
    /// The settings typed, before the process adds its environment.
    pub fn sources(&self) -> Sources {
        self.settings.sources(Purpose::Ledger, self.settings.flags())
    }
}

impl HealthcheckArgs {
    /// The settings typed, before the process adds its environment.
    pub fn sources(&self) -> Sources {
        self.settings.sources(Purpose::Offline, self.settings.flags())
    }

    /// The address to ask, for a gateway that listens on `listen`: "every address" is asked over loopback.
    pub fn target(&self, listen: SocketAddr, with_tls: bool) -> String {
        if let Some(url) = &self.url {
            return url.clone();
        }
        let ip = match listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let scheme = if with_tls { "https" } else { "http" };
        format!("{scheme}://{}/readyz", SocketAddr::new(ip, listen.port()))
    }
}

impl SettingArgs {
    fn flags(&self) -> Vec<Flag> {
        let flag = |(key, value): &(String, String)| Flag {
            setting: key.clone(),
            value: value.clone(),
            flag: format!("--set {key}"),
        };
        self.set.iter().map(flag).collect()
    }

    fn sources(&self, purpose: Purpose, flags: Vec<Flag>) -> Sources {
        Sources { config_file: self.config.clone(), flags, purpose, ..Sources::default() }
    }
}

impl LogArgs {
    fn flags(&self) -> impl Iterator<Item = Flag> {
        let format = named(&schema::LOG_FORMAT, "--log-format", self.log_format.as_deref());
        format.into_iter().chain(named(&schema::LOG_FILTER, "--log-filter", self.log_filter.as_deref()))
    }
}

/// A flag of its own for one setting; it comes after `--set` and so wins over it.
fn named(setting: &Setting, flag: &str, value: Option<&str>) -> Option<Flag> {
    value.map(|value| Flag {
        setting: setting.name.to_owned(),
        value: value.to_owned(),
        flag: flag.to_owned(),
    })
}
